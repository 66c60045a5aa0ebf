"""What is kept beside models, in IndexedDB, through `nearside_bridge` in the same worker."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Sequence
from typing import Any

from js import Array
from pyodide.ffi import JsException, to_js

from nearside.errors import EngineFailed, NearsideError, from_wire
from nearside.ports.database import Change, Delete, Entry
from nearside.ports.memory import MemoryDatabase, pack


class BrowserDatabase:
    """See `nearside.ports.database.Database`. It is opened by the first call; where the browser blocks
    storage, everything goes into memory from then on. `bridge`: the module `web/engine/bridge.js`.

    Every call may also raise `ProtocolMismatch` when a newer version of the site wrote what is kept, and
    `EngineFailed` when another tab holds it; the next call tries again."""

    def __init__(self, bridge: Any) -> None:
        self._bridge = bridge
        self._opened = False
        self._memory: MemoryDatabase | None = None

    @property
    def persistent(self) -> bool:
        """See `Database.persistent`. True until the first call has found out."""
        return self._memory is None

    async def get(self, collection: str, key: str) -> Entry | None:
        """See `Database.get`."""
        if memory := await self._blocked():
            return await memory.get(collection, key)
        found = await _typed(self._bridge.getData(collection, key))
        if found is None:
            return None
        value, blob = found
        return Entry(key, json.loads(value), None if blob is None else blob.to_bytes())

    async def list(self, collection: str, *, prefix: str = "") -> Sequence[Entry]:
        """See `Database.list`."""
        if memory := await self._blocked():
            return await memory.list(collection, prefix=prefix)
        text, blobs = await _typed(self._bridge.listData(collection, prefix))
        entries = [
            Entry(key, value, None if blob < 0 else blobs[blob].to_bytes())
            for key, value, blob in json.loads(text)
        ]
        return sorted(entries, key=lambda entry: entry.key)  # IndexedDB's order is that of UTF-16

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Database.write`."""
        if memory := await self._blocked():
            return await memory.write(changes)
        packed = [None if isinstance(change, Delete) else pack(change.value) for change in changes]
        if not changes:
            return None
        made = Array.new()
        for change, text in zip(changes, packed, strict=True):
            blob = None if isinstance(change, Delete) or change.blob is None else to_js(change.blob)
            made.push(Array.of(change.collection, change.key, text, blob))
        await _typed(self._bridge.writeData(made))
        return None

    async def generation(self, collection: str) -> int:
        """See `Database.generation`."""
        if memory := await self._blocked():
            return await memory.generation(collection)
        return int(await _typed(self._bridge.dataGeneration(collection)))

    async def close(self) -> None:
        """See `Database.close`."""
        await _typed(self._bridge.closeData())

    async def _blocked(self) -> MemoryDatabase | None:
        """What is used instead where storage is blocked, None where it is not."""
        if not self._opened:
            opens = await _typed(self._bridge.openData())
            if not opens and not self._opened:  # not: another call found out meanwhile
                self._memory = MemoryDatabase()
            self._opened = True
        return self._memory


async def _typed(promise: Awaitable[Any]) -> Any:
    """What the promise gives; a rejection as the typed error that it carries."""
    try:
        return await promise
    except JsException as cause:
        error = _error(cause)
    raise error


def _error(cause: Any) -> NearsideError:
    code = getattr(cause, "code", None)
    if not isinstance(code, str):
        return EngineFailed(f"The browser's storage failed ({getattr(cause, 'name', 'Error')}).")
    names = ("code", "message", "hint", "retryable")
    return from_wire({name: getattr(cause, name, None) for name in names})
