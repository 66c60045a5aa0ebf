"""What all parts of a client share: the ports put together, and the way to run a task."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypedDict, TypeVar

from nearside.engine.choice import ANSWERS, Choice
from nearside.engine.pipeline import About, FarSideCall, Near, Pipeline, Result, Ticket, Wish, mode_in_force
from nearside.engine.scheduler import in_background
from nearside.models.architectures import Kind
from nearside.models.catalog import split_id
from nearside.models.loaded import LoadedModel, OpenModel
from nearside.models.manager import ModelManager, Replaced
from nearside.models.vectors import VectorCache
from nearside.ports.extras import Extras
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
    timeout: float | None
    background: bool


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
        choice: Choice,
        extras: Extras,
    ) -> None:
        self.manager = manager
        self.pipeline = pipeline
        self.documents = documents
        self.classifiers = classifiers
        self.vectors = vectors
        self.corpora = Corpora()
        self.default_model = default_model
        self.choice = choice
        self.extras = extras

    async def run(
        self,
        task: Task,
        options: Options,
        near: Callable[[LoadedModel, Near], Awaitable[R]],
        far: FarSideCall[R] | None = None,
        characters: int = 0,
    ) -> R:
        """Answer a task with its sides: the near one is given the open embedding model. Raises what they
        raise, and `NoRoute`, `InvalidOption`, `UnsupportedModel` for a model of another kind."""

        async def on_this_device(told: Near) -> R:
            return await self._twice(lambda: self._embed(near, told))

        about = About(await self._embedder(), characters)
        return await self._answer(task, options, about, on_this_device, far)

    async def _embed(self, near: Callable[[LoadedModel, Near], Awaitable[R]], told: Near) -> R:
        return await near(embedder(await self.model(told)), told)

    async def _twice(self, call: Callable[[], Awaitable[R]]) -> R:
        """A near side's answer; once more when the model's weights were replaced in the middle of it."""
        try:
            return await call()
        except Replaced:
            return await call()

    async def _embedder(self) -> str:
        """The model for embeddings: one for all tasks that use them, as their vectors have to fit."""
        settings = self.pipeline.settings
        now = await settings.get() if settings.unread else settings.last
        return now.models.get("embed", self.default_model)

    async def run_any(
        self,
        task: Task,
        options: Options,
        near: Callable[[OpenModel, Near], Awaitable[R]],
        far: FarSideCall[R] | None = None,
        *,
        characters: int = 0,
        hard: tuple[str, ...] = (),
        languages: tuple[str, ...] = (),
    ) -> R:
        """Answer a task that models of several kinds do: with the model that the call names, else the one
        that the visitor chose for the task, else the starter where it can, else the first one on this device
        that does it (see `engine.choice`). `hard`: see `routing.facts.Facts`; `languages` that the model has
        to know.

        Raises what the sides raise, `NoRoute`, `ModelNeeded`, `InvalidOption`, and `UnsupportedModel` for a
        model of a kind that does not do the task."""
        kinds = ANSWERS[task.name]
        about = await self.about(task, characters, hard, languages)

        async def once(told: Near) -> R:
            open_model = await self.model(told)
            if open_model.kind not in kinds:
                raise open_model.refuse(task.name)
            if open_model.kind != "embed":
                await self.extras.ready()
            return await near(open_model, told)

        async def on_this_device(told: Near) -> R:
            return await self._twice(lambda: once(told))

        return await self._answer(task, options, about, on_this_device, far)

    async def about(
        self,
        task: Task,
        characters: int = 0,
        hard: tuple[str, ...] = (),
        languages: tuple[str, ...] = (),
    ) -> About:
        """What is known of a request before its side is chosen: the model on this device, or what is
        missing."""
        kinds = ANSWERS.get(task.name)
        if kinds is None:
            return About(await self._embedder(), characters, hard=hard)
        starter = self.default_model if "embed" in kinds else None
        model, lacks = await self.choice.near_model(
            task.name, kinds, starter, self.pipeline.settings, languages
        )
        return About(model or "", characters, lacks=lacks, hard=hard)

    async def _answer(
        self,
        task: Task,
        options: Options,
        about: About,
        near: Callable[[Near], Awaitable[R]],
        far: FarSideCall[R] | None,
    ) -> R:
        wish = Wish(**options)
        if wish.alias is not None and not task.far:
            split_id(wish.alias)  # no side knows it: say what a model's id looks like
        mark = in_background.set(wish.background)
        try:
            return await self.pipeline.run(task, wish, about, near, far)
        finally:
            in_background.reset(mark)

    async def model(self, told: Near) -> OpenModel:
        """The open model for a near side. Whoever opens it can see the mode in `mode_in_force`."""
        mark = mode_in_force.set(told.mode)
        try:
            return await self.manager.get(told.model)
        finally:
            mode_in_force.reset(mark)

    async def find(self, task: str, kinds: tuple[Kind, ...], told: Near | None = None) -> OpenModel | None:
        """A model on this device that does a task beside the one that answers (entities for an extraction,
        voice activity for a transcript), opened; None when there is none."""
        model, _ = await self.choice.near_model(task, kinds, None, self.pipeline.settings)
        if model is None:
            return None
        found = await self.model(Near(model, told.mode if told else "local-only", last=True))
        return found if found.kind in kinds else None

    async def open(self, task: Task, options: Options, about: About) -> Ticket:
        """Begin a request whose sides the caller asks itself."""
        return await self.pipeline.open(task, Wish(**options), about)


def embedder(model: OpenModel) -> LoadedModel:
    """The model as one for embeddings. Raises `UnsupportedModel` when it is none."""
    if not isinstance(model, LoadedModel):
        raise model.refuse("embeddings")
    return model
