"""Reading a vector out of whatever a graph gives."""

import numpy as np
import pytest

from nearside.errors import ModelCorrupt, UnsupportedModel
from nearside.models.loaded import describe, unit
from nearside.ports.fakes import FakeRuntime, FakeTokenizers
from nearside.ports.runtime import ModelInfo


class Session:
    """As much of a session as is described."""

    def __init__(
        self, inputs=("input_ids", "attention_mask"), outputs=("last_hidden_state",), files=None, card=None
    ):
        self.files = {"tokenizer.json": "{}"} if files is None else files
        self.info = ModelInfo(
            "org/name", "r1", "fp32", "onnx/model.onnx", None, "cpu", inputs, outputs, {}, card or {}
        )


def loaded(**options):
    return describe(Session(**options), FakeTokenizers(), None)


def test_a_graph_that_pools_gives_the_vector_itself():
    model = loaded(outputs=("token_embeddings", "sentence_embedding"), card={"pooling": "graph"})
    assert model.output == "sentence_embedding"
    got = model.vector({"sentence_embedding": np.float32([[3, 4]])})
    assert got == pytest.approx([0.6, 0.8])
    assert got.dtype == np.float32


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [("mean", [0.6, 0.8]), ("cls", [1, 0]), ("last", [0, 1]), ("max", [0.6, 0.8])],
)
def test_a_graph_that_gives_a_row_for_each_token(pooling, expected):
    model = loaded(card={"pooling": pooling})
    rows = {"last": [[4, 8], [0, 8]], "max": [[6, 0], [4, 8]]}.get(pooling, [[2, 0], [4, 8]])
    got = model.vector({"last_hidden_state": np.float32([rows])})
    assert got == pytest.approx(expected)


def test_half_precision_becomes_single():
    model = loaded()
    assert model.vector({"last_hidden_state": np.float16([[[2, 0]]])}).dtype == np.float32


def test_feeds_are_what_the_graph_takes():
    ids = np.int64([101, 7, 102])
    feeds = loaded(inputs=("input_ids", "attention_mask", "token_type_ids")).feeds(ids)
    assert {name: (a.tolist(), a.dtype) for name, a in feeds.items()} == {
        "input_ids": ([[101, 7, 102]], np.int64),
        "attention_mask": ([[1, 1, 1]], np.int64),
        "token_type_ids": ([[0, 0, 0]], np.int64),
    }
    assert set(loaded().feeds(ids)) == {"input_ids", "attention_mask"}
    files = {"tokenizer.json": "{}", "config.json": '{"model_type": "roberta", "pad_token_id": 1}'}
    made = loaded(inputs=("input_ids", "position_ids"), files=files).feeds(ids)
    assert made["position_ids"].tolist() == [[2, 3, 4]]


@pytest.mark.parametrize(
    "options",
    [
        {"outputs": ("logits",)},
        {"outputs": ()},
        {"inputs": ("pixel_values",)},
        {"inputs": ("input_ids", "decoder_input_ids")},
    ],
)
def test_a_model_for_something_else_is_refused(options):
    with pytest.raises(UnsupportedModel, match="org/name does not turn a text into a vector"):
        loaded(**options)


def test_the_window_comes_from_the_card_else_from_the_files_else_it_is_512():
    config = {"tokenizer.json": "{}", "tokenizer_config.json": '{"model_max_length": 128}'}
    assert loaded(card={"maxTokens": 256}, files=config).max_tokens == 256
    assert loaded(files=config).max_tokens == 128
    assert loaded().max_tokens == 512
    assert loaded().special == 2


def test_without_a_hash_the_weights_are_named_by_what_is_known():
    assert loaded().key.startswith("org/name@r1/onnx/model.onnx+")


@pytest.mark.parametrize(
    "changed",
    [
        {"card": {"pooling": "cls"}},
        {"card": {"maxTokens": 9}},
        {"files": {"tokenizer.json": "[]"}},
        {"files": {"tokenizer.json": "{}", "config.json": '{"model_type": "nomic_bert"}'}},
        {
            "files": {
                "tokenizer.json": "{}",
                "config_sentence_transformers.json": '{"prompts": {"query": "Q: "}}',
            }
        },
    ],
    ids=["pooling", "window", "tokenizer", "config", "prefixes"],
)
def test_the_key_covers_all_that_decides_on_a_vector(changed):
    """The same weights with another tokenizer give other vectors: those that were kept must not be used."""
    assert loaded().key == loaded().key != loaded(**changed).key


@pytest.mark.parametrize(
    "files", [{}, {"tokenizer.json": "broken"}, {"tokenizer.json": "{}", "config.json": "{"}]
)
def test_broken_files_are_a_corrupt_model(files):
    with pytest.raises(ModelCorrupt):
        loaded(files=files)


def test_unit():
    assert unit(np.float32([0, 5])).tolist() == [0, 1]
    assert unit(np.zeros(3, np.float32)).tolist() == [0, 0, 0]


async def test_the_fake_model_can_be_described():
    session = await FakeRuntime().open("nearside/all-MiniLM-L6-v2")
    model = describe(session, FakeTokenizers(), None)
    assert (model.max_tokens, model.output, model.used.dtype) == (16, "sentence_embedding", "int8")
