"""A database in memory: where storage is blocked, and below the fake. Also how databases pack values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nearside.ports.database import Change, Delete, Entry

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def pack(value: Mapping[str, Any]) -> str:
    """An entry's value as JSON text that any encoding can hold. Raises `TypeError` or `ValueError` for what
    JSON does not know (NaN included): a defect of the caller, found before anything is written."""
    text = json.dumps(dict(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if text.isascii() or not _LONE_SURROGATE.search(text):
        return text
    return json.dumps(dict(value), separators=(",", ":"))


class MemoryDatabase:
    """See `nearside.ports.database.Database`. Entries live until this object does."""

    def __init__(self) -> None:
        self._collections: dict[str, dict[str, tuple[str, bytes | None]]] = {}
        self._generations: dict[str, int] = {}

    @property
    def persistent(self) -> bool:
        """See `Database.persistent`."""
        return False

    async def get(self, collection: str, key: str) -> Entry | None:
        """See `Database.get`."""
        kept = self._collections.get(collection, {}).get(key)
        return None if kept is None else Entry(key, json.loads(kept[0]), kept[1])

    async def list(self, collection: str, *, prefix: str = "") -> Sequence[Entry]:
        """See `Database.list`."""
        kept = sorted(self._collections.get(collection, {}).items())
        return [Entry(key, json.loads(text), blob) for key, (text, blob) in kept if key.startswith(prefix)]

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Database.write`."""
        packed = [None if isinstance(change, Delete) else pack(change.value) for change in changes]
        for change, text in zip(changes, packed, strict=True):
            entries = self._collections.setdefault(change.collection, {})
            if not isinstance(change, Delete):
                assert text is not None  # noqa: S101 (packed above)
                entries[change.key] = (text, None if change.blob is None else bytes(change.blob))
            elif change.key is None:
                entries.clear()
            else:
                entries.pop(change.key, None)
        for collection in {change.collection for change in changes}:
            self._generations[collection] = self._generations.get(collection, 0) + 1

    async def generation(self, collection: str) -> int:
        """See `Database.generation`."""
        return self._generations.get(collection, 0)

    async def close(self) -> None:
        """See `Database.close`."""
