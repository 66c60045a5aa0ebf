"""The port to what is kept on the device beside models: documents, classifiers, records, settings. IndexedDB
in the browser, SQLite in CPython."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a collection: `value` is what JSON knows, `blob` raw bytes beside it or None."""

    key: str
    value: Mapping[str, Any]
    blob: bytes | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """Write an entry, in place of one with the same key."""

    collection: str
    key: str
    value: Mapping[str, Any]
    blob: bytes | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove the entry `key`, or with None every entry of the collection; what is not there is no error."""

    collection: str
    key: str | None


Change = Put | Delete


class Database(Protocol):
    """Small named collections. Other tabs (or processes) may write to the same one at any time."""

    @property
    def persistent(self) -> bool:
        """Whether what is written is still there after a restart. False where storage is blocked: entries
        then live in memory until the engine ends."""
        ...

    async def get(self, collection: str, key: str) -> Entry | None:
        """One entry, None when it is not there."""
        ...

    async def list(self, collection: str, *, prefix: str = "") -> Sequence[Entry]:
        """The entries whose key begins with `prefix`, in order of their keys (by code point), as they were
        at one moment."""
        ...

    async def write(self, changes: Sequence[Change]) -> None:
        """Make all changes or none, in the order given: whatever happens meanwhile (the tab closes, the
        power fails, another tab writes), a reader sees all of them or none.

        Raises `StorageFull`; nothing was changed then."""
        ...

    async def generation(self, collection: str) -> int:
        """A number that rises with every write that touches the collection, whoever makes it. Cheap: for
        telling whether what was read before is still true."""
        ...

    async def close(self) -> None:
        """Close it. Closing twice is no error."""
        ...
