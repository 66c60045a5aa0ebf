"""A tiny model in a folder: a real graph and a real tokenizer, made on the spot."""

import json

import numpy as np
import onnx
import pytest
import tokenizers
from onnx import TensorProto, helper, numpy_helper

WORDS = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "a", "cat", "dog", "sat", "ran", "train"]


def embedding_graph(path, dimensions=8):
    """Write a graph that averages a fixed random row per token (and L2-normalises)."""
    table = np.random.default_rng(1).standard_normal((len(WORDS), dimensions)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("Unsqueeze", ["attention_mask", "axis2"], ["mask"]),
        helper.make_node("Cast", ["mask"], ["weights"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["rows", "weights"], ["masked"]),
        helper.make_node("ReduceSum", ["masked", "axis1"], ["sums"], keepdims=0),
        helper.make_node("LpNormalization", ["sums"], ["sentence_embedding"], axis=-1, p=2),
    ]
    constants = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.int64([1]), "axis1"),
        numpy_helper.from_array(np.int64([2]), "axis2"),
    ]
    save(
        path,
        nodes,
        constants,
        inputs={
            "input_ids": (TensorProto.INT64, ["batch", "seq"]),
            "attention_mask": (TensorProto.INT64, ["batch", "seq"]),
        },
        outputs={"sentence_embedding": (TensorProto.FLOAT, ["batch", dimensions])},
    )
    return table


def counting_graph(path):
    """Write a decoder in miniature: logits are the running total of the ids plus 0..4; the total is kept."""
    nodes = [
        helper.make_node("Cast", ["input_ids"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["past_key_values.0"], ["before"], keepdims=1),
        helper.make_node("CumSum", ["ids", "axis"], ["running"]),
        helper.make_node("Add", ["running", "before"], ["totals"]),
        helper.make_node("Unsqueeze", ["totals", "axes"], ["column"]),
        helper.make_node("Add", ["column", "steps"], ["logits"]),
        helper.make_node("Concat", ["past_key_values.0", "ids"], ["present.0"], axis=1),
    ]
    constants = [
        numpy_helper.from_array(np.int64(1), "axis"),
        numpy_helper.from_array(np.int64([2]), "axes"),
        numpy_helper.from_array(np.float32([0, 3, 1, 4, 2]), "steps"),
    ]
    save(
        path,
        nodes,
        constants,
        inputs={
            "input_ids": (TensorProto.INT64, ["batch", "seq"]),
            "past_key_values.0": (TensorProto.FLOAT, ["batch", "past_seq"]),
        },
        outputs={
            "logits": (TensorProto.FLOAT, ["batch", "seq", 5]),
            "present.0": (TensorProto.FLOAT, ["batch", "total"]),
        },
    )


def save(path, nodes, constants, inputs, outputs):
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, *kind) for name, kind in inputs.items()],
        [helper.make_tensor_value_info(name, *kind) for name, kind in outputs.items()],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


def tokenizer_json():
    """Return a tokenizer that would truncate to 4 and pad to 6 tokens if it were let."""
    made = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    made.normalizer = tokenizers.normalizers.Lowercase()
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    made.post_processor = tokenizers.processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    made.enable_truncation(4)
    made.enable_padding(length=6, pad_id=3, pad_token="[PAD]")
    return made.to_str()


@pytest.fixture
def models(tmp_path):
    """Return a folder with the model org/tiny (no card) in it."""
    folder = tmp_path / "models" / "org" / "tiny"
    embedding_graph(folder / "onnx" / "model.onnx")
    (folder / "tokenizer.json").write_text(tokenizer_json())
    (folder / "config.json").write_text(json.dumps({"hidden_size": 8, "max_position_embeddings": 12}))
    return tmp_path / "models"


@pytest.fixture
def decoder(tmp_path):
    """Return a folder with the model org/counter in it."""
    folder = tmp_path / "decoders" / "org" / "counter"
    counting_graph(folder / "onnx" / "model.onnx")
    (folder / "tokenizer.json").write_text(tokenizer_json())
    return tmp_path / "decoders"
