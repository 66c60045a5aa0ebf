"""The way of a request: facts, decision, the first side, the other one when that fails, the record."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from nearside.engine.far import FarSide
from nearside.engine.records import Records
from nearside.engine.settings import Settings, SettingsKeeper
from nearside.errors import (
    Cancelled,
    CloudFailed,
    CloudRefused,
    DeadlineExceeded,
    EngineFailed,
    InvalidInput,
    InvalidOption,
    ModelNeeded,
    NearsideError,
    NoProvider,
    NoRoute,
    NothingFound,
    Offline,
    UnknownMethod,
)
from nearside.ports.clock import Clock
from nearside.ports.cloud import Cloud
from nearside.routing.explain import explain_fallback
from nearside.routing.facts import MODES, Facts, Task, effective_mode
from nearside.routing.policy import decide, estimate
from nearside.routing.record import Record
from nearside.types import Candidate, Decision, Escalation, Mode, ModelUsed, Tier, Usage

_ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)

_CALLERS_FAULT = (InvalidInput, InvalidOption, UnknownMethod, Cancelled)
"""Errors of a near side that the far side would only repeat."""

mode_in_force: ContextVar[Mode | None] = ContextVar("mode_in_force", default=None)
"""The mode of the request whose model is being opened; None outside of requests."""

_BEGIN_FAR = ("prefer-cloud", "cloud-only")

_FAR_FAILURES = (Offline, NoProvider, CloudRefused, CloudFailed, NothingFound)
"""What this device may do better, or at least otherwise."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a call says about how it is to be answered: options that every call takes.

    `mode` may only be stricter than the visitor's and the site's; `prefer` asks one side first where the
    rules leave both; `consent`: the visitor agreed to the cloud for this call; `model` is an id (org/name)
    of a near model, or an alias of a far one; `timeout` in seconds, after which the call fails with
    `DeadlineExceeded`; `background`: calls that somebody waits for go first."""

    mode: Mode | None = None
    prefer: Tier | None = None
    consent: bool = False
    model: str | None = None
    timeout: float | None = None
    background: bool = False

    def __post_init__(self) -> None:
        """Raises `InvalidOption` for impossible values."""
        if self.alias is not None and not _ALIAS.fullmatch(self.alias):
            hint = "Give an id such as org/name, or a cloud alias."
            raise InvalidOption(f"model cannot be {self.alias!r:.40}.", hint=hint)
        if self.mode is not None and self.mode not in MODES:
            raise InvalidOption(f"mode cannot be {self.mode!r:.40}.", hint=f"One of: {', '.join(MODES)}.")
        if self.prefer not in (None, "near", "far"):
            raise InvalidOption(f"prefer cannot be {self.prefer!r:.40}.", hint="One of: near, far.")
        seconds = self.timeout
        if seconds is not None and (
            isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e6
        ):
            raise InvalidOption(f"timeout cannot be {seconds!r:.40}.", hint="Give seconds, more than 0.")
        if not isinstance(self.background, bool):
            raise InvalidOption(f"background cannot be {self.background!r:.40}.", hint="Give true or false.")
        if not isinstance(self.consent, bool):
            raise InvalidOption(f"consent cannot be {self.consent!r:.40}.", hint="Give true or false.")
        if self.model is not None and (not isinstance(self.model, str) or not self.model):
            raise InvalidOption(
                f"model cannot be {self.model!r:.40}.", hint="Give an id such as org/name, or a cloud alias."
            )

    @property
    def near_model(self) -> str | None:
        """The near model that the call names."""
        return self.model if isinstance(self.model, str) and "/" in self.model else None

    @property
    def alias(self) -> str | None:
        """The far model that the call names."""
        return self.model if isinstance(self.model, str) and self.model and "/" not in self.model else None


@dataclass(frozen=True, slots=True)
class About:
    """What a task knows of a request: `near_model` would answer here, unless the call names another one;
    the rest as in `routing.facts.Facts`."""

    near_model: str
    characters: int = 0
    writing: bool = False
    writes: bool = False
    lacks: str | None = None
    hard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """What a near side is told: `model` to use, the `mode` in force, and whether it is the `last` one that
    can answer: only then does it give an answer that it is not sure of."""

    model: str
    mode: Mode
    last: bool


class Result(Protocol):
    """What a side gives back."""

    @property
    def usage(self) -> Usage:
        """What it cost."""
        ...

    @property
    def model(self) -> ModelUsed:
        """Who answered."""
        ...


R = TypeVar("R", bound=Result)
NearSide = Callable[[Near], Awaitable[R]]
FarSideCall = Callable[[Cloud, str], Awaitable[R]]


class Ticket:
    """One request on its way: which side is to be asked now, and what has happened so far."""

    def __init__(
        self, pipeline: Pipeline, id: str, facts: Facts, wish: Wish, decision: Decision, started: float
    ) -> None:
        self._pipeline = pipeline
        self._wish = wish
        self._id = id
        self._facts = facts
        self._started = started
        self._left = [candidate for candidate in decision.candidates if candidate.removed_by is None]
        self._unsure = False  # this device had an answer, but not a sure one
        self._over = False
        self.decision = dataclasses.replace(decision, id=id)

    @property
    def tier(self) -> Tier:
        """The side to ask now."""
        return self.decision.tier

    @property
    def near(self) -> Near:
        """What the near side is told."""
        last = len(self._left) == 1 or self._facts.prefer == "near"
        return Near(self._facts.near_model, self._facts.mode, last)

    async def may_leave(self) -> bool:
        """Whether the far side may still be asked: loading a model takes long enough for the visitor to
        change the mode. When not, this device is asked instead, and `decision` says so.

        Raises `NoRoute` when it must not answer either."""
        settings = await self._pipeline.settings.get()
        mode = self._pipeline.mode(settings, self._wish)
        consented = _consented(settings, self._wish, mode)
        now = dataclasses.replace(self._facts, mode=mode, consented=consented)
        if now == self._facts:
            return True
        decision = decide(now)  # raises NoRoute, which ends the request
        if any(one.tier == "far" and one.removed_by is None for one in decision.candidates):
            return True
        self._facts = now
        self._left = [one for one in decision.candidates if one.removed_by is None]
        self.decision = dataclasses.replace(
            decision, id=self._id, escalated_from=self.decision.escalated_from
        )
        return False

    def fall_back(self, error: NearsideError) -> bool:
        """After `error` of the present side: whether the other one is to be asked (`decision` then says so).
        When not, the request is over."""
        failed = self._left.pop(0)
        if failed.tier == "far":
            self._pipeline.far.met(error)
            helps = isinstance(error, _FAR_FAILURES)
            if helps and self._unsure:  # better an unsure answer, marked as such, than none
                self._left = [Candidate("near", self._facts.near_model)]
        else:
            helps = not isinstance(error, _CALLERS_FAULT)
            self._unsure = isinstance(error, NothingFound)
        if not helps or not self._left:
            self.fail(error)
            return False
        escalation = Escalation(failed.tier, error.code, error.message)
        chosen = self._left[0]
        self.decision = dataclasses.replace(
            self.decision,
            tier=chosen.tier,
            model=chosen.model or "",
            explanation=explain_fallback(escalation, chosen),
            escalated_from=escalation,
            saved=None,
        )
        return True

    def fail(self, error: NearsideError) -> None:
        """The request ends with `error`."""
        self._record(error.code, None, None)

    def finish(self, usage: Usage, model: ModelUsed, *, found: bool = True) -> Decision:
        """The request is answered; the decision as it stands in its record. An answer that says that nothing
        was `found` has saved nothing."""
        cost: int | None = 0
        if self.tier == "far":
            counted = usage.tokens > 0 or usage.written > 0  # some providers do not tell
            cost = estimate(self._facts.far_model, usage.tokens, usage.written) if counted else None
        elif self.decision.escalated_from is not None and self.decision.escalated_from.tier == "far":
            cost = None  # an answer that broke off may have been charged for
        saved = self.decision.saved if found else None
        self.decision = dataclasses.replace(self.decision, cost=cost, saved=saved)
        self._record("ok", usage, model)
        return self.decision

    def _record(self, outcome: str, usage: Usage | None, model: ModelUsed | None) -> None:
        if self._over:
            return
        self._over = True
        self._pipeline.record(self._id, self._facts, self.decision, outcome, self._started, usage, model)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """A request that is cancelled, or that meets a defect, leaves its record too."""
        if kind is not None and not self._over:
            defect = issubclass(kind, Exception)
            code = error.code if isinstance(error, NearsideError) else EngineFailed.code
            self._record(code if defect else Cancelled.code, None, None)


class Pipeline:
    """Decides, asks and records."""

    def __init__(
        self,
        far: FarSide,
        records: Records,
        settings: SettingsKeeper,
        clock: Clock,
        *,
        site_mode: Mode | None = None,
        local_document: bool = False,
        version: str = "",
    ) -> None:
        self.far = far
        self.records = records
        self.settings = settings
        self.clock = clock
        self.version = version
        self._site_mode = site_mode
        self.local_document = local_document

    async def facts(self, task: Task, wish: Wish, about: About) -> Facts:
        """What is known now. The far side is asked only where it may answer at all."""
        # A task that stays here in any case need not wait for what another tab may have set.
        settings = await self.settings.get() if task.far or self.settings.unread else self.settings.last
        mode: Mode = "local-only" if self.local_document else self.mode(settings, wish)
        may_leave = task.far and mode != "local-only"
        if may_leave:
            await self.far.refresh()
        return Facts(
            task=task,
            mode=mode,
            near_model=wish.near_model or about.near_model,
            local_document=self.local_document,
            consented=_consented(settings, wish, mode),
            cloud=self.far.state if may_leave else "none",
            models=self.far.models if may_leave else (),
            alias=wish.alias,
            near_named=wish.near_model is not None,
            prefer=wish.prefer,
            characters=about.characters if may_leave else 0,
            writing=about.writing,
            writes=about.writes,
            lacks=about.lacks if wish.near_model is None else None,
            hard=about.hard if may_leave else (),
        )

    def mode(self, settings: Settings, wish: Wish) -> Mode:
        """The mode in force for a call."""
        return effective_mode(settings.mode, self._site_mode, wish.mode)

    async def open(self, task: Task, wish: Wish, about: About) -> Ticket:
        """Begin a request. Raises `NoRoute` or `ModelNeeded` when no side may answer; that leaves a record
        too."""
        started = self.clock.monotonic()
        facts = await self.facts(task, wish, about)
        id = self.records.new_id()
        try:
            decision = decide(facts)
        except (NoRoute, ModelNeeded) as error:
            self.record(id, facts, None, error.code, started)
            raise
        return Ticket(self, id, facts, wish, decision, started)

    def record(
        self,
        id: str,
        facts: Facts,
        decision: Decision | None,
        outcome: str,
        started: float,
        usage: Usage | None = None,
        model: ModelUsed | None = None,
    ) -> None:
        """Keep what became of a request; `started` on the monotonic clock."""
        latency = round((self.clock.monotonic() - started) * 1000, 3)
        now = self.clock.now()
        task = facts.task.name
        kept = None if decision is None else _without_words(decision)
        self.records.add(Record(id, now, task, facts, kept, outcome, latency, usage, model, self.version))

    async def run(
        self,
        task: Task,
        wish: Wish,
        about: About,
        near: NearSide[R],
        far: FarSideCall[R] | None = None,
    ) -> R:
        """Answer a request with its sides' functions; the result has the decision in it."""
        with await self.open(task, wish, about) as ticket:
            try:
                async with asyncio.timeout(wish.timeout):
                    return await self._ask(ticket, near, far)
            except TimeoutError as late:
                error = DeadlineExceeded(f"{task.name} took longer than {wish.timeout:g} seconds.")
                ticket.fail(error)
                raise error from late

    async def _ask(self, ticket: Ticket, near: NearSide[R], far: FarSideCall[R] | None) -> R:
        """The result of the first side that has one."""
        while True:
            try:
                if ticket.tier == "near" or not await ticket.may_leave():
                    result = await near(ticket.near)
                else:
                    assert far is not None and self.far.cloud is not None  # noqa: S101 (the rules saw to it)
                    result = await far(self.far.cloud, ticket.decision.model)
            except NearsideError as error:
                if not ticket.fall_back(error):
                    raise
            else:
                decision = ticket.finish(result.usage, result.model)
                return dataclasses.replace(result, decision=decision)  # type: ignore[type-var]


def _without_words(decision: Decision) -> Decision:
    """A decision for a record: an error's message may quote what was asked, so only its code is kept."""
    escalation = decision.escalated_from
    if escalation is None:
        return decision
    return dataclasses.replace(
        decision,
        explanation=decision.explanation.removesuffix(escalation.message) + escalation.code,
        escalated_from=dataclasses.replace(escalation, message=""),
    )


def _consented(settings: Settings, wish: Wish, mode: Mode) -> bool:
    """Whether the cloud may be used. A mode that begins there is a yes to it: the visitor's own, or, unless
    the visitor wants to be asked, that of a page or a call, which answers for its visitors."""
    if settings.cloud == "allow" or wish.consent or settings.mode in _BEGIN_FAR:
        return True
    return settings.cloud is None and mode in _BEGIN_FAR
