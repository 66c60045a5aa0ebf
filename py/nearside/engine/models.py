"""`client.models`: which models there are, which to use, loading and removing them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nearside.errors import InvalidOption
from nearside.models.catalog import ModelEntry, parse_card, split_id
from nearside.models.manager import ModelManager
from nearside.ports.extras import Extras
from nearside.ports.store import StorageReport
from nearside.types import OnProgress

if TYPE_CHECKING:
    from nearside.models.check import Candidate, Check
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
        from nearside.models import known, recommend

        if not isinstance(task, str) or not known.candidates(task):
            hint = f"Known: {', '.join(known.tasks())}."
            raise InvalidOption(f"There is no model for a task {task!r:.40}.", hint=hint)
        if isinstance(languages, str):
            raise InvalidOption("languages is a text.", hint="Give a list of codes, such as ['en', 'de'].")
        candidates = await self._candidates(task)
        storage = await self._manager.storage()
        return recommend.recommend(task, candidates, await self._report(), storage, languages)

    async def check(self, id: str) -> Check:
        """Whether a model runs on this device, how, and the next smaller choice for its task. Of a model that
        is neither known nor stored here the place that has it is asked for its files.

        Raises `InvalidOption` for what is no id, `UnknownModel` when no place has it, and what asking may
        raise."""
        await self._extras.ready()
        from nearside.models import check, known

        name, revision = split_id(id)
        row, stored = known.find(name), await self._manager.stored(name)
        if row is not None and revision is None:
            one, task = check.of_known(row, stored), row.tasks[0]
        else:
            card = parse_card(await self._manager.look(id))
            one, task = check.of_card(card, stored), card.task or ""
        others = await self._candidates(task) if task else ()
        return check.check(one, await self._report(), await self._manager.storage(), others)

    async def _candidates(self, task: str) -> Sequence[Candidate]:
        """The site's and the stored models whose card names the task, then the catalog's."""
        from nearside.models import check, known

        stored = {model.id: model for model in await self._manager.all_stored() if model.complete}
        cards = [parse_card(fields) for fields in await self._manager.offered()]
        cards += [parse_card(model.card) for model in stored.values() if model.card]
        name = known.same_as(task)
        rows = known.candidates(task)
        listed = {row.id for row in rows}
        made = {
            card.id: check.of_card(card, stored.get(card.id))
            for card in cards
            if card.task == name and card.id not in listed
        }
        return [*made.values(), *(check.of_known(row, stored.get(row.id)) for row in rows)]

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
