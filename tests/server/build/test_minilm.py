"""The starter graph against the published model, and what the builder refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import tokenizers
from numpy.typing import NDArray

from nearside_server.build import minilm, quantize, safetensors
from nearside_server.build.errors import BadModel
from nearside_server.build.pins import STARTER_INT8_LIMIT
from nearside_server.build.starter import plain_tokenizer

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "minilm"
SENTENCES: list[str] = json.loads((FIXTURES / "sentences.json").read_text("utf-8"))
REFERENCE = np.load(FIXTURES / "reference.npy")

Model = dict[str, Any]


@pytest.fixture(scope="module")
def model(starter_source: dict[str, bytes]) -> Model:
    tokenizer = tokenizers.Tokenizer.from_str(plain_tokenizer(starter_source["tokenizer.json"]).decode())
    weights = safetensors.load(starter_source["model.safetensors"])
    config = json.loads(starter_source["config.json"])
    return {"weights": weights, "config": config, "tokenizer": tokenizer}


def built(model: Model, dtype: str) -> bytes:
    return minilm.build_minilm(model["weights"], model["config"], dtype)


def session(content: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def fp32(model: Model) -> onnxruntime.InferenceSession:
    return session(built(model, "fp32"))


@pytest.fixture(scope="module")
def int8(model: Model) -> bytes:
    return built(model, "int8")


def run(graph: onnxruntime.InferenceSession, rows: list[list[int]]) -> NDArray[np.float32]:
    """Run token ids, padded to the longest, in one call."""
    longest = max(map(len, rows))
    ids = np.array([row + [0] * (longest - len(row)) for row in rows], np.int64)
    mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in rows], np.int64)
    feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    vectors: NDArray[np.float32] = graph.run(["sentence_embedding"], feeds)[0]
    return vectors


def embed(graph: onnxruntime.InferenceSession, model: Model) -> NDArray[np.float32]:
    """Return the vectors of the fixture sentences, one call each."""
    rows = [encoding.ids for encoding in model["tokenizer"].encode_batch(SENTENCES)]
    return np.vstack([run(graph, [row]) for row in rows])


def test_the_fixture_is_what_it_says() -> None:
    assert len(SENTENCES) == len(set(SENTENCES)) == 50
    assert REFERENCE.shape == (50, 384)
    np.testing.assert_allclose(np.linalg.norm(REFERENCE, axis=1), 1, atol=1e-6)


def cosines(graph: onnxruntime.InferenceSession, model: Model) -> NDArray[np.float32]:
    """Return the cosine of each fixture sentence's vector to the published model's."""
    return (embed(graph, model) * REFERENCE).sum(axis=1)


def test_fp32_is_the_published_model(model: Model, fp32: onnxruntime.InferenceSession) -> None:
    assert cosines(fp32, model).min() >= 0.9999


def test_fp16_is_close(model: Model) -> None:
    assert cosines(session(built(model, "fp16")), model).min() >= 0.9999


def test_int8_is_close(model: Model, int8: bytes) -> None:
    found = cosines(session(int8), model)  # measured: mean 0.9985, worst 0.9961
    assert found.mean() >= 0.998
    assert found.min() >= 0.993, SENTENCES[int(found.argmin())]


def test_the_int8_graph(model: Model, int8: bytes) -> None:
    assert len(int8) <= STARTER_INT8_LIMIT
    assert built(model, "int8") == int8, "the same weights must make the same file"
    graph = onnx.load_from_string(int8).graph
    assert [value.name for value in graph.input] == ["input_ids", "attention_mask", "token_type_ids"]
    assert [value.name for value in graph.output] == ["sentence_embedding"]
    assert "MatMulInteger" in {node.op_type for node in graph.node}
    large = [tensor for tensor in graph.initializer if np.prod(tensor.dims) > 250_000]
    assert large
    assert {tensor.data_type for tensor in large} == {onnx.TensorProto.INT8}


def test_padding_does_not_change_a_vector(model: Model, fp32: onnxruntime.InferenceSession) -> None:
    rows = [encoding.ids for encoding in model["tokenizer"].encode_batch([SENTENCES[0], SENTENCES[-1]])]
    together = run(fp32, rows)
    alone = np.vstack([run(fp32, [row]) for row in rows])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_the_segment_is_read(model: Model, fp32: onnxruntime.InferenceSession) -> None:
    ids = np.array([model["tokenizer"].encode(SENTENCES[3]).ids], np.int64)
    feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    first, second = (
        fp32.run(None, feeds | {"token_type_ids": np.full_like(ids, segment)})[0][0] for segment in (0, 1)
    )
    assert not np.allclose(first, second, atol=1e-3)


def test_the_tokenizer_neither_cuts_nor_pads(starter_source: dict[str, bytes]) -> None:
    tokenizer = json.loads(plain_tokenizer(starter_source["tokenizer.json"]))
    assert (tokenizer["truncation"], tokenizer["padding"]) == (None, None)
    published = json.loads(starter_source["tokenizer.json"])
    assert {key for key in published if tokenizer[key] != published[key]} == {"truncation", "padding"}


def test_what_is_refused(model: Model) -> None:
    with pytest.raises(BadModel, match="cannot be built as q4"):
        built(model, "q4")
    with pytest.raises(BadModel, match="for BERT encoders"):
        minilm.build_minilm(model["weights"], model["config"] | {"model_type": "gpt2"}, "fp32")
    with pytest.raises(BadModel, match=r"lack 'embeddings\.word"):
        minilm.build_minilm({}, model["config"], "fp32")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x08\0\0\0\0\0\0\0{}",
        b"\xff" * 16,
        (20).to_bytes(8, "little") + b'{"a":{"dtype":"F32"}' + b"\0" * 4,
        b"<html>not found</html>",
    ],
)
def test_damaged_weights_are_a_typed_error(content: bytes) -> None:
    with pytest.raises(BadModel, match="not a safetensors file"):
        safetensors.load(content)


def test_reading_weights() -> None:
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "b": {"dtype": "F16", "shape": [2], "data_offsets": [24, 28]},
            "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        }
    ).encode()
    values, more = np.arange(6, dtype=np.float32), np.array([1, -2], np.float16)
    tensors = safetensors.load(len(header).to_bytes(8, "little") + header + values.tobytes() + more.tobytes())
    np.testing.assert_array_equal(tensors["a"], values.reshape(2, 3))
    np.testing.assert_array_equal(tensors["b"], more)


@pytest.mark.parametrize("quantise", [quantize.columns, quantize.rows])
def test_quantised_weights_are_off_by_half_a_step_at_most(quantise: Any) -> None:
    values = np.random.default_rng(5).normal(size=(40, 30)).astype(np.float32)
    values[:, 3] = 0
    values[7] = 0
    values[1, 2] = 50
    integers, scales = quantise(values)
    assert integers.dtype == np.int8
    assert np.abs(integers.astype(int)).max() == 127
    assert (np.abs(integers * scales - values) <= scales * 0.5001).all()


def test_outliers_name_products_of_the_graph(model: Model) -> None:
    encoder = minilm.Encoder(model["weights"], model["config"], "int8")
    encoder.build()
    assert set(minilm.OUTLIERS) <= {name for name in encoder.products if name.endswith(minilm.SMOOTHED)}


def test_without_the_outlier_table_the_model_is_worse(
    model: Model, int8: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minilm, "OUTLIERS", {})
    error = 1 - cosines(session(int8), model).mean()
    assert 1 - cosines(session(built(model, "int8")), model).mean() > 1.5 * error
