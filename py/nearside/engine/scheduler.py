"""Who runs next: one lane per open model, interactive calls before bulk work, replicas for bulk work.

A call that somebody waits for is handed to the model worker as soon as one of the places there is free; a job
of 2,000 texts holds no place longer than one call, so it delays others by the calls already under way and no
more. There are no threads here: everything happens on one event loop, in CPython and in Pyodide.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar

from nearside.engine.batching import batches, can_batch, split, stack
from nearside.errors import ModelCrashed, ModelGone, NearsideError
from nearside.ports.clock import Clock
from nearside.ports.runtime import Feeds, Keep, Outputs, Session, Want

DEPTH = 2
"""Calls handed to one worker at a time: one runs, one is there when it ends (measured: 3 is not faster)."""

BULK_TEXTS = 16
"""From so many calls in one job, more workers are worth opening (each takes 0.5 to 1 s and about 80 MB)."""

QUIET_SECONDS = 0.05
"""So long after a step of writing that somebody waits for, the next one may still come."""

IDLE_SECONDS = 30.0
"""How long an extra worker without work is kept."""


in_background: ContextVar[bool] = ContextVar("in_background", default=False)
"""Whether the request that runs now lets others go first."""


class _Replica:
    """One session and how many calls it has been handed."""

    def __init__(self, number: int, session: Session, used: float) -> None:
        self.number = number
        self.session = session
        self.used = used  # when it last had work, on the clock's monotonic scale
        self.running = 0
        self.dead = False
        self.revival: asyncio.Task[None] | None = None


class SessionLane:
    """The sessions of one model and the queues before them; see `models.loaded.Lane` for the methods tasks
    use."""

    def __init__(
        self,
        session: Session,
        reopen: Callable[[int], Awaitable[Session]],
        max_replicas: int,
        clock: Clock,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._reopen = reopen
        self._max_replicas = max(1, max_replicas)
        self._clock = clock
        self._idle_seconds = idle_seconds
        self._replicas = [_Replica(0, session, clock.monotonic())]
        self._interactive: deque[asyncio.Future[_Replica]] = deque()
        self._bulk: deque[asyncio.Future[_Replica]] = deque()
        self._growing: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._closing: set[int] = set()  # the numbers of replicas that are being closed
        self._homes: dict[str, Session] = {}  # the session that keeps something under a handle
        self._written = -math.inf  # when a step that somebody waits for ended last
        self._freeing: set[asyncio.Task[None]] = set()
        self._closed = False
        self._reason = ModelGone("The model was unloaded.")  # what calls are told once it is closed
        self.refusal: NearsideError | None = None  # why no more workers could be opened, if so

    @property
    def replicas(self) -> int:
        """How many sessions are open now."""
        return len(self._replicas)

    async def run(
        self,
        feeds: Feeds,
        want: Mapping[str, Want],
        *,
        graph: str | None = None,
        keep: Keep | None = None,
        bulk: bool = False,
    ) -> Outputs:
        """One call; see `models.loaded.Lane.run`. When the worker dies, it is started again and the call made
        once more; if that fails too, `ModelCrashed`. Raises what `Session.run` raises, and `ModelGone` once
        the lane is closed."""
        if keep is not None:
            return await self._run_kept(feeds, want, graph, keep)
        bulk = bulk or in_background.get()
        replica = self._idlest()
        if replica is None or self._closed or self._interactive or (bulk and self._bulk):
            replica = await self._place(bulk)
        else:
            replica.running += 1
        try:
            if replica.dead:
                await self._revive(replica)
            try:
                return await self._run(replica, feeds, want, graph)
            except ModelCrashed:
                await self._revive(replica)
                return await self._run(replica, feeds, want, graph)
        finally:
            replica.running -= 1
            replica.used = self._clock.monotonic()
            self._hand_out()

    async def _run_kept(
        self, feeds: Feeds, want: Mapping[str, Want], graph: str | None, keep: Keep
    ) -> Outputs:
        """A step of something that is kept in the first session: it cannot be made in another one, and not
        once more after a crash. It takes no place away from others for longer than the step. In the
        background it waits until nobody writes who is waited for."""
        background = in_background.get()
        if background:
            await self._quiet()
        if self._closed or not self._replicas:
            raise self._reason
        replica = self._replicas[0]
        if replica.dead:
            await self._revive(replica)
        if self._homes.setdefault(keep.handle, replica.session) is not replica.session:
            raise ModelCrashed("What was kept for this call is gone with the worker that died.")
        replica.running += 1
        try:
            return await self._run(replica, feeds, want, graph, keep)
        finally:
            replica.running -= 1
            replica.used = self._clock.monotonic()
            if not background:
                self._written = replica.used
            self._hand_out()

    async def _quiet(self) -> None:
        """Wait until the first session has nothing to do, and has had nothing for a moment."""
        while not self._closed and self._replicas:
            left = self._written + QUIET_SECONDS - self._clock.monotonic()
            if left <= 0 and not self._interactive and self._replicas[0].running == 0:
                return
            await self._clock.sleep(left if left > 0 else QUIET_SECONDS / 10)

    async def free(self, handle: str) -> None:
        """Drop what is kept under `handle`; nothing is raised where the session is gone with it. It is only
        ordered here: a caller that leaves need not wait for the step that it left."""
        self._homes.pop(handle, None)
        if self._replicas and not self._replicas[0].dead:
            task = asyncio.create_task(_free(self._replicas[0].session, handle))
            self._freeing.add(task)
            task.add_done_callback(self._freeing.discard)
            await asyncio.sleep(0)  # the order is given before this returns: before the next call

    async def run_each(
        self,
        count: int,
        feeds: Callable[[int], Feeds],
        want: Mapping[str, Want],
        done: Callable[[int, Outputs], None],
    ) -> None:
        """Calls 0 to count - 1 in this order, several at a time; see `models.loaded.Lane.run_each`. From
        `BULK_TEXTS` calls on, more workers are opened on the side."""
        first = self._replicas[0].session.info if self._replicas else None
        if first is not None and can_batch(first.backend, first.inputs):
            return await self._run_batches(count, feeds, want, done)
        bulk = count > 2 * DEPTH
        width = DEPTH
        if count >= BULK_TEXTS and self._max_replicas > 1:
            width = DEPTH * self._max_replicas
            self._grow()
        numbers = iter(range(count))

        async def pump() -> None:
            for number in numbers:  # shared by all pumps: each takes the next one
                done(number, await self.run(feeds(number), want, bulk=bulk))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(width, count)):
                    group.create_task(pump())
        except BaseExceptionGroup as failures:
            raise _first(failures) from None

    async def _run_batches(
        self,
        count: int,
        feeds: Callable[[int], Feeds],
        want: Mapping[str, Want],
        done: Callable[[int, Outputs], None],
    ) -> None:
        """`run_each` on a graphics card: one call after the other, several texts in each."""
        for numbers, group in batches(count, feeds):
            outputs = await self.run(stack(group), want, bulk=count > 2 * DEPTH)
            for number, own in zip(numbers, split(outputs, group), strict=True):
                done(number, own)

    async def close(self, reason: ModelGone | None = None) -> None:
        """Close all sessions. Waiting and running calls fail with `reason`, or else `ModelGone`."""
        self._closed = True
        self._reason = reason or self._reason
        tasks = [self._growing, self._watching, *(replica.revival for replica in self._replicas)]
        pending = [task for task in tasks if task is not None and not task.done()]
        for task in pending:
            task.cancel()
        for queue in (self._interactive, self._bulk):
            while queue:
                waiter = queue.popleft()
                if not waiter.done():
                    waiter.set_exception(self._reason)
        if pending:
            await asyncio.wait(pending)
        replicas, self._replicas = self._replicas, []
        for replica in replicas:
            await replica.session.close()

    def _idlest(self) -> _Replica | None:
        """The session with the fewest calls, None when all have as many as they may."""
        best, fewest = None, DEPTH
        for replica in self._replicas:
            if replica.running < fewest:
                best, fewest = replica, replica.running
        return best

    async def _place(self, bulk: bool) -> _Replica:
        """Wait for a place; it counts as taken from then on."""
        if self._closed:
            raise self._reason
        waiter: asyncio.Future[_Replica] = asyncio.get_running_loop().create_future()
        (self._bulk if bulk else self._interactive).append(waiter)
        self._hand_out()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                waiter.result().running -= 1  # the place came at the same moment: pass it on
                self._hand_out()
            raise  # (a waiter that was cancelled stays in its queue and is passed over)

    def _hand_out(self) -> None:
        """Give free places to those who wait, interactive calls first."""
        while self._interactive or self._bulk:
            replica = self._idlest()
            if replica is None:
                return
            waiter = (self._interactive or self._bulk).popleft()
            if not waiter.done():
                replica.running += 1
                waiter.set_result(replica)

    async def _run(
        self,
        replica: _Replica,
        feeds: Feeds,
        want: Mapping[str, Want],
        graph: str | None = None,
        keep: Keep | None = None,
    ) -> Outputs:
        session = replica.session
        try:
            return await session.run(feeds, want, keep, graph=graph)
        except (ModelCrashed, ModelGone):
            if replica.session is session:
                replica.dead = True
            if self._closed:
                raise self._reason from None
            raise

    async def _revive(self, replica: _Replica) -> None:
        """Open a dead replica's session again, once for all the calls that it had."""
        if not replica.dead:
            return
        if self._closed:
            raise self._reason
        if replica.revival is None or replica.revival.done():
            replica.revival = asyncio.create_task(self._open_again(replica))
            replica.revival.add_done_callback(_retrieve)
        try:
            await asyncio.shield(replica.revival)
        except asyncio.CancelledError:
            if self._closed and replica.revival.cancelled():
                raise self._reason from None
            raise

    async def _open_again(self, replica: _Replica) -> None:
        await replica.session.close()
        session = await self._reopen(replica.number)
        if self._closed:
            await session.close()
            raise self._reason
        replica.session = session
        replica.dead = False

    def _grow(self) -> None:
        """Open the other replicas in the background, unless that failed before."""
        busy = self._growing is not None and not self._growing.done()
        if (
            not busy
            and not self._closed
            and self.refusal is None
            and len(self._replicas) < self._max_replicas
        ):
            self._growing = asyncio.create_task(self._open_more())
            self._growing.add_done_callback(_retrieve)

    async def _open_more(self) -> None:
        for number in range(1, self._max_replicas):
            if number in self._closing or any(replica.number == number for replica in self._replicas):
                continue
            try:
                session = await self._reopen(number)
            except NearsideError as error:  # fewer workers are no failure: the first one does the work
                self.refusal = error
                break
            if self._closed:
                await session.close()
                return
            self._replicas.append(_Replica(number, session, self._clock.monotonic()))
            self._hand_out()
        if len(self._replicas) > 1 and (self._watching is None or self._watching.done()):
            self._watching = asyncio.create_task(self._close_idle())

    async def _close_idle(self) -> None:
        """Close extra replicas that have had no work for a while, the last opened first."""
        while len(self._replicas) > 1:
            await self._clock.sleep(self._idle_seconds / 2)
            now = self._clock.monotonic()
            for replica in self._replicas[:0:-1]:
                if replica.running == 0 and now - replica.used >= self._idle_seconds:
                    self._replicas.remove(replica)
                    self._closing.add(replica.number)
                    try:
                        await replica.session.close()
                    finally:
                        self._closing.discard(replica.number)


async def _free(session: Session, handle: str) -> None:
    with contextlib.suppress(NearsideError):
        await session.free(handle)


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that stopped a group of calls."""
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _retrieve(task: asyncio.Task[None]) -> None:
    """Look at a background task's failure even when nobody waits for it, so that asyncio does not
    complain."""
    if not task.cancelled():
        task.exception()
