"""A deterministic stand-in for each port: for the engine's tests, and for those of anyone who builds on it.

Texts that share words have close vectors, as with a real model. The runtime can be held, made to crash, and
made to fail, so that a test decides what happens when.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import ModelCorrupt, ModelCrashed, ModelGone, NearsideError, NotFound, UnknownModel
from nearside.ports.cloud import CloudDelta, CloudModel, CloudRequest
from nearside.ports.database import Change, Entry
from nearside.ports.memory import MemoryDatabase
from nearside.ports.runtime import Feeds, Keep, ModelInfo, Outputs, Session, Want
from nearside.ports.store import StorageReport, StoredModel
from nearside.ports.tokenizers import Encoding
from nearside.types import Progress

MODEL = "nearside/all-MiniLM-L6-v2"
"""The model that the fakes have unless told otherwise."""

_FIRST, _LAST = 101, 102
_TOKEN = re.compile(r"\w+|[^\w\s]")


class FakeTokenizer:
    """A token is a word or a sign; its id comes from a hash of it. Two special tokens around each text."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []  # the texts of each call

    def encode(self, texts: Sequence[str], *, special: bool = True) -> list[NDArray[np.int64]]:
        """See `Tokenizer.encode`."""
        self.calls.append(tuple(texts))
        made = []
        for text in texts:
            ids = [_number(token) for token in _TOKEN.findall(text.lower())]
            made.append(np.asarray([_FIRST, *ids, _LAST] if special else ids, np.int64))
        return made

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `Tokenizer.count`."""
        return [len(ids) for ids in self.encode(texts, special=False)]

    def encode_with_offsets(self, texts: Sequence[str], *, special: bool = True) -> list[Encoding]:
        """See `Tokenizer.encode_with_offsets`."""
        made = []
        for text, ids in zip(texts, self.encode(texts, special=special), strict=True):
            places = [match.span() for match in _TOKEN.finditer(text.lower())]
            around = [(0, 0)] if special else []
            offsets = np.asarray([*around, *places, *around], np.int64).reshape(-1, 2)
            made.append(Encoding(ids, offsets, np.isin(ids, (_FIRST, _LAST))))
        return made

    def decode(self, ids: Sequence[int] | NDArray[np.int64], *, special: bool = False) -> str:
        """See `Tokenizer.decode`: the numbers, as the words are not known any more."""
        return " ".join(str(int(id)) for id in ids if special or id not in (_FIRST, _LAST))

    def id_of(self, token: str) -> int | None:
        """See `Tokenizer.id_of`."""
        return {"[CLS]": _FIRST, "[SEP]": _LAST}.get(token)

    def vocabulary(self) -> list[str | None]:
        """See `Tokenizer.vocabulary`: nothing, as ids are hashes."""
        return []


class FakeTokenizers:
    """Always gives the same `FakeTokenizer`; a tokenizer.json of "broken" cannot be read."""

    def __init__(self) -> None:
        self.tokenizer = FakeTokenizer()

    def load(self, files: Mapping[str, str]) -> FakeTokenizer:
        """See `Tokenizers.load`."""
        if files.get("tokenizer.json", "broken") == "broken":
            raise ModelCorrupt("The model's tokenizer.json cannot be read.")
        return self.tokenizer


class FakeRuntime:
    """Opens fake sessions for `models`. `opened` and `runs` record what was done: (model, replica) pairs, and
    the token ids of each call with its replica."""

    def __init__(
        self,
        models: Sequence[str] = (MODEL,),
        *,
        max_replicas: int = 1,
        dimensions: int = 256,
        max_tokens: int = 16,
        outputs: tuple[str, ...] = ("sentence_embedding",),
        files: Mapping[str, str] | None = None,
        card: Mapping[str, Any] | None = None,
    ) -> None:
        self.max_replicas = max_replicas
        self.models = list(models)
        self.dimensions = dimensions
        self.outputs = outputs
        self.files = {"tokenizer.json": "{}"} if files is None else files
        self.card = {"dimensions": dimensions, "maxTokens": max_tokens, "pooling": "graph", **(card or {})}
        self.opened: list[tuple[str, int]] = []
        self.sessions: list[FakeSession] = []
        self.runs: list[tuple[int, tuple[int, ...]]] = []
        self.open_errors: list[
            NearsideError | None
        ] = []  # what the next openings raise, in order; None: nothing
        self.crashes = 0  # how many of the next calls crash their session
        self.open_gate = asyncio.Event()  # cleared: openings wait
        self.open_gate.set()
        self._allowed: int | None = None  # None: every call may run

    async def open(
        self, model: str, *, replica: int = 0, on_progress: Callable[[Progress], None] | None = None
    ) -> Session:
        """See `Runtime.open`."""
        self.opened.append((model, replica))
        if on_progress is not None:
            on_progress(Progress("download", 0, 100))
        await self.open_gate.wait()
        error = self.open_errors.pop(0) if self.open_errors else None
        if error is not None:
            raise error
        id, _, revision = model.partition("@")
        if id not in self.models:
            raise UnknownModel(f"There is no model {model} here.")
        if on_progress is not None:
            on_progress(Progress("download", 100, 100))
            on_progress(Progress("prepare", 100, 100))
        info = ModelInfo(
            id=id,
            revision=revision or "fake",
            dtype="int8",
            file="onnx/model_quantized.onnx",
            sha256=hashlib.sha256(id.encode()).hexdigest(),
            backend="cpu",
            inputs=("input_ids", "attention_mask", "token_type_ids"),
            outputs=self.outputs,
            card={**self.card, "id": id},
        )
        session = FakeSession(self, info, replica)
        self.sessions.append(session)
        return session

    def hold(self) -> None:
        """From now on calls wait in their sessions until they are let through."""
        self._allowed = 0

    def let(self, calls: int | None = None) -> None:
        """Let so many of the waiting calls through (None: all, and all that come)."""
        self._allowed = None if calls is None else (self._allowed or 0) + calls
        for session in self.sessions:
            session.pump()

    def may_run(self) -> bool:
        """Use up one permission to run; False when there is none."""
        if self._allowed == 0:
            return False
        if self._allowed is not None:
            self._allowed -= 1
        return True

    @property
    def open_sessions(self) -> list[FakeSession]:
        """The sessions that are neither closed nor crashed."""
        return [session for session in self.sessions if session.ended is None]


class FakeSession:
    """One fake session; see `Session`."""

    def __init__(self, runtime: FakeRuntime, info: ModelInfo, replica: int) -> None:
        self.info = info
        self.files = runtime.files
        self.replica = replica
        self.ended: NearsideError | None = None
        self.waiting: deque[asyncio.Future[None]] = deque()
        self._runtime = runtime

    async def run(
        self, feeds: Feeds, want: Mapping[str, Want], keep: Keep | None = None, *, graph: str | None = None
    ) -> Outputs:
        """See `Session.run`. There is one graph, and nothing is kept."""
        await asyncio.sleep(0)  # as over a port: the answer never comes in the same turn
        if self.ended is not None:
            raise self.ended
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(waiter)
        self.pump()
        await waiter
        ids = feeds["input_ids"]
        self._runtime.runs.append((self.replica, tuple(int(id) for id in ids[0])))
        if self._runtime.crashes:
            self._runtime.crashes -= 1
            self.end(ModelCrashed("The worker died."))
            raise ModelCrashed("The worker died.")
        rows = _vectors(ids[0], self._runtime.dimensions)
        whole = rows.sum(axis=0)
        made = {
            "sentence_embedding": (whole / np.linalg.norm(whole))[None].astype(np.float32),
            "last_hidden_state": rows[None],
        }
        return {name: made[name] for name in want}

    def pump(self) -> None:
        """Let the calls through that may run, in order."""
        while self.waiting and self._runtime.may_run():
            waiter = self.waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)

    def end(self, error: NearsideError) -> None:
        """As when the worker dies or is terminated: every call fails with `error`."""
        if self.ended is None:
            self.ended = error
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.done():
                waiter.set_exception(error)

    async def free(self, handle: str) -> None:
        """See `Session.free`."""

    async def close(self) -> None:
        """See `Session.close`."""
        self.end(ModelGone("The model was unloaded."))


class FakeStore:
    """Models in a dict. `offered` are the cards of `cards()`."""

    def __init__(self, stored: Sequence[StoredModel] = (), offered: Sequence[Mapping[str, Any]] = ()) -> None:
        self.stored = {model.id: model for model in stored}
        self.offered = list(offered)
        self.elsewhere: list[Mapping[str, Any]] = []  # cards that only `look` finds
        self.previous: dict[str, str] = {}  # id to the revision that `rollback` takes
        self.report = StorageReport(persistent=True, used=0, quota=10**9, persisted=False)

    async def cards(self) -> Sequence[Mapping[str, Any]]:
        """See `ModelStore.cards`."""
        return self.offered

    async def list(self) -> Sequence[StoredModel]:
        """See `ModelStore.list`."""
        return list(self.stored.values())

    async def delete(self, id: str) -> bool:
        """See `ModelStore.delete`."""
        return self.stored.pop(id, None) is not None

    async def look(self, model: str) -> Mapping[str, Any]:
        """See `ModelStore.look`: what is offered, or in `elsewhere`."""
        id = model.partition("@")[0]
        for card in (*self.offered, *self.elsewhere):
            if card["id"] == id:
                return card
        raise UnknownModel(f"There is no model {model} here.")

    async def rollback(self, id: str) -> str:
        """See `ModelStore.rollback`."""
        if id not in self.previous:
            raise NotFound(f"No other revision of {id} is kept.")
        return self.previous.pop(id)

    async def storage(self) -> StorageReport:
        """See `ModelStore.storage`."""
        return self.report


class FakeDatabase(MemoryDatabase):
    """A database in a dict; give the same one to two engines, and they are two tabs. `writes` records what
    was written; `errors` are what the next writes raise, in order (None: nothing); while `gate` is cleared,
    writes wait."""

    def __init__(self, *, persistent: bool = True) -> None:
        super().__init__()
        self.writes: list[tuple[Change, ...]] = []
        self.errors: list[NearsideError | None] = []
        self.reads = 0  # how many entries were read
        self.gate = asyncio.Event()
        self.gate.set()
        self._persistent = persistent

    @property
    def persistent(self) -> bool:
        """See `Database.persistent`."""
        return self._persistent

    async def get(self, collection: str, key: str) -> Entry | None:
        """See `Database.get`."""
        await asyncio.sleep(0)  # as over a disk: the answer never comes in the same turn
        entry = await super().get(collection, key)
        self.reads += entry is not None
        return entry

    async def list(self, collection: str, *, prefix: str = "") -> Sequence[Entry]:
        """See `Database.list`."""
        await asyncio.sleep(0)
        entries = await super().list(collection, prefix=prefix)
        self.reads += len(entries)
        return entries

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Database.write`."""
        await asyncio.sleep(0)
        await self.gate.wait()
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        await super().write(changes)
        self.writes.append(tuple(changes))


class FakeCloud:
    """A far side that answers with `answers` in turn (the last one for ever): a text in pieces of a word, or
    an error, which is raised after `pieces` pieces of the text in `before`. `asked` records the requests,
    `left` how many streams were left before their end."""

    def __init__(
        self,
        *answers: str | NearsideError,
        models: Sequence[CloudModel] = (CloudModel("cloud-fast", 8000, 1000, 150, 600),),
        before: str = "",
    ) -> None:
        self.answers = list(answers) or ["An answer from the cloud."]
        self.offered = list(models)
        self.before = before
        self.asked: list[CloudRequest] = []
        self.listed = 0
        self.left = 0
        self.error: NearsideError | None = None  # what listing the models raises
        self.gate = asyncio.Event()  # cleared: streams wait before their second piece
        self.gate.set()

    async def models(self) -> Sequence[CloudModel]:
        """See `Cloud.models`."""
        self.listed += 1
        if self.error is not None:
            raise self.error
        return self.offered

    async def stream(self, request: CloudRequest) -> AsyncGenerator[CloudDelta, None]:
        """See `Cloud.stream`."""
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        text = answer if isinstance(answer, str) else self.before
        words = re.findall(r"\S+\s*", text)
        done = False
        try:
            for number, word in enumerate(words):
                if number:
                    await self.gate.wait()
                yield CloudDelta(word)
            if not isinstance(answer, str):
                raise answer
            yield CloudDelta(finish_reason="stop")
            yield CloudDelta(input_tokens=len(request.messages) * 10, output_tokens=len(words))
            done = True
        finally:
            self.left += not done and isinstance(answer, str)


class FakeProbe:
    """Gives the facts it was made with."""

    def __init__(self, facts: Mapping[str, Any] | None = None) -> None:
        self._facts = facts or {}

    async def facts(self) -> Mapping[str, Any]:
        """See `Probe.facts`."""
        return self._facts


class ManualClock:
    """Time passes when `advance` is called."""

    def __init__(self) -> None:
        self._time = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self._time

    def now(self) -> float:
        """See `Clock.now`."""
        return self._time + 1_700_000_000

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._time + seconds, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let time pass; whoever slept long enough has run when this returns."""
        end = self._time + seconds
        while due := [sleeper for sleeper in self._sleepers if sleeper[0] <= end]:
            moment, future = min(due, key=lambda sleeper: sleeper[0])
            self._sleepers.remove((moment, future))
            self._time = max(self._time, moment)
            if not future.done():
                future.set_result(None)
            for _ in range(20):  # what wakes up may wait for something short and then sleep again
                await asyncio.sleep(0)
        self._time = end


def _number(token: str) -> int:
    return 1000 + int.from_bytes(hashlib.blake2b(token.encode(), digest_size=4).digest(), "little") % 100_000


def _vectors(ids: NDArray[np.int64], dimensions: int) -> NDArray[np.float32]:
    """A unit vector per id, always the same one; special tokens count little. float32 [length,
    dimensions]."""
    rows = []
    for id in ids:
        row = np.random.default_rng(int(id)).standard_normal(dimensions)
        rows.append(row / np.linalg.norm(row) * (0.05 if id in (_FIRST, _LAST) else 1.0))
    return np.asarray(rows, np.float32)
