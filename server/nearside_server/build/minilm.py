"""The ONNX graph of a BERT sentence encoder (all-MiniLM-L6-v2), straight from its weights.

One graph does it all: embeddings, six transformer layers, the mean over the attention mask, the division
by the vector's length. Inputs `input_ids`, `attention_mask`, `token_type_ids` (int64 [batch, seq]); output
`sentence_embedding` (float32 [batch, width]).

Attention, layer normalisation with the residual and GELU with its bias are ONNX Runtime's fused operators:
on WASM the session is created faster than from the parts, and the results are the same.

dtypes: `fp32`; `fp16` (weights and arithmetic in half precision, for WebGPU with shader-f16); `int8`, where
weights have a scale per output column, embeddings one per row, and activations, at run time, one per
tensor. That last one is what costs accuracy, as one large value leaves few of the 255 steps to all others.
Two things against it, for three more operators a layer and 4 % of the time of a short text:

- The products that read a normalised vector (attention, inner layer) have the same few channels run ahead
  in every text. They are divided by a power of two, their rows of the weight multiplied by it (after
  SmoothQuant, https://arxiv.org/abs/2211.10438, but for the outliers alone). `outliers.py` names them.
- Behind GELU single tokens run ahead: each token is divided by its own largest value, and its result
  multiplied by it.

Together they bring the mean cosine to the published model from 0.993 to 0.999 (tests/fixtures/minilm).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from nearside_server.build import quantize
from nearside_server.build.errors import BadModel
from nearside_server.build.graph import CONTRIB, Graph
from nearside_server.build.outliers import OUTLIERS

INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
OUTPUT: Final = "sentence_embedding"
DTYPES: Final = ("fp32", "fp16", "int8")
SMOOTHED: Final = (".qkv", ".intermediate")  # the products whose outlying channels are divided
ROW_FLOOR: Final = 0.2  # GELU goes down to -0.17: above this no divided value is below -1


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the encoder, from its config.json."""

    width: int
    heads: int
    layers: int
    epsilon: float


def read_shape(config: Mapping[str, Any]) -> Shape:
    """Return the sizes named by config.json; raises BadModel for another architecture."""
    if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
        raise BadModel("The starter graph is for BERT encoders with GELU.")
    return Shape(
        config["hidden_size"],
        config["num_attention_heads"],
        config["num_hidden_layers"],
        config["layer_norm_eps"],
    )


def build_minilm(weights: Mapping[str, NDArray[Any]], config: Mapping[str, Any], dtype: str) -> bytes:
    """Return the model file for `weights` (named as in the published checkpoint) in `dtype`.

    Raises BadModel when a weight is missing or `dtype` is none of DTYPES.
    """
    if dtype not in DTYPES:
        raise BadModel(f"The starter model cannot be built as {dtype}; it can as {', '.join(DTYPES)}.")
    try:
        return Encoder(weights, config, dtype).build()
    except KeyError as error:
        raise BadModel(f"The starter model's weights lack {error}.") from error


MASKED = 1e4
"""What a masked score is lowered by: nothing is left of it behind the softmax, and it fits into fp16."""


class Encoder:
    """Writes the graph; after `build`, `products` names the input value of every matrix product."""

    def __init__(self, weights: Mapping[str, NDArray[Any]], config: Mapping[str, Any], dtype: str) -> None:
        self._weights, self._shape, self._dtype = weights, read_shape(config), dtype
        self._graph = Graph()
        self._float = TensorProto.FLOAT16 if dtype == "fp16" else TensorProto.FLOAT
        self.products: dict[str, str] = {}

    def build(self) -> bytes:
        """Return the model file; raises KeyError for a weight that is not there."""
        graph = self._graph
        masking = self._masking()
        hidden = self._embed()
        for number in range(self._shape.layers):
            hidden = self._layer(hidden, masking, f"encoder.layer.{number}")
        return graph.finish("minilm", INPUTS, self._pool(hidden), OUTPUT, ["batch", self._shape.width])

    def _masking(self) -> list[str]:
        """The attention inputs that keep padding out. WebGPU knows no key padding mask, only a bias on the
        scores, float [batch, 1, seq, seq]. int8 graphs run on the processor, where the mask is cheaper."""
        graph = self._graph
        if self._dtype == "int8":
            return [graph.cast("attention_mask", TensorProto.INT32)]
        keep = graph.cast("attention_mask", self._float)
        away = graph.op("Sub", [keep, self._constant("one", np.ones(1, np.float32))])
        away = graph.op("Mul", [away, self._constant("away", np.full(1, MASKED, np.float32))])
        rows = graph.op("Mul", [keep, self._constant("nothing", np.zeros(1, np.float32))])
        columns = graph.op("Unsqueeze", [away, graph.integers(1, 2)])
        return ["", graph.op("Add", [graph.op("Unsqueeze", [rows, graph.integers(1, 3)]), columns])]

    def _embed(self) -> str:
        """Words + positions + segments, normalised: [batch, seq, width]."""
        graph = self._graph
        words = self._weight("embeddings.word_embeddings.weight")
        if self._dtype == "int8":
            table, scales = quantize.rows(words)
            rows = graph.op("Gather", [graph.constant("words.int8", table), "input_ids"])
            scale = graph.op("Gather", [graph.constant("words.scale", scales), "input_ids"])
            hidden = graph.op("Mul", [graph.cast(rows, TensorProto.FLOAT), scale])
        else:
            hidden = graph.op("Gather", [self._constant("words", words), "input_ids"])
        positions = self._constant("positions", self._weight("embeddings.position_embeddings.weight"))
        length = graph.op("Shape", ["input_ids"], start=1, end=2)
        place = graph.op("Slice", [positions, graph.integers(0), length, graph.integers(0)])
        segments = self._constant("segments", self._weight("embeddings.token_type_embeddings.weight"))
        hidden = graph.op("Add", [hidden, place])
        hidden = graph.op("Add", [hidden, graph.op("Gather", [segments, "token_type_ids"])])
        norm = "embeddings.LayerNorm"
        return graph.op(
            "LayerNormalization", [hidden, *self._norm(norm)], axis=-1, epsilon=self._shape.epsilon
        )

    def _layer(self, hidden: str, masking: list[str], name: str) -> str:
        """One transformer layer: [batch, seq, width] to the same."""
        graph = self._graph
        parts = [self._linear(f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
        together = np.hstack([weight for weight, _ in parts])
        bias = np.hstack([bias for _, bias in parts])
        query, key, value = graph.ops(
            "Split", [self._dense(hidden, f"{name}.qkv", together)], 3, axis=-1, num_outputs=3
        )
        attended = graph.op(
            "MultiHeadAttention",
            [query, key, value, self._constant(f"{name}.qkv.bias", bias), *masking],
            domain=CONTRIB,
            num_heads=self._shape.heads,
        )
        hidden = self._residual(attended, hidden, f"{name}.attention.output")
        weight, bias = self._linear(f"{name}.intermediate.dense")
        inner = self._dense(hidden, f"{name}.intermediate", weight)
        inner = graph.op(
            "BiasGelu", [inner, self._constant(f"{name}.intermediate.bias", bias)], domain=CONTRIB
        )
        return self._residual(inner, hidden, f"{name}.output", by_row=True)

    def _residual(self, value: str, skip: str, name: str, *, by_row: bool = False) -> str:
        """Project `value`, add the projection's bias and `skip`, normalise."""
        weight, bias = self._linear(f"{name}.dense")
        product = self._dense_by_row if by_row and self._dtype == "int8" else self._dense
        return self._graph.op(
            "SkipLayerNormalization",
            [
                product(value, name, weight),
                skip,
                *self._norm(f"{name}.LayerNorm"),
                self._constant(f"{name}.bias", bias),
            ],
            domain=CONTRIB,
            epsilon=self._shape.epsilon,
        )

    def _dense(self, value: str, name: str, weight: NDArray[np.float32]) -> str:
        """`value` times `weight` [in, out], without a bias (the next operator adds it)."""
        graph = self._graph
        self.products[name] = value
        if self._dtype != "int8":
            return graph.op("MatMul", [value, self._constant(f"{name}.weight", weight)])
        if outliers := OUTLIERS.get(name):
            factors = np.ones(len(weight), np.float32)
            factors[list(outliers)] = 2.0 ** np.array(list(outliers.values()))
            value = graph.op("Mul", [value, graph.constant(f"{name}.smooth", 1 / factors)])
            weight = weight * factors[:, None]
        integers, scales = quantize.columns(weight)
        steps, step, zero = graph.ops("DynamicQuantizeLinear", [value], 3)
        product = graph.op("MatMulInteger", [steps, graph.constant(f"{name}.weight.int8", integers), zero])
        scale = graph.op("Mul", [step, graph.constant(f"{name}.weight.scale", scales)])
        return graph.op("Mul", [graph.cast(product, TensorProto.FLOAT), scale])

    def _dense_by_row(self, value: str, name: str, weight: NDArray[np.float32]) -> str:
        """The same for a value behind GELU, every token divided by its largest entry for the product."""
        graph = self._graph
        largest = graph.op("ReduceMax", [value, graph.integers(-1)], keepdims=1)
        floor = graph.constant("row_floor", np.array(ROW_FLOOR, np.float32))
        largest = graph.op("Max", [largest, floor])
        return graph.op("Mul", [self._dense(graph.op("Div", [value, largest]), name, weight), largest])

    def _pool(self, hidden: str) -> str:
        """The mean over the mask, of length 1: [batch, width]. The mean's divisor cancels out."""
        graph = self._graph
        if self._float != TensorProto.FLOAT:
            hidden = graph.cast(hidden, TensorProto.FLOAT)
        mask = graph.cast("attention_mask", TensorProto.FLOAT)
        row = graph.op("Unsqueeze", [mask, graph.integers(1)])
        total = graph.op("Squeeze", [graph.op("MatMul", [row, hidden]), graph.integers(1)])
        return graph.op("LpNormalization", [total], axis=-1, p=2)

    def _linear(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return (weight [in, out], bias [out]) of a linear layer."""
        return np.ascontiguousarray(self._weight(f"{name}.weight").T), self._weight(f"{name}.bias")

    def _norm(self, name: str) -> tuple[str, str]:
        return (
            self._constant(f"{name}.gain", self._weight(f"{name}.weight")),
            self._constant(f"{name}.shift", self._weight(f"{name}.bias")),
        )

    def _weight(self, name: str) -> NDArray[np.float32]:
        return np.asarray(self._weights[name], np.float32)

    def _constant(self, name: str, value: NDArray[np.float32]) -> str:
        return self._graph.constant(name, value.astype(np.float16) if self._dtype == "fp16" else value)
