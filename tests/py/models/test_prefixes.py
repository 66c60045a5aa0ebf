"""What goes before queries and passages: the model's own prompts, else what is known of its name."""

import json

import pytest

from nearside.models.catalog import make_card
from nearside.models.prefixes import prefixes

SEARCHING = "Represent this sentence for searching relevant passages: "


@pytest.mark.parametrize(
    ("id", "query", "passage"),
    [
        ("Xenova/multilingual-e5-small", "query: ", "passage: "),
        ("intfloat/e5-small-v2", "query: ", "passage: "),
        ("intfloat/multilingual-e5-large-instruct", "", ""),
        ("BAAI/bge-small-en-v1.5", SEARCHING, ""),
        ("Xenova/bge-base-en", SEARCHING, ""),
        ("BAAI/bge-m3", "", ""),
        ("BAAI/bge-reranker-base", "", ""),
        ("nomic-ai/nomic-embed-text-v1.5", "search_query: ", "search_document: "),
        ("mixedbread-ai/mxbai-embed-large-v1", SEARCHING, ""),
        ("nearside/all-MiniLM-L6-v2", "", ""),
        ("e5-lover/all-MiniLM-L6-v2", "", ""),
    ],
)
def test_known_by_name(id, query, passage):
    made = prefixes(id, {})
    assert (made.get("query", ""), made.get("passage", "")) == (query, passage)
    assert None not in made


@pytest.mark.parametrize("name", ["passage", "document", "corpus"])
def test_the_model_s_own_prompts_go_first(name):
    own = {"prompts": {"query": "Q: ", name: "D: "}, "default_prompt_name": None}
    assert prefixes("intfloat/e5-small-v2", own) == {"query": "Q: ", "passage": "D: "}


def test_a_default_prompt_is_for_texts_of_no_kind():
    own = {"prompts": {"query": "Q: ", "both": "B: "}, "default_prompt_name": "both"}
    assert prefixes("org/name", own) == {"query": "Q: ", None: "B: "}


@pytest.mark.parametrize(
    "own", [{}, {"prompts": None}, {"prompts": {}}, {"prompts": {"query": "", "document": ""}}]
)
def test_no_prompts_are_none(own):
    assert prefixes("org/name", own) == {}
    assert prefixes("intfloat/e5-small-v2", own)["query"] == "query: "


@pytest.mark.parametrize(
    ("config", "tokenizer", "expected"),
    [
        ({"model_type": "bert", "max_position_embeddings": 512}, 512, 512),
        ({"model_type": "xlm-roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 10**30, 512),
        ({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512, 512),
        ({"model_type": "mpnet", "max_position_embeddings": 514}, 384, 384),
        ({"model_type": "bert", "max_position_embeddings": 512}, 256, 256),
        ({"model_type": "nomic_bert", "n_positions": 8192, "max_trained_positions": 2048}, 8192, 2048),
        (
            {
                "model_type": "nomic_bert",
                "n_positions": 8192,
                "max_trained_positions": 2048,
                "rotary_scaling_factor": 2,
            },
            8192,
            8192,
        ),
        ({"model_type": "deberta-v2", "max_position_embeddings": -1}, 10**30, None),
    ],
)
def test_the_real_length(config, tokenizer, expected):
    files = {
        "config.json": json.dumps(config),
        "tokenizer_config.json": json.dumps({"model_max_length": tokenizer}),
    }
    assert make_card("org/name", {}, files)["maxTokens"] == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("cls_token", "cls"), ("mean_tokens", "mean"), ("max_tokens", "max"), ("lasttoken", "last")],
)
def test_the_pooling(mode, expected):
    kinds = ("cls_token", "mean_tokens", "max_tokens", "lasttoken", "mean_sqrt_len_tokens")
    text = json.dumps({f"pooling_mode_{kind}": kind == mode for kind in kinds})
    assert make_card("org/name", {}, {"1_Pooling/config.json": text})["pooling"] == expected
