"""The open models: each is opened once, however many callers ask; a failed load is forgotten, never
remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nearside.errors import InvalidInput, ModelGone
from nearside.models.architectures import Kind
from nearside.models.catalog import Card, ModelEntry, parse_card, split_id
from nearside.models.loaded import Lane, OpenModel, describe
from nearside.ports.runtime import Runtime, Session
from nearside.ports.store import ModelStore, StorageReport, StoredModel
from nearside.ports.tokenizers import Tokenizers
from nearside.types import OnProgress, Progress

_SEVERAL: tuple[Kind, ...] = ("classify", "seq2seq")
"""Kinds whose models do one of several tasks: one that summarizes does not translate."""

MakeLane = Callable[[Session, Callable[[int], Awaitable[Session]]], Lane]
"""From the first session, and a function that opens the session of a replica by number."""


class Replaced(ModelGone):
    """The weights in use were replaced by others: a call that meets this may be made once more."""


@dataclass(eq=False)
class _Load:
    """A load that is going on: who listens, and how many wait for it."""

    task: asyncio.Task[OpenModel] | None = None
    listeners: list[OnProgress] = field(default_factory=list)
    waiters: int = 0
    last: Progress | None = None

    def tell(self, progress: Progress) -> None:
        self.last = progress
        loop = asyncio.get_running_loop()
        for listener in self.listeners:
            loop.call_soon(listener, progress)  # a listener that raises must not spoil the load of the others


class ModelManager:
    """Opens, lists, unloads and deletes models over the ports."""

    def __init__(
        self, runtime: Runtime, tokenizers: Tokenizers, store: ModelStore, make_lane: MakeLane
    ) -> None:
        self._runtime = runtime
        self._tokenizers = tokenizers
        self._store = store
        self._make_lane = make_lane
        self._loaded: dict[str, OpenModel] = {}
        self._loads: dict[str, _Load] = {}
        self._ending: dict[str, set[asyncio.Task[Any]]] = {}  # by id: what is being stopped or closed

    async def get(self, model: str, on_progress: OnProgress | None = None) -> OpenModel:
        """The open model, opened now if it is not. Callers at the same time share one load, which goes on as
        long as one of them waits.

        Raises `InvalidOption` for what is no id, `UnsupportedModel` when it is of no kind that is known,
        `ModelGone` when it is unloaded meanwhile, and what `Runtime.open` raises."""
        loaded = self._loaded.get(model) if isinstance(model, str) else None
        loaded = loaded or self.find(model)
        if loaded is not None:
            if on_progress is not None:
                on_progress(Progress("ready"))
            return loaded
        load = self._loads.get(model)
        if load is None:
            load = self._loads[model] = _Load()
            load.task = asyncio.create_task(self._load(model, load))
            load.task.add_done_callback(_retrieve)
        return await self._wait(model, load, on_progress)

    def find(self, model: str) -> OpenModel | None:
        """The model if it is open, under this name or its other one (with or without the revision)."""
        id, revision = split_id(model)
        for loaded in self._loaded.values():
            if loaded.info.id == id and revision in (None, loaded.info.revision):
                return loaded
        return None

    async def _wait(self, model: str, load: _Load, on_progress: OnProgress | None) -> OpenModel:
        task = load.task
        assert task is not None  # noqa: S101 (set right after the _Load is made)
        if on_progress is not None:
            load.listeners.append(on_progress)
            if load.last is not None:
                on_progress(load.last)
        load.waiters += 1
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if task.cancelled() and not (current and current.cancelling()):
                raise ModelGone(f"{model} was unloaded while it was being loaded.") from None
            raise
        finally:
            load.waiters -= 1
            if on_progress is not None:
                load.listeners.remove(on_progress)
            if load.waiters == 0 and not task.done():
                self._stop(model, load)

    def _stop(self, model: str, load: _Load) -> None:
        """Nobody waits for this load any more: stop it, and let a next one begin when it has cleaned up."""
        if self._loads.get(model) is load:
            del self._loads[model]
        if load.task is not None and not load.task.done():
            load.task.cancel()
            self._await_end(split_id(model)[0], load.task)

    async def _ended(self, id: str) -> None:
        """Wait until nothing of a model is being stopped or closed."""
        while ending := [task for task in self._ending.get(id, ()) if not task.done()]:
            await asyncio.wait(ending)

    def _await_end(self, id: str, task: asyncio.Task[Any]) -> None:
        """Nothing of this model is opened until `task` is done."""
        ending = self._ending.setdefault(id, set())
        ending.add(task)
        task.add_done_callback(ending.discard)

    async def _load(self, model: str, load: _Load) -> OpenModel:
        try:
            id, _ = split_id(model)
            await self._ended(id)

            def forward(progress: Progress) -> None:
                if progress.phase != "ready":  # that is said below, when the tokenizer is ready too
                    load.tell(progress)

            session = await self._runtime.open(model, on_progress=forward)
            try:
                loaded = describe(session, self._tokenizers, self._lane_for(model, session))
            except BaseException:
                await session.close()
                raise
            size = load.last.loaded if load.last is not None else 0
            load.tell(Progress("ready", size, size or None))
            self._loaded[model] = loaded
            return loaded
        finally:
            if self._loads.get(model) is load:
                del self._loads[model]

    def _lane_for(self, model: str, session: Session) -> Lane:
        lane: Lane

        async def reopen(replica: int) -> Session:
            again = await self._runtime.open(model, replica=replica)
            now, before = again.info, session.info
            if (now.revision, now.sha256, now.backend) != (before.revision, before.sha256, before.backend):
                # Other weights, after an update or after the graphics card failed: what was read from the old
                # ones (the key of vectors above all) does not hold. The next call opens the model anew.
                await again.close()
                error = Replaced(f"Other weights of {before.id} took the place of those in use.")
                opened = self._loaded.get(model)
                if opened is not None and opened.lane is lane:
                    del self._loaded[model]
                    # Whatever of it runs still would hold its memory, and nobody could unload it.
                    self._await_end(before.id, asyncio.create_task(lane.close(error)))
                raise error
            return again

        lane = self._make_lane(session, reopen)
        return lane

    async def unload(self, model: str) -> bool:
        """Close a model (and stop loading it); whether there was anything to close."""
        id, _ = split_id(model)
        found = False
        for name, load in list(self._loads.items()):
            if split_id(name)[0] == id:
                self._stop(name, load)
                found = True
        for name, loaded in list(self._loaded.items()):
            if loaded.info.id == id:
                self._loaded.pop(name, None)  # another call may have closed it meanwhile
                closing = asyncio.create_task(loaded.lane.close())
                self._await_end(id, closing)
                await asyncio.shield(closing)
                found = True
        return found

    async def delete(self, model: str) -> bool:
        """Unload a model and delete its files; whether there were any.

        Raises `InvalidInput` (retryable) while it is being loaded."""
        id, _ = split_id(model)
        if any(split_id(name)[0] == id for name in self._loads):
            raise InvalidInput(
                f"{id} is being loaded and cannot be deleted now.",
                hint="Wait until it is loaded, or cancel the loading first.",
                retryable=True,
            )
        await self.unload(id)
        await self._ended(id)
        return await self._store.delete(id)

    async def close(self) -> None:
        """Close everything."""
        for name in {*self._loads, *self._loaded}:
            await self.unload(name)
        for id in list(self._ending):
            await self._ended(id)

    async def offered(self) -> Sequence[Mapping[str, Any]]:
        """See `ModelStore.cards`."""
        return await self._store.cards()

    async def all_stored(self) -> Sequence[StoredModel]:
        """What is stored, one line per model: a complete revision if there is any."""
        return list(_best_stored(await self._store.list()).values())

    async def stored(self, id: str) -> StoredModel | None:
        """What is stored of a model."""
        return _best_stored(await self._store.list()).get(id)

    async def look(self, model: str) -> Mapping[str, Any]:
        """See `ModelStore.look`."""
        return await self._store.look(model)

    async def rollback(self, model: str) -> str:
        """Unload a model and take its previous revision from now on; see `ModelStore.rollback`."""
        id, _ = split_id(model)
        await self.unload(id)
        await self._ended(id)
        return await self._store.rollback(id)

    async def storage(self) -> StorageReport:
        """See `ModelStore.storage`."""
        return await self._store.storage()

    async def list(self, starter: str) -> list[ModelEntry]:
        """Every model that is offered, stored or open: those offered first, in their order."""
        cards = {card.id: card for card in map(parse_card, await self._store.cards())}
        stored = _best_stored(await self._store.list())
        for id, model in stored.items():
            if id not in cards:
                cards[id] = parse_card(model.card) if model.card else Card(id, model.revision)
        for loaded in self._loaded.values():
            cards.setdefault(loaded.info.id, loaded.card)
        return [self._entry(card, stored.get(card.id), starter) for card in cards.values()]

    async def ready(self, task: str, kinds: Sequence[Kind]) -> tuple[Sequence[str], Sequence[str]]:
        """The ids of the models that are for a task and need no download from the hub: open ones of one of
        `kinds`, the one that was opened last first (unless their card names another task of models of their
        kind), then those that the site offers or that are stored and whose card names the task; and the ids
        of all that are stored, whatever they are for."""
        loaded = [
            one.info.id
            for one in reversed(self._loaded.values())
            if one.kind in kinds and (one.card.task in (None, task) or one.kind not in _SEVERAL)
        ]
        cards = [parse_card(fields) for fields in await self._store.cards()]
        stored = _best_stored(await self._store.list())
        cards += [parse_card(one.card) for one in stored.values() if one.complete and one.card]
        named = [card.id for card in cards if card.task == task]
        complete = [id for id, one in stored.items() if one.complete]
        return list(dict.fromkeys((*loaded, *named))), complete

    async def entry(self, model: str, starter: str) -> ModelEntry:
        """The line of `list` for an open model."""
        loaded = await self.get(model)
        stored = _best_stored(await self._store.list())
        return self._entry(loaded.card, stored.get(loaded.info.id), starter)

    def _entry(self, card: Card, stored: StoredModel | None, starter: str) -> ModelEntry:
        loaded = next((one for one in self._loaded.values() if one.info.id == card.id), None)
        dtype = loaded.info.dtype if loaded else card.best_dtype()
        complete = stored is not None and stored.complete
        return ModelEntry(
            id=card.id,
            revision=loaded.info.revision
            if loaded
            else (card.revision or (stored.revision if stored else "")),
            task=card.task,
            bytes=stored.bytes if stored is not None and complete else card.bytes_for(dtype),
            stored=complete,
            loaded=loaded is not None,
            dtype=dtype,
            backend=loaded.info.backend if loaded else None,
            license=card.license,
            languages=card.languages,
            source=card.source,
            starter=card.id == starter,
            last_used=stored.last_used if stored else None,
        )


def _best_stored(models: Sequence[StoredModel]) -> dict[str, StoredModel]:
    """One line per id: a complete one if there is any."""
    best: dict[str, StoredModel] = {}
    for model in models:
        if model.id not in best or (model.complete and not best[model.id].complete):
            best[model.id] = model
    return best


def _retrieve(task: asyncio.Task[OpenModel]) -> None:
    """Look at a load's failure even when every caller has left, so that asyncio does not complain."""
    if not task.cancelled():
        task.exception()
