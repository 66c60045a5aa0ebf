"""`client.models`: which models there are, which to use, loading and removing them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nearside.models.catalog import ModelEntry
from nearside.models.manager import ModelManager
from nearside.ports.extras import Extras
from nearside.ports.store import StorageReport
from nearside.types import OnProgress

if TYPE_CHECKING:
    from nearside.models.check import Check
    from nearside.models.recommend import Recommendation


class Models:
    """Models of this device."""

    def __init__(
        self,
        manager: ModelManager,
        starter: str,
        extras: Extras,
        report: Callable[[], Awaitable[Mapping[str, Any]]],
    ) -> None:
        self._manager = manager
        self._starter = starter
        self._extras = extras
        self._report = report

    async def list(self) -> list[ModelEntry]:
        """Every model that is offered here or stored, the starter first."""
        return await self._manager.list(self._starter)

    async def recommend(self, task: str, *, languages: Sequence[str] | None = None) -> Recommendation:
        """The model to use for a task on this device and why, and the others that were looked at: those that
        the site offers or that are stored here for the task first, then the catalog's, the best first. For
        "translate" the `languages` are the source and the target, else those that the texts are in.

        Raises `InvalidOption` for a task that no model does."""
        await self._extras.ready()
        from nearside.models import advice

        return await advice.for_task(self._manager, await self._report(), task, languages)

    async def check(self, id: str) -> Check:
        """Whether a model runs on this device, how, and the next smaller choice for its task. Of a model that
        is neither known nor stored here the place that has it is asked for its files.

        Raises `InvalidOption` for what is no id, `UnknownModel` when no place has it, and what asking may
        raise."""
        await self._extras.ready()
        from nearside.models import advice

        return await advice.of(self._manager, await self._report(), id)

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

    async def rollback(self, id: str) -> str:
        """Go back to the revision that was used before the present one and stay with it; that revision. The
        model is unloaded, and opened with the other files when it is used next.

        Raises `NotFound` when no other revision is kept."""
        return await self._manager.rollback(id)

    async def storage(self) -> StorageReport:
        """How much room there is for models and whether they last."""
        return await self._manager.storage()
