"""Frames put pairs together exactly as Rust's tokenizers do."""

import json

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from nearside.errors import ModelCorrupt, UnsupportedModel
from nearside.specialists.frame import feeds, frame_of

NAMES = [
    "bert_nli",
    "roberta_qa",
    "xlmr_rerank",
    "deberta_nli",
    "xlmr_embed",
    "marian",
    "t5",
    "bart_summ",
    "qwen3",
]
TEXTS = ["", "a question?", "Größe 東京 🚀", "  spaces  ", "don't stop"]


def rust(architectures, name):
    made = tokenizers.Tokenizer.from_file(str(architectures / name / "tokenizer.json"))
    made.no_truncation()
    made.no_padding()
    return made


def same(model, theirs, a, b):
    """Compare a single text and a pair with Rust's."""
    frame = frame_of(model)
    ids = model.tokenizer.encode([a, b], special=False)
    one, two = frame.single(ids[0]), frame.pair(*ids)
    expected = theirs.encode(a)
    assert (one.ids.tolist(), one.types.tolist()) == (expected.ids, expected.type_ids)
    expected = theirs.encode(a, b)
    assert (two.ids.tolist(), two.types.tolist()) == (expected.ids, expected.type_ids)
    assert two.ids[two.a : two.a + len(ids[0])].tolist() == ids[0].tolist()
    assert two.ids[two.b : two.b + len(ids[1])].tolist() == ids[1].tolist()
    assert len(one.ids) - len(ids[0]) == frame.around_one
    assert len(two.ids) - len(ids[0]) - len(ids[1]) == frame.around_two


@pytest.mark.parametrize("name", NAMES)
def test_a_pair_is_rust_s(architectures, function_model, name):
    model, theirs = function_model(name, None), rust(architectures, name)
    for a in TEXTS:
        for b in TEXTS:
            same(model, theirs, a, b)


@pytest.mark.parametrize("name", ["bert_nli", "roberta_qa", "xlmr_rerank"])
def test_any_pair_is_rust_s(architectures, function_model, name):
    model, theirs = function_model(name, None), rust(architectures, name)

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=30), st.text(max_size=30))
    def check(a, b):
        same(model, theirs, a, b)

    check()


@pytest.mark.parametrize(
    "processor",
    [
        None,
        {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        {
            "type": "RobertaProcessing",
            "sep": ["[SEP]", 3],
            "cls": ["[CLS]", 2],
            "trim_offsets": True,
            "add_prefix_space": False,
        },
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        {
            "type": "Sequence",
            "processors": [
                {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
                {
                    "type": "TemplateProcessing",
                    "single": [
                        {"SpecialToken": {"id": "two", "type_id": 0}},
                        {"Sequence": {"id": "A", "type_id": 0}},
                    ],
                    "pair": [
                        {"Sequence": {"id": "A", "type_id": 0}},
                        {"SpecialToken": {"id": "two", "type_id": 1}},
                        {"Sequence": {"id": "B", "type_id": 1}},
                    ],
                    "special_tokens": {"two": {"id": "two", "ids": [2, 3], "tokens": ["[CLS]", "[SEP]"]}},
                },
            ],
        },
    ],
)
def test_every_kind_of_post_processor(tmp_path, architectures, function_model, processor):
    spec = json.loads((architectures / "bert_nli" / "tokenizer.json").read_text("utf-8"))
    spec["post_processor"] = processor
    (tmp_path / "tokenizer.json").write_text(json.dumps(spec), "utf-8")
    model = function_model("bert_nli", None)
    model.files["tokenizer.json"] = json.dumps(spec)
    theirs = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for a in TEXTS:
        same(model, theirs, a, "the second")


def test_a_vocabulary_that_stands_first_does_not_deceive(function_model):
    model = function_model("bert_nli", None)
    spec = json.loads(model.files["tokenizer.json"])
    expected = frame_of(model)
    spec["model"]["vocab"]["post_processor"] = 9
    model.files["tokenizer.json"] = json.dumps({"model": spec.pop("model"), **spec})
    assert frame_of(model) == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"post_processor": {"type": "Surprise"}}', UnsupportedModel),
        ('{"post_processor": {"type": "BertProcessing"}}', ModelCorrupt),
        ('{"post_processor": "x"}', ModelCorrupt),
        ('{"post_processor": {', ModelCorrupt),
        (
            '{"post_processor": {"type": "Sequence", "processors": ['
            '{"type": "BertProcessing", "sep": ["a", 1], "cls": ["b", 2]}, '
            '{"type": "BertProcessing", "sep": ["a", 1], "cls": ["b", 2]}]}}',
            UnsupportedModel,
        ),
    ],
)
def test_what_cannot_be_read_is_said(function_model, text, error):
    model = function_model("bert_nli", None)
    model.files["tokenizer.json"] = text
    with pytest.raises(error):
        frame_of(model)


def test_feeds_are_what_the_graph_takes(function_model):
    ids = np.int64([7, 8])
    model = function_model("bert_nli", None, inputs=("input_ids", "attention_mask", "token_type_ids"))
    made = feeds(model, frame_of(model).pair(ids, ids))
    assert {name: array.tolist() for name, array in made.items()} == {
        "input_ids": [[2, 7, 8, 3, 7, 8, 3]],
        "attention_mask": [[1] * 7],
        "token_type_ids": [[0, 0, 0, 0, 1, 1, 1]],
    }
    roberta = function_model("roberta_qa", None, inputs=("input_ids", "position_ids"))
    made = feeds(roberta, frame_of(roberta).single(ids))
    assert made["position_ids"].tolist() == [[2, 3, 4, 5]]  # after the padding id
    assert set(made) == {"input_ids", "position_ids"}


def test_nothing_at_all_is_read_as_padding(function_model):
    model = function_model("bert_nli", None, pad_token_id=5)
    model.files["tokenizer.json"] = "{}"
    made = feeds(model, frame_of(model).single(np.int64([])))
    assert {name: array.tolist() for name, array in made.items()} == {
        "input_ids": [[5]],
        "attention_mask": [[1]],
        "token_type_ids": [[0]],
    }
