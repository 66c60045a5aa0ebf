"""The models in IndexedDB, through the frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nearside.platform.browser.host import Host
from nearside.ports.store import StorageReport, StoredModel


class BrowserStore:
    """See `nearside.ports.store.ModelStore`."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def cards(self) -> Sequence[Mapping[str, Any]]:
        """The starter pack's card and those of the site's own models."""
        cards: list[Mapping[str, Any]] = await self._host.call("cards")
        return cards

    async def list(self) -> Sequence[StoredModel]:
        """What is stored, complete or not."""
        return [
            StoredModel(
                id=model["id"],
                revision=model["revision"],
                bytes=model["bytes"],
                complete=model["complete"],
                last_used=model["lastUsed"] / 1000 if model["lastUsed"] else None,
                files=tuple(model["files"]),
                card=model["card"],
            )
            for model in await self._host.call("stored")
        ]

    async def delete(self, id: str) -> bool:
        """Delete all revisions of a model; whether there was anything to delete."""
        return bool(await self._host.call("delete", model=id))

    async def storage(self) -> StorageReport:
        """How much room there is and whether it lasts."""
        return StorageReport(**await self._host.call("storage"))
