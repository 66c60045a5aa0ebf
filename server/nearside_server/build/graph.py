"""Writes an ONNX graph node by node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET: Final = 20
IR_VERSION: Final = 9
CONTRIB: Final = "com.microsoft"  # ONNX Runtime's own operators


class Graph:
    """A graph under construction: `constant` and `op` return names to use as inputs of later nodes."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add `value` under `name`, once."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def integers(self, *values: int) -> str:
        """Add a one-dimensional int64 constant, shared between all who ask for the same values."""
        return self.constant("int64." + "_".join(map(str, values)), np.array(values, np.int64))

    def op(self, kind: str, inputs: Sequence[str], *, domain: str = "", **attributes: Any) -> str:
        """Add a node of `kind` with one output; an empty input name leaves an optional input out."""
        return self.ops(kind, inputs, 1, domain=domain, **attributes)[0]

    def ops(
        self, kind: str, inputs: Sequence[str], outputs: int, *, domain: str = "", **attributes: Any
    ) -> list[str]:
        """Add a node of `kind` with several outputs."""
        label = f"{kind}_{len(self._nodes)}"
        names = [label] if outputs == 1 else [f"{label}.{number}" for number in range(outputs)]
        self._nodes.append(
            helper.make_node(kind, list(inputs), names, name=label, domain=domain, **attributes)
        )
        return names

    def cast(self, value: str, to: int) -> str:
        """Add a conversion to the element type `to` (an onnx.TensorProto constant)."""
        return self.op("Cast", [value], to=to)

    def finish(
        self, name: str, inputs: Sequence[str], result: str, output: str, shape: Sequence[int | str]
    ) -> bytes:
        """Return the model file: int64 `inputs` [batch, seq], the float32 value `result` named `output`."""
        self._nodes.append(helper.make_node("Identity", [result], [output], name="output"))
        graph = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info(each, TensorProto.INT64, ["batch", "seq"]) for each in inputs],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, list(shape))],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="nearside"
        )
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))
