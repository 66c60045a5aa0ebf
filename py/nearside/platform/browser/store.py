"""The models in IndexedDB, through the frame."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nearside.errors import ModelCorrupt
from nearside.models.catalog import make_card
from nearside.platform.browser.host import Host
from nearside.ports.store import StorageReport, StoredModel


async def _allowed() -> bool:
    """Unless somebody knows better, the hub may be asked."""
    return True


def _with_task(model: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A stored model's card. Those of hub models do not say what they are for: their files do."""
    card: Mapping[str, Any] | None = model["card"]
    if card is None or card.get("task"):
        return card
    texts = {"config.json": model["config"], "tokenizer_config.json": model["tokenizer"]}
    kept = {path: text for path, text in texts.items() if text is not None}
    try:
        made = make_card(model["id"], dict.fromkeys(model["files"], 0), kept)
    except ModelCorrupt:  # said when it is opened
        return card
    return {**card, "task": made["task"]}


class BrowserStore:
    """See `nearside.ports.store.ModelStore`."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.hub_allowed: Callable[[], Awaitable[bool]] = _allowed

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
                card=_with_task(model),
            )
            for model in await self._host.call("stored")
        ]

    async def delete(self, id: str) -> bool:
        """Delete all revisions of a model; whether there was anything to delete."""
        return bool(await self._host.call("delete", model=id))

    async def look(self, model: str) -> Mapping[str, Any]:
        """The card of a model, from the site or the hub."""
        card: Mapping[str, Any] = await self._host.call("look", model=model, hub=await self.hub_allowed())
        return card

    async def rollback(self, id: str) -> str:
        """Take the previous revision of a model from now on; that revision."""
        return str(await self._host.call("rollback", model=id))

    async def storage(self) -> StorageReport:
        """How much room there is and whether it lasts."""
        return StorageReport(**await self._host.call("storage"))
