"""The port to where models are kept: IndexedDB in the browser, folders in CPython."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model (or the part of one that is there already). `bytes` on the disk; `complete`: all files are
    there and were checked; `last_used` in Unix seconds, None where unknown; `files` as paths inside the
    model's folder; `card` see `models.catalog`, None where it is not kept."""

    id: str
    revision: str
    bytes: int
    complete: bool
    last_used: float | None = None
    files: tuple[str, ...] = ()
    card: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StorageReport:
    """`persistent`: models survive a restart (None: unknown); `used` and `quota` in bytes, None where
    unknown; `persisted`: the browser promised not to evict them; `note`: a sentence for a person, None when
    all is well."""

    persistent: bool | None
    used: int | None = None
    quota: int | None = None
    persisted: bool | None = None
    note: str | None = None


class ModelStore(Protocol):
    """Lists and deletes what the runtime has stored. The runtime itself reads and writes the weights."""

    async def cards(self) -> Sequence[Mapping[str, Any]]:
        """The cards of the models that this place offers, stored or not: the starter pack first, then the
        site's own `/models/`. What cannot be reached now (offline) is left out; never raises for that."""
        ...

    async def list(self) -> Sequence[StoredModel]:
        """What is stored, complete or not."""
        ...

    async def delete(self, id: str) -> bool:  # (`id` is the page API's name for it)
        """Delete all revisions of a model; whether there was anything to delete.

        Raises `InvalidInput` where models must not be deleted (folders that belong to the user)."""
        ...

    async def look(self, model: str) -> Mapping[str, Any]:
        """The card of `org/name[@revision]` as the place that has it lists it, without fetching its files.

        Raises `UnknownModel`, `UnsupportedModel`, `ModelDownloadFailed` when a place cannot be asked."""
        ...

    async def rollback(self, id: str) -> str:
        """Take the revision of a model that was used before the present one, from now on; that revision.

        Raises `NotFound` when no other one is kept."""
        ...

    async def storage(self) -> StorageReport:
        """How much room there is and whether it lasts."""
        ...
