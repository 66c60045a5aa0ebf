"""What all parts of a client share: the ports put together, and the way to run a task."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypedDict, TypeVar

from nearside.engine.pipeline import FarSideCall, Near, Pipeline, Result, Ticket, Wish, mode_in_force
from nearside.models.catalog import split_id
from nearside.models.loaded import LoadedModel
from nearside.models.manager import ModelManager
from nearside.models.vectors import VectorCache
from nearside.routing.facts import Task
from nearside.tasks.documents import Documents
from nearside.tasks.search import Corpora
from nearside.tasks.teach import Classifiers
from nearside.types import Mode, Tier

R = TypeVar("R", bound=Result)


class Options(TypedDict, total=False):
    """The options that every call takes; see `pipeline.Wish`."""

    mode: Mode | None
    prefer: Tier | None
    consent: bool
    model: str | None


class Core:
    """One engine's parts."""

    def __init__(
        self,
        manager: ModelManager,
        pipeline: Pipeline,
        documents: Documents,
        classifiers: Classifiers,
        vectors: VectorCache,
        default_model: str,
    ) -> None:
        self.manager = manager
        self.pipeline = pipeline
        self.documents = documents
        self.classifiers = classifiers
        self.vectors = vectors
        self.corpora = Corpora()
        self.default_model = default_model

    async def run(
        self,
        task: Task,
        options: Options,
        near: Callable[[LoadedModel, Near], Awaitable[R]],
        far: FarSideCall[R] | None = None,
        characters: int = 0,
    ) -> R:
        """Answer a task with its sides: the near one is given the open model. Raises what they raise, and
        `NoRoute`, `InvalidOption`."""

        async def on_this_device(told: Near) -> R:
            return await near(await self.model(told), told)

        wish = Wish(**options)
        if wish.alias is not None and not task.far:
            split_id(wish.alias)  # no side knows it: say what a model's id looks like
        return await self.pipeline.run(task, wish, self.default_model, on_this_device, far, characters)

    async def model(self, told: Near) -> LoadedModel:
        """The open model for a near side. Whoever opens it can see the mode in `mode_in_force`."""
        mark = mode_in_force.set(told.mode)
        try:
            return await self.manager.get(told.model)
        finally:
            mode_in_force.reset(mark)

    async def open(
        self,
        task: Task,
        options: Options,
        characters: int = 0,
        writing: bool = False,
        near_model: str | None = None,
    ) -> Ticket:
        """Begin a request whose sides the caller asks itself."""
        near = near_model or self.default_model
        return await self.pipeline.open(task, Wish(**options), near, characters, writing)
