"""Models in workers of their own: an onnxruntime-web session per graph, reached over a MessagePort.

Copies: in two (numpy to an ArrayBuffer, moved, into onnxruntime's heap), out two. The shapes are in
`web/protocol.js`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import js
import numpy as np
from js import Array, Object
from numpy.typing import NDArray
from pyodide.ffi import create_proxy

from nearside.errors import InvalidInput, ModelCrashed, ModelGone, NearsideError, from_wire
from nearside.platform.browser.host import Host, to_message
from nearside.ports.runtime import Best, Feeds, Graph, Keep, ModelInfo, Outputs, Session, Want
from nearside.types import Progress

_KINDS: dict[str, Any] = {
    "float32": js.Float32Array,
    "float64": js.Float64Array,
    "int64": js.BigInt64Array,
    "int32": js.Int32Array,
    "int8": js.Int8Array,
    "uint8": js.Uint8Array,
    "bool": js.Uint8Array,
}
_EXACT = 2**53
"""Below this an integer is the same in JavaScript."""


class BrowserRuntime:
    """Opens models through the frame. `cores` as the browser reports them; `hub_allowed` says whether a model
    that the site does not have may come from the hub."""

    def __init__(self, host: Host, cores: int) -> None:
        self._host = host
        # Two one-thread workers pay off even on two cores (1.7 times the throughput).
        self.max_replicas = 1 if cores < 2 else min(4, max(2, cores // 2))
        self.hub_allowed: Callable[[], Awaitable[bool]] = _allowed

    async def open(
        self, model: str, *, replica: int = 0, on_progress: Callable[[Progress], None] | None = None
    ) -> Session:
        """See `nearside.ports.runtime.Runtime.open`."""
        name = f"{model}#{replica}"
        port = await self._host.start(name, model, hub=await self.hub_allowed())
        session = BrowserSession(self._host, name, port, on_progress)
        try:
            await session.opened
        except BaseException:
            await session.close()
            raise
        return session


async def _allowed() -> bool:
    """Unless somebody knows better, a model may come from the hub."""
    return True


class BrowserSession:
    """One model worker."""

    info: ModelInfo
    files: Mapping[str, str]

    def __init__(
        self, host: Host, name: str, port: Any, on_progress: Callable[[Progress], None] | None
    ) -> None:
        self._host = host
        self._name = name
        self._port = port
        self._on_progress = on_progress
        self._ids = itertools.count(1)
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._ended: NearsideError | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listener = create_proxy(self._on_message)
        host.watch(name, self._end)
        port.onmessage = self._listener

    async def run(
        self, feeds: Feeds, want: Mapping[str, Want], keep: Keep | None = None, *, graph: str | None = None
    ) -> Outputs:
        """See `nearside.ports.runtime.Session.run`."""
        moved = Array.new()
        tensors = {name: _tensor(name, array, moved) for name, array in feeds.items()}
        wanted = {name: _best(part, moved) if isinstance(part, Best) else part for name, part in want.items()}
        fields: dict[str, Any] = {"op": "run", "feeds": tensors, "want": wanted}
        if keep is not None:
            fields["keep"] = {"handle": keep.handle, "source": keep.source, "target": keep.target}
            if keep.length is not None:
                fields["keep"]["length"] = keep.length
        if graph is not None:
            fields["graph"] = graph
        return _arrays((await self._ask(fields, moved)).out)

    async def free(self, handle: str) -> None:
        """See `nearside.ports.runtime.Session.free`."""
        await self._ask({"op": "free", "handle": handle}, Array.new())

    async def close(self) -> None:
        """See `nearside.ports.runtime.Session.close`."""
        if self._ended is None:
            self._host.stop(self._name)
            self._end(ModelGone("The model was unloaded."))

    async def _ask(self, fields: dict[str, Any], moved: Any) -> Any:
        if self._ended is not None:
            raise self._ended
        id = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[id] = future
        self._port.postMessage(to_message({"id": id, **fields}), moved)
        try:
            return await future
        finally:
            self._pending.pop(id, None)

    def _on_message(self, event: Any) -> None:
        data = event.data
        op = getattr(data, "op", None)
        if op is not None:
            return self._on_event(op, data)
        future = self._pending.get(data.id)
        error = getattr(data, "error", None)
        if error is not None and getattr(data, "fatal", False):
            self._host.stop(self._name)
            return self._end(ModelCrashed(f"The model stopped: {error.message}"))
        if future is None or future.done():
            return None  # the caller gave up waiting
        if error is None:
            return future.set_result(data)
        return future.set_exception(from_wire(error.to_py()))

    def _on_event(self, op: str, data: Any) -> None:
        if op == "progress":
            self._tell(data.phase, int(data.loaded), None if not data.total else int(data.total))
        elif op == "ready":
            self.info = _info(json.loads(data.info))
            self.files = data.files.to_py()
            if not self.opened.done():
                self.opened.set_result(None)
        elif op == "failed":
            self._end(from_wire(data.error.to_py()))

    def _tell(self, phase: Any, loaded: int, total: int | None) -> None:
        if self._on_progress is not None:
            self._on_progress(Progress(phase=phase, loaded=loaded, total=total))

    def _end(self, error: NearsideError) -> None:
        """Fail everything that waits: a terminated worker's port says nothing."""
        if self._ended is not None:
            return
        self._ended = error
        for future in (self.opened, *self._pending.values()):
            if not future.done():
                future.set_exception(error)
                future.exception()  # marks it as retrieved: there may be nobody left who waits
        self._pending.clear()
        self._port.onmessage = None
        self._port.close()
        self._listener.destroy()


def _info(info: dict[str, Any]) -> ModelInfo:
    """`ModelInfo` of web/protocol.js."""
    graphs = {
        name: Graph(graph["file"], graph["sha256"], tuple(graph["inputs"]), tuple(graph["outputs"]))
        for name, graph in info["graphs"].items()
    }
    main = next(iter(graphs.values()))
    return ModelInfo(
        id=info["id"],
        revision=info["revision"],
        dtype=info["dtype"],
        file=main.file,
        sha256=main.sha256,
        backend=info["backend"],
        inputs=main.inputs,
        outputs=main.outputs,
        versions=info["versions"],
        card=info["card"],
        graphs=graphs,
        note=info["note"],
    )


def _best(part: Best, moved: Any) -> dict[str, Any]:
    """`Best` as the worker gets it: its arrays as typed arrays, which are moved."""
    fields: dict[str, Any] = {"k": part.k, "penalty": float(part.penalty)}
    arrays = {
        "penalised": (part.penalised, np.int32),
        "biased": (part.biased, np.int32),
        "bias": (part.bias, np.float32),
        "allowed": (part.allowed, np.uint8),
    }
    for name, (array, dtype) in arrays.items():
        if array is not None:
            fields[name] = _typed(name, array.astype(dtype, copy=False))
            moved.push(fields[name].buffer)
    return {"best": fields}


def _tensor(name: str, array: NDArray[Any], moved: Any) -> dict[str, Any]:
    """An array as the worker gets it; its buffer is added to `moved`. A mask of ones or zeros is only
    described: making and moving a typed array costs more than finding out."""
    if array.dtype == np.int64 and array.size:
        first = int(array.flat[0])
        if abs(first) < _EXACT and (array == first).all():
            return {"fill": first, "dims": list(array.shape)}
    data = _typed(name, array)
    moved.push(data.buffer)
    return {"data": data, "dims": list(array.shape)}


def _typed(name: str, array: NDArray[Any]) -> Any:
    """A typed array of its own with the array's values. Raises `InvalidInput` for a dtype without one."""
    if array.dtype == np.float16:
        data = js.Uint16Array.new(array.size)  # JavaScript has no float16; the worker knows these as its bits
        data.assign(np.ascontiguousarray(array).view(np.uint16).reshape(-1))
        return data
    kind = _KINDS.get(array.dtype.name)
    if kind is None:
        raise InvalidInput(f"The input {name!r} has the dtype {array.dtype}, which no model takes.")
    data = kind.new(array.size)
    data.assign(np.ascontiguousarray(array).reshape(-1))
    return data


def _arrays(out: Any) -> Outputs:
    """Name to array; one copy each."""
    return {
        entry[0]: np.asarray(entry[1].data.to_py()).reshape([int(dim) for dim in entry[1].dims])
        for entry in Object.entries(out)
    }
