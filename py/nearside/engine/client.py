"""The client: the task functions, the device report and the models, over whatever ports it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self

from nearside import device
from nearside.engine.scheduler import IDLE_SECONDS, SessionLane
from nearside.models.catalog import STARTER_MODEL, ModelEntry
from nearside.models.manager import ModelManager
from nearside.models.vectors import CACHE_BYTES, VectorCache
from nearside.ports.clock import Clock
from nearside.ports.probe import Probe
from nearside.ports.runtime import Runtime, Session
from nearside.ports.store import ModelStore, StorageReport
from nearside.ports.tokenizers import Tokenizers
from nearside.tasks import embed as embedding
from nearside.tasks import search as searching
from nearside.tasks import similarity as comparing
from nearside.types import Embeddings, OnCount, OnProgress, SearchResults, Similarity


class Client:
    """One engine. Every method may be called at any time and as often as wanted at the same time; cancelling
    the task that awaits one drops its queued work at once. Raises `NearsideError` and nothing else on
    purpose."""

    def __init__(
        self,
        runtime: Runtime,
        tokenizers: Tokenizers,
        store: ModelStore,
        probe: Probe,
        clock: Clock,
        *,
        default_model: str = STARTER_MODEL,
        cache_bytes: int = CACHE_BYTES,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """`default_model` answers calls that name none; `cache_bytes` bounds the vectors kept in memory;
        extra sessions opened for bulk work are closed after `idle_seconds` without any."""

        def make_lane(session: Session, reopen: Callable[[int], Awaitable[Session]]) -> SessionLane:
            return SessionLane(session, reopen, runtime.max_replicas, clock, idle_seconds)

        self._manager = ModelManager(runtime, tokenizers, store, make_lane)
        self._probe = probe
        self._default_model = default_model
        self._vectors = VectorCache(cache_bytes)
        self._corpora = searching.Corpora()
        self.models = Models(self._manager, default_model)

    async def embed(
        self, texts: str | Sequence[str], *, model: str | None = None, on_progress: OnCount | None = None
    ) -> Embeddings:
        """A vector of length 1 for each text: float32 [n, dimensions]; a single text gives one row. Texts
        longer than the model's window are cut into windows whose vectors are averaged.

        Raises `InvalidInput` for anything but text, and what opening the model may raise."""
        wanted = embedding.checked_texts(texts)
        loaded = await self._manager.get(self._default_model if model is None else model)
        return await embedding.embed(loaded, self._vectors, wanted, on_progress)

    async def similarity(
        self, a: str, b: str, *, model: str | None = None, on_progress: OnCount | None = None
    ) -> Similarity:
        """The cosine of the two texts' vectors, -1 to 1. Raises as `embed`."""
        pair = (embedding.checked_text(a, "a"), embedding.checked_text(b, "b"))
        loaded = await self._manager.get(self._default_model if model is None else model)
        return await comparing.similarity(loaded, self._vectors, pair, on_progress)

    async def search(
        self,
        query: str,
        docs: Sequence[str],
        *,
        top_k: int = 10,
        passages: bool = False,
        model: str | None = None,
        on_progress: OnCount | None = None,
    ) -> SearchResults:
        """The `top_k` best documents (or, with `passages`, places in documents) for a query, by words and by
        meaning.

        Raises `InvalidInput` for an empty query or anything but text, `InvalidOption` for an impossible
        `top_k`, and what opening the model may raise."""
        request = searching.checked(query, docs, top_k, passages, self._corpora)
        loaded = await self._manager.get(self._default_model if model is None else model)
        return await searching.search(loaded, self._vectors, self._corpora, request, on_progress)

    async def device(self) -> dict[str, Any]:
        """What this device is and what that means for running models here; see `nearside.device.report`."""
        return device.report(await self._probe.facts())

    async def close(self) -> None:
        """Unload everything. The client may be used again: models are then loaded anew."""
        await self._manager.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Models:
    """`client.models`: which models there are, loading and removing them."""

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
