"""Requests to the frame, which owns the model workers and the model store. Shapes: `web/protocol.js`."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

from js import Object
from pyodide.ffi import create_proxy, to_js

from nearside.errors import EngineFailed, NearsideError, from_wire


def to_message(fields: dict[str, Any]) -> Any:
    """A plain JavaScript object; JavaScript values inside pass as they are."""
    return to_js(fields, dict_converter=Object.fromEntries)


class Host:
    """One request at a time per id, exactly one reply each."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self._ids = itertools.count(1)
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._watchers: dict[str, Callable[[NearsideError], None]] = {}
        port.onmessage = create_proxy(self._on_message)

    async def call(self, op: str, **fields: Any) -> Any:
        """The reply's JSON value. Raises the typed error that the frame answers with."""
        return json.loads((await self._ask(op, fields)).data.result)

    async def start(self, name: str, model: str, *, hub: bool) -> Any:
        """The MessagePort of the model worker called `name`, started where it does not run yet; `hub`:
        whether it may fetch from the public hub."""
        return (await self._ask("start", {"name": name, "model": model, "hub": hub})).ports[0]

    def stop(self, name: str) -> None:
        """Terminate a model worker; nobody waits for it, as nothing of it is left to answer."""
        self._watchers.pop(name, None)
        self._port.postMessage(to_message({"id": next(self._ids), "op": "stop", "name": name}))

    def watch(self, name: str, on_gone: Callable[[NearsideError], None]) -> None:
        """Call `on_gone` when the worker `name` dies by itself: its port gives no sign of that."""
        self._watchers[name] = on_gone

    def booted(self, timings: str) -> None:
        """Tell the frame that the engine answers now. `timings`: JSON, milliseconds by phase."""
        self._port.postMessage(to_message({"op": "booted", "timings": timings}))

    async def _ask(self, op: str, fields: dict[str, Any]) -> Any:
        id = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[id] = future
        self._port.postMessage(to_message({"id": id, "op": op, **fields}))
        try:
            return await future
        finally:
            self._pending.pop(id, None)

    def _on_message(self, event: Any) -> None:
        data = event.data
        if getattr(data, "op", None) == "gone":
            watcher = self._watchers.pop(data.name, None)
            if watcher is not None:
                watcher(from_wire(json.loads(data.error)))
            return
        future = self._pending.get(data.id)
        if future is None or future.done():
            return  # the caller gave up waiting
        error = getattr(data, "error", None)
        if error is None:
            future.set_result(event)
        elif isinstance(error, str):
            future.set_exception(from_wire(json.loads(error)))
        else:
            future.set_exception(EngineFailed("The frame answered with something that is not an error."))
