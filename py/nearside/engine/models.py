"""`client.models`: which models there are, loading and removing them."""

from __future__ import annotations

from nearside.models.catalog import ModelEntry
from nearside.models.manager import ModelManager
from nearside.ports.store import StorageReport
from nearside.types import OnProgress


class Models:
    """Models of this device."""

    def __init__(self, manager: ModelManager, starter: str) -> None:
        self._manager = manager
        self._starter = starter

    async def list(self) -> list[ModelEntry]:
        """Every model that is offered here or stored, the starter first."""
        return await self._manager.list(self._starter)

    async def preload(self, id: str, on_progress: OnProgress | None = None) -> ModelEntry:
        """Fetch and open a model now. Callers who ask for the same model at the same time share one load;
        when all of them are cancelled, so is the load. Raises what `Runtime.open` raises."""
        await self._manager.get(id, on_progress)
        return await self._manager.entry(id, self._starter)

    async def unload(self, id: str) -> bool:
        """Give a model's memory back; whether it was loaded. Calls that are running fail with `ModelGone`."""
        return await self._manager.unload(id)

    async def delete(self, id: str) -> bool:
        """Unload a model and delete its files; whether there were any. Raises `InvalidInput` (retryable)
        while it is being loaded."""
        return await self._manager.delete(id)

    async def storage(self) -> StorageReport:
        """How much room there is for models and whether they last."""
        return await self._manager.storage()
