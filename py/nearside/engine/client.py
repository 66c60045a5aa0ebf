"""The client: one method per task, over whatever ports it is given."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, Unpack

from nearside import device
from nearside.engine.choice import Choice
from nearside.engine.completions import Chat, generate
from nearside.engine.conversation import CHAT, FellBack, Piece, about, converse
from nearside.engine.core import Core, Options
from nearside.engine.far import FarSide
from nearside.engine.kept import Classifiers, DocumentShelf, TaughtClassifier
from nearside.engine.model_tasks import ModelTasks
from nearside.engine.models import Models
from nearside.engine.pipeline import About, Near, Pipeline, Wish, mode_in_force
from nearside.engine.records import Records
from nearside.engine.scheduler import IDLE_SECONDS, SessionLane
from nearside.engine.settings import SettingsKeeper
from nearside.errors import InvalidOption, UnknownMethod
from nearside.language import detect
from nearside.models.catalog import STARTER_MODEL
from nearside.models.loaded import LoadedModel, OpenModel
from nearside.models.manager import ModelManager
from nearside.models.vectors import CACHE_BYTES, VectorCache
from nearside.ports.clock import Clock
from nearside.ports.cloud import Cloud
from nearside.ports.database import Database
from nearside.ports.extras import Extras, Present
from nearside.ports.memory import MemoryDatabase
from nearside.ports.probe import Probe
from nearside.ports.runtime import Runtime, Session
from nearside.ports.store import ModelStore
from nearside.ports.tokenizers import Tokenizers
from nearside.routing import reasons
from nearside.routing.facts import Facts, Task, weight
from nearside.routing.policy import decide
from nearside.tasks import answer as answering
from nearside.tasks import chat as chatting
from nearside.tasks import embed as embedding
from nearside.tasks import rerank as reranking
from nearside.tasks import search as searching
from nearside.tasks import similarity as comparing
from nearside.tasks import summarize as summarizing
from nearside.tasks import teach as teaching
from nearside.tasks import zero_shot as zero_shotting
from nearside.tasks.documents import Documents
from nearside.types import (
    Answer,
    Classification,
    Decision,
    Embeddings,
    Generated,
    Language,
    Mode,
    ModelUsed,
    OnCount,
    OnText,
    Ranking,
    SearchResults,
    Similarity,
    Summary,
    Usage,
)

TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        CHAT,
        Task("embed"),
        Task("similarity"),
        Task("search"),
        Task("rerank"),
        Task("teach"),
        Task("classify", far=True),
        Task("detectLanguage"),
        Task("documents.add"),
        Task("documents.search"),
        Task("zeroShot", far=True),
        Task("summarize", far=True),
        Task("answer", far=True),
        Task("extractEntities", far=True),
        Task("extract", far=True),
        Task("translate", far=True),
        Task("transcribe", far=True),
    )
}
"""What routing knows of each task, by the name that records have."""

_LANGUAGES = ModelUsed("nearside/languages", "1", "", "cpu", None)


class Client(ModelTasks):
    """One engine. Every method may be called at any time and as often as wanted at the same time; cancelling
    the task that awaits one drops its queued work at once. Every task takes the options `model`, `mode`,
    `prefer` and `consent` (see `engine.pipeline.Wish`) and says in its result's `decision` which side
    answered and why. Raises `NearsideError` and nothing else on purpose."""

    def __init__(
        self,
        runtime: Runtime,
        tokenizers: Tokenizers,
        store: ModelStore,
        probe: Probe,
        clock: Clock,
        database: Database | None = None,
        cloud: Cloud | None = None,
        extras: Extras | None = None,
        *,
        default_model: str = STARTER_MODEL,
        mode: Mode | None = None,
        local_document: bool = False,
        version: str = "",
        cache_bytes: int = CACHE_BYTES,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """Without a `database` everything kept lives in memory; without a `cloud` everything is answered
        here; `extras` brings in what not every visitor needs. `default_model` answers calls that name none;
        `mode` is the site's (see `effective_mode`); `local_document`: the browser itself keeps the cloud out;
        `cache_bytes` bounds the vectors kept in memory; extra sessions opened for bulk work are closed after
        `idle_seconds` without any."""
        Wish(mode=mode)

        def make_lane(session: Session, reopen: Callable[[int], Awaitable[Session]]) -> SessionLane:
            return SessionLane(session, reopen, runtime.max_replicas, clock, idle_seconds)

        manager = ModelManager(runtime, tokenizers, store, make_lane)
        database = MemoryDatabase() if database is None else database
        self.settings = SettingsKeeper(database)
        self.records = Records(database, clock)
        self.far = FarSide(cloud, clock)
        pipeline = Pipeline(
            self.far,
            self.records,
            self.settings,
            clock,
            site_mode=mode,
            local_document=local_document,
            version=version,
        )
        documents = Documents(database, clock)
        classifiers = teaching.Classifiers(database, clock)
        vectors = VectorCache(cache_bytes)
        extras = extras or Present()
        self._core = Core(
            manager,
            pipeline,
            documents,
            classifiers,
            vectors,
            default_model,
            Choice(manager, extras),
            extras,
        )
        self._probe = probe
        self._database = database
        self.models = Models(manager, default_model, extras, self.device)
        self.documents = DocumentShelf(self._core)
        self.classifiers = Classifiers(self._core)
        self.chat = Chat(self._core, clock)

    async def embed(
        self,
        texts: str | Sequence[str],
        *,
        kind: str | None = None,
        dimensions: int | None = None,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> Embeddings:
        """A vector of length 1 for each text: float32 [n, dimensions]; a single text gives one row. Texts
        longer than the model's window are cut into windows whose vectors are averaged. `kind` ("query",
        "passage") puts before each text what the model was trained to see there; `dimensions` cuts the
        vectors, for models that were trained for it.

        Raises `InvalidInput` for anything but text, `InvalidOption`, and what opening the model may raise."""
        wanted = embedding.checked(texts, kind, dimensions)

        async def near(model: LoadedModel, told: Near) -> Embeddings:
            return await embedding.embed(model, self._core.vectors, wanted, on_progress)

        return await self._core.run(TASKS["embed"], options, near)

    async def similarity(
        self, a: str, b: str, *, on_progress: OnCount | None = None, **options: Unpack[Options]
    ) -> Similarity:
        """The cosine of the two texts' vectors, -1 to 1. Raises as `embed`."""
        pair = (embedding.checked_text(a, "a"), embedding.checked_text(b, "b"))

        async def near(model: LoadedModel, told: Near) -> Similarity:
            return await comparing.similarity(model, self._core.vectors, pair, on_progress)

        return await self._core.run(TASKS["similarity"], options, near)

    async def search(
        self,
        query: str,
        docs: Sequence[str],
        *,
        top_k: int = 10,
        passages: bool = False,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> SearchResults:
        """The `top_k` best documents (or, with `passages`, places in documents) for a query, by words and by
        meaning.

        Raises `InvalidInput` for an empty query or anything but text, `InvalidOption` for an impossible
        `top_k`, and what opening the model may raise."""
        core = self._core
        request = searching.checked(query, docs, top_k, passages, core.corpora)

        async def near(model: LoadedModel, told: Near) -> SearchResults:
            return await searching.search(model, core.vectors, core.corpora, request, on_progress)

        return await core.run(TASKS["search"], options, near)

    async def rerank(
        self,
        query: str,
        docs: Sequence[str],
        *,
        top_k: int | None = None,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> Ranking:
        """The texts in a new order: those that answer the query best first; all of them unless `top_k` says
        how many. Raises as `search`."""
        request = reranking.checked(query, docs, top_k)

        async def near(model: OpenModel, told: Near) -> Ranking:
            if isinstance(model, LoadedModel):
                return await reranking.near(model, self._core.vectors, request, on_progress)
            from nearside.specialists import rerank

            return await rerank.near(model, request, on_progress)

        return await self._core.run_any(TASKS["rerank"], options, near)

    async def zero_shot(
        self,
        texts: str | Sequence[str],
        labels: Sequence[str],
        *,
        multi_label: bool = False,
        hypothesis: str | None = None,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> Classification:
        """How well each label fits each text: scores that sum to 1, or with `multi_label` each label's own.
        `hypothesis` is the sentence that a label is put into, with {} in its place.

        Raises `InvalidInput`, `InvalidOption`, and what the side that answers may raise."""
        request = zero_shotting.checked(texts, labels, multi_label, hypothesis)
        size = zero_shotting.largest_question(request)

        async def near(model: OpenModel, told: Near) -> Classification:
            if isinstance(model, LoadedModel):
                return await zero_shotting.near(model, self._core.vectors, request, on_progress)
            from nearside.specialists import zero_shot

            return await zero_shot.near(model, request, on_progress)

        async def far(cloud: Cloud, alias: str) -> Classification:
            return await zero_shotting.far(cloud, alias, request)

        return await self._core.run_any(
            TASKS["zeroShot"],
            options,
            near,
            far,
            characters=size,
            hard=reasons.zero_shot(request.labels, multi_label),
        )

    async def summarize(
        self,
        text: str,
        *,
        style: str = "brief",
        max_tokens: int | None = None,
        on_progress: OnCount | None = None,
        on_text: OnText | None = None,
        **options: Unpack[Options],
    ) -> Summary:
        """The sentences that say most, in their order; a model for summaries and the far side write their
        own. `style` is "headline" (1 sentence), "brief" (3), "detailed" (7) or "bullets" (5); `max_tokens`
        bounds the summary; `on_text` hears what is written, as it is written.

        Raises `InvalidInput`, `InvalidOption`, and what the side that answers may raise."""
        request = summarizing.checked(text, style, max_tokens)

        async def near(model: OpenModel, told: Near) -> Summary:
            if isinstance(model, LoadedModel):
                return await summarizing.near(model, self._core.vectors, request, on_progress)
            from nearside.generation import summarize

            return await summarize.near(model, request, on_progress, on_text)

        async def far(cloud: Cloud, alias: str) -> Summary:
            return await summarizing.far(cloud, alias, request)

        return await self._core.run_any(
            TASKS["summarize"],
            options,
            near,
            far,
            characters=weight(text),
            hard=reasons.summarize(weight(text)),
        )

    async def answer(
        self,
        question: str,
        context: str,
        *,
        top_k: int = 3,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> Answer:
        """The sentence of `context` that answers the question best, with its place, and the next ones.

        Raises `InvalidInput`, `InvalidOption`, and what the side that answers may raise."""
        request = answering.checked(question, context, top_k)

        async def near(model: OpenModel, told: Near) -> Answer:
            if isinstance(model, LoadedModel):
                return await answering.near(model, self._core.vectors, request, on_progress)
            from nearside.specialists import answer

            return await answer.near(model, request, on_progress)

        async def far(cloud: Cloud, alias: str) -> Answer:
            return await answering.far(cloud, alias, request)

        size = weight(context) + weight(question)
        return await self._core.run_any(
            TASKS["answer"],
            options,
            near,
            far,
            characters=size,
            hard=reasons.answer(question, size),
        )

    async def teach(
        self,
        examples: Sequence[tuple[str, str]],
        *,
        name: str = "",
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> TaughtClassifier:
        """A classifier that has learned from (text, label) pairs; it is kept on this device.

        Raises `InvalidInput` for fewer than two labels and anything but text, `StorageFull`, and what opening
        the model may raise."""
        return await self.classifiers.teach(examples, name, on_progress, options)

    async def detect_language(self, text: str, **options: Unpack[Options]) -> Language:
        """Which language a text is in. Raises `InvalidInput` for anything but text."""
        checked = embedding.checked_text(text, "text")
        if options.get("model") is not None:
            raise InvalidOption("Languages are told apart without a model.", hint="Leave the model out.")
        task = TASKS["detectLanguage"]
        with await self._core.open(task, options, About(_LANGUAGES.id)) as ticket:
            await self._core.extras.ready()  # the letters of each language
            found = detect(checked)
            decision = ticket.finish(Usage(0, 1, 0), _LANGUAGES)
        return Language(found.language, found.name, found.confidence, found.alternatives, decision)

    async def generate(
        self, prompt: str, *, parameters: Mapping[str, Any] | None = None, **options: Unpack[Options]
    ) -> Generated:
        """An answer to a prompt: quoted from documents on this device, or written by a far model, whose
        `parameters` (temperature, max_tokens, ...) are OpenAI's.

        Raises `InvalidInput`, `InvalidOption`, `NoRoute`, and what the side that answers may raise."""
        return await generate(self._core, prompt, parameters or {}, options)

    async def stream(
        self, prompt: str, *, parameters: Mapping[str, Any] | None = None, **options: Unpack[Options]
    ) -> AsyncGenerator[str, None]:
        """The answer of `generate`, piece by piece. Should the side that answers break off, the other one's
        answer follows after an empty line."""
        conversation = chatting.checked([{"role": "user", "content": prompt}], parameters)
        begun = False
        async with aclosing(converse(self._core, conversation, options)) as events:
            async for event in events:
                if isinstance(event, Piece):
                    begun = True
                    yield event.text
                elif isinstance(event, FellBack) and begun:
                    yield "\n\n"

    async def route(
        self, task: str, *, prompt: str = "", characters: int = 0, **options: Unpack[Options]
    ) -> Decision:
        """Which side would answer, and why: nothing is asked and no record is left. `prompt` is the text of a
        chat request, `characters` the length of any other.

        Raises `UnknownMethod` for a task that does not exist, `NoRoute` or `ModelNeeded` when no side may
        answer."""
        known = TASKS.get(task) if isinstance(task, str) else None
        if known is None:
            raise UnknownMethod(f"There is no task {task!r:.40}.", hint=f"Known: {', '.join(TASKS)}.")
        text = embedding.checked_text(prompt, "prompt")
        if isinstance(characters, bool) or not isinstance(characters, int) or characters < 0:
            raise InvalidOption(f"characters is {characters!r:.40}.", hint="Give a whole number from 0.")
        wish = Wish(**options)
        size = characters or weight(text)
        if known is CHAT:
            told = await about(self._core, text, size, wish.near_model)
        else:
            told = await self._core.about(known, size)
        return decide(await self._core.pipeline.facts(known, wish, told))

    async def may_ask_hub(self) -> bool:
        """Whether a model may be fetched from the public hub now: not when the visitor switched that off, and
        not in local-only mode, the request's or anybody's."""
        if self._core.pipeline.local_document:
            return False
        settings = await self.settings.get()
        here = self._core.pipeline.mode(settings, Wish(mode=mode_in_force.get()))
        return settings.hub and here != "local-only" and mode_in_force.get() != "local-only"

    async def far_facts(self) -> Facts:
        """What is known of the far side, as a chat request would find it now."""
        return await self._core.pipeline.facts(CHAT, Wish(), About(self._core.default_model))

    @property
    def persistent(self) -> bool:
        """Whether documents, classifiers, records and settings are still there after a restart."""
        return self._database.persistent

    async def device(self) -> dict[str, Any]:
        """What this device is and what that means for running models here; see `nearside.device.report`."""
        return device.report(await self._probe.facts())

    async def close(self) -> None:
        """Unload everything and write what waits. The client may be used again: models are then loaded
        anew."""
        await self._core.manager.close()
        await self.records.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
        await self._database.close()
