"""The page's calls: each is a task that answers once, tells progress meanwhile and can be cancelled."""

from __future__ import annotations

import asyncio
import json
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import js
import numpy as np
from js import Array
from numpy.typing import NDArray
from pyodide.ffi import create_proxy

from nearside.errors import Cancelled, EngineFailed, NearsideError
from nearside.platform.browser.host import to_message

Tell = Callable[[dict[str, Any]], None]
Dispatch = Callable[[str, Mapping[str, Any], Tell, Tell], Awaitable[dict[str, Any]]]
"""Method, parameters, where progress goes (some of it is dropped) and where chunks go (none is)."""

_TELL_EVERY = 0.05
"""Seconds between two words of progress: more often than a screen shows them would only cost time."""

_EagerTask: Any = asyncio.Task
"""`eager_start` is new in Python 3.12: the browser has it, the oldest CPython supported has not."""


class Door:
    """Answers the calls that come in over `port` with `dispatch`."""

    def __init__(self, port: Any, dispatch: Dispatch) -> None:
        self._port = port
        self._dispatch = dispatch
        self._tasks: dict[int, asyncio.Task[None]] = {}
        port.onmessage = create_proxy(self._on_message)

    def _on_message(self, event: Any) -> None:
        data = event.data
        if data.op == "call":
            id = data.id
            # Started at once: a turn of the event loop would cost as much as a small model's first layer.
            task = _EagerTask(
                self._answer(id, data.method, data.params, data.buffers),
                loop=asyncio.get_running_loop(),
                eager_start=True,
            )
            if not task.done():
                self._tasks[id] = task
        elif data.op == "cancel":
            waiting = self._tasks.get(data.id)
            if waiting is not None:
                waiting.cancel()

    async def _answer(self, id: int, method: str, params: str, moved_here: Any) -> None:
        told = 0.0

        def tell(progress: dict[str, Any]) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told < _TELL_EVERY and progress.get("done") != progress.get("total"):
                return
            told = now
            self._port.postMessage(to_message({"id": id, "op": "progress", "progress": json.dumps(progress)}))

        def hand_over(chunk: dict[str, Any]) -> None:
            self._port.postMessage(to_message({"id": id, "op": "chunk", "chunk": json.dumps(chunk)}))

        try:
            given = json.loads(params, object_hook=_arrays(moved_here))
            result = await self._dispatch(method, given, tell, hand_over)
            buffers = Array.new()
            moved = Array.new()
            text = json.dumps(result, default=_moving(buffers, moved))
            self._port.postMessage(
                to_message({"id": id, "op": "result", "result": text, "buffers": buffers}), moved
            )
        except asyncio.CancelledError:
            self._fail(id, Cancelled(f"{method} was cancelled."))
        except NearsideError as error:
            self._fail(id, error)
        except Exception as defect:  # noqa: BLE001 - the page must get an answer whatever breaks
            # The place, never the message: it could carry the visitor's text.
            places = " < ".join(
                f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(defect.__traceback__)[-3:]
            )
            self._fail(id, EngineFailed(f"{method} broke off ({type(defect).__name__} in {places})."))
        finally:
            self._tasks.pop(id, None)

    def _fail(self, id: int, error: NearsideError) -> None:
        self._port.postMessage(to_message({"id": id, "op": "error", "error": json.dumps(error.to_wire())}))


def _arrays(buffers: Any) -> Callable[[dict[str, Any]], Any] | None:
    """An `object_hook` for json.loads that puts a float32 array in the place of each {"$": n}; None when
    nothing came along, so that nothing can be meant by it."""
    if not buffers.length:
        return None
    arrays = [np.asarray(buffer.to_py(), np.float32) for buffer in buffers]

    def hook(fields: dict[str, Any]) -> Any:
        place = fields.get("$")
        if len(fields) == 1 and type(place) is int and 0 <= place < len(arrays):
            return arrays[place]
        return fields

    return hook


def _moving(buffers: Any, moved: Any) -> Callable[[object], object]:
    """A `default` for json.dumps that puts float32 arrays into `buffers` and their places into the text."""

    def default(value: object) -> object:
        if isinstance(value, np.ndarray):
            array: NDArray[np.float32] = np.ascontiguousarray(value, dtype=np.float32).reshape(-1)
            data = js.Float32Array.new(array.size)
            data.assign(array)
            moved.push(data.buffer)
            return {"$": buffers.push(data) - 1}
        if isinstance(value, np.generic):
            return value.item()
        raise EngineFailed(f"An answer held a {type(value).__name__}, which cannot cross to the page.")

    return default
