"""Who runs next, what happens when a worker dies, and when more workers are opened and closed."""

import asyncio

import numpy as np
import pytest

from nearside.engine.scheduler import BULK_TEXTS, DEPTH, SessionLane, in_background
from nearside.errors import InvalidInput, ModelCrashed, ModelDownloadFailed, ModelGone, OutOfMemory
from nearside.ports.fakes import MODEL, FakeRuntime, ManualClock
from nearside.ports.runtime import Keep

WANT = {"sentence_embedding": "all"}


def feeds(number):
    return {"input_ids": np.int64([[number]])}


class Bench:
    """A lane over a fake runtime, and what it ran."""

    def __init__(self, max_replicas=1, idle_seconds=30.0):
        self.runtime = FakeRuntime(max_replicas=max_replicas)
        self.clock = ManualClock()
        self.idle_seconds = idle_seconds

    async def open(self):
        session = await self.runtime.open(MODEL)
        self.lane = SessionLane(
            session,
            lambda number: self.runtime.open(MODEL, replica=number),
            self.runtime.max_replicas,
            self.clock,
            self.idle_seconds,
        )
        return self.lane

    def job(self, count, first=0, done=None):
        told = done or (lambda number, outputs: None)
        return asyncio.create_task(
            self.lane.run_each(count, lambda number: feeds(first + number), WANT, told)
        )

    def query(self, number):
        return asyncio.create_task(self.lane.run(feeds(number), WANT))

    @property
    def ran(self):
        return [ids[0] for _, ids in self.runtime.runs]

    @property
    def handed_out(self):
        return sum(len(session.waiting) for session in self.runtime.sessions)


@pytest.fixture
def bench():
    return Bench


async def test_one_call(bench):
    lane = await bench().open()
    outputs = await lane.run(feeds(7), WANT)
    assert outputs["sentence_embedding"].shape == (1, 256)


async def test_a_job_runs_in_order_and_tells_each_result(bench):
    made = bench()
    await made.open()
    told = []
    await made.job(40, done=lambda number, outputs: told.append(number))
    assert made.ran == list(range(40))
    assert told == list(range(40))


async def test_a_job_of_nothing(bench):
    made = bench()
    lane = await made.open()
    await lane.run_each(0, feeds, WANT, lambda number, outputs: None)
    assert made.ran == []


async def test_a_query_waits_for_the_calls_under_way_and_for_nothing_else(bench, settle):
    made = bench()
    await made.open()
    made.runtime.hold()
    job = made.job(2000)
    await settle()
    assert made.handed_out == DEPTH
    query = made.query(9999)
    await settle()
    made.runtime.let(DEPTH + 1)
    await settle()
    assert made.ran == [0, 1, 9999]
    assert query.done()
    made.runtime.let()
    await job
    assert made.ran == [0, 1, 9999, *range(2, 2000)]


async def test_queries_run_in_the_order_in_which_they_came(bench, settle):
    made = bench()
    await made.open()
    made.runtime.hold()
    job = made.job(100)
    await settle()
    queries = [made.query(1000 + i) for i in range(5)]
    await settle()
    made.runtime.let()
    await asyncio.gather(job, *queries)
    assert [number for number in made.ran if number >= 1000] == [1000, 1001, 1002, 1003, 1004]
    assert made.ran.index(1004) < 10


async def test_a_query_goes_before_jobs_that_wait(bench, settle):
    made = bench()
    await made.open()
    made.runtime.hold()
    jobs = [made.job(50, first=100 * i) for i in range(4)]  # more of them than there are places
    await settle()
    query = made.query(9999)
    await settle()
    made.runtime.let(DEPTH + 1)
    await settle()
    assert query.done()
    assert made.ran[DEPTH] == 9999
    made.runtime.let()
    await asyncio.gather(*jobs)


async def test_two_jobs_share_the_places(bench, settle):
    made = bench()
    await made.open()
    made.runtime.hold()
    jobs = made.job(50), made.job(50, first=100)
    await settle()
    made.runtime.let()
    await asyncio.gather(*jobs)
    assert 100 in made.ran[:6]
    assert abs(made.ran.index(49) - made.ran.index(149)) < 6


async def test_a_short_job_is_no_bulk_work(bench, settle):
    made = bench()
    await made.open()
    made.runtime.hold()
    long = made.job(100)
    await settle()
    pair = made.job(2, first=1000)
    await settle()
    made.runtime.let()
    await asyncio.gather(long, pair)
    assert made.ran.index(1001) < 6


async def test_cancelling_a_job_drops_its_queued_work_at_once(bench, settle):
    made = bench()
    await made.open()
    made.runtime.hold()
    job, other = made.job(500), made.job(500, first=1000)
    await settle()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    made.runtime.let()
    await other
    assert len([number for number in made.ran if number < 1000]) <= DEPTH
    assert [number for number in made.ran if number >= 1000] == list(range(1000, 1500))


async def test_a_query_that_is_cancelled_while_it_waits_leaves_no_trace(bench, settle):
    made = bench()
    await made.open()
    made.runtime.hold()
    job = made.job(50)
    await settle()
    queries = [made.query(1000 + i) for i in range(3)]
    await settle()
    queries[0].cancel()
    queries[2].cancel()
    await settle()
    made.runtime.let()
    await job
    assert (await queries[1])["sentence_embedding"].shape == (1, 256)
    assert [number for number in made.ran if number >= 1000] == [1001]
    assert len(made.ran) == 51


async def test_a_place_given_to_a_query_that_is_cancelled_at_the_same_moment_is_not_lost(bench, settle):
    made = bench()
    await made.open()
    made.runtime.hold()
    busy = [made.query(i) for i in range(DEPTH)]
    await settle()
    waiting = made.query(100)
    await settle()
    made.runtime.let(1)
    for _ in range(30):
        if not made.lane._interactive:  # a call has ended and its place was given to `waiting` ...
            break
        await asyncio.sleep(0)
    waiting.cancel()  # ... which is cancelled before it could take it
    await settle()
    assert waiting.cancelled()
    more = [made.query(200 + i) for i in range(DEPTH)]
    await settle()
    assert made.handed_out == DEPTH
    made.runtime.let()
    await asyncio.gather(*busy, *more)


async def test_a_failure_stops_the_rest_of_its_job_and_nothing_else(bench, settle):
    made = bench()
    lane = await made.open()

    def wrong(number):
        if number == 5:
            raise InvalidInput("Not this one.")
        return feeds(number)

    other = made.job(30, first=1000)
    with pytest.raises(InvalidInput, match="Not this one"):
        await lane.run_each(100, wrong, WANT, lambda number, outputs: None)
    await other
    assert max(number for number in made.ran if number < 1000) <= 6
    assert 1029 in made.ran


async def test_a_listener_that_raises_stops_its_own_job(bench):
    made = bench()
    await made.open()

    def listener(number, outputs):
        if number == 3:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await made.job(100, done=listener)
    assert len(made.ran) < 8


async def test_a_worker_that_dies_is_started_again_and_the_call_made_once_more(bench):
    made = bench()
    lane = await made.open()
    made.runtime.crashes = 1
    outputs = await lane.run(feeds(1), WANT)
    assert outputs["sentence_embedding"].shape == (1, 256)
    assert made.runtime.opened == [(MODEL, 0)] * 2
    assert made.ran == [1, 1]
    assert len(made.runtime.open_sessions) == 1


async def test_a_call_that_kills_two_workers_fails_and_the_next_call_starts_a_third(bench):
    made = bench()
    lane = await made.open()
    made.runtime.crashes = 2
    with pytest.raises(ModelCrashed):
        await lane.run(feeds(1), WANT)
    assert len(made.runtime.opened) == 2
    await lane.run(feeds(2), WANT)
    assert len(made.runtime.opened) == 3
    assert made.ran == [1, 1, 2]


async def test_all_calls_of_a_dead_worker_share_one_new_one(bench, settle):
    made = bench()
    await made.open()
    made.runtime.hold()
    calls = [made.query(i) for i in range(6)]
    await settle()
    made.runtime.sessions[0].end(ModelCrashed("The tab took its memory."))
    await settle()
    made.runtime.let()
    await asyncio.gather(*calls)
    assert len(made.runtime.opened) == 2
    assert sorted(made.ran) == list(range(6))


async def test_a_job_survives_a_crash(bench):
    made = bench()
    await made.open()
    told = []
    made.runtime.crashes = 1
    await made.job(50, done=lambda number, outputs: told.append(number))
    assert sorted(told) == list(range(50))


async def test_a_worker_that_cannot_be_started_again_is_tried_again_by_the_next_call(bench):
    made = bench()
    lane = await made.open()
    made.runtime.crashes = 1
    made.runtime.open_errors = [ModelDownloadFailed("Offline.")]
    with pytest.raises(ModelDownloadFailed):
        await lane.run(feeds(1), WANT)
    await lane.run(feeds(2), WANT)
    assert made.ran == [1, 2]


async def test_a_worker_that_somebody_else_stopped_is_started_again_by_the_next_call(bench):
    made = bench()
    lane = await made.open()
    made.runtime.sessions[0].end(ModelGone("The page stopped it."))
    with pytest.raises(ModelGone):
        await lane.run(feeds(1), WANT)
    await lane.run(feeds(2), WANT)
    assert made.ran == [2]


async def test_one_who_leaves_during_a_restart_does_not_stop_it_for_the_others(bench, settle):
    made = bench()
    await made.open()
    made.runtime.hold()
    one, two = made.query(1), made.query(2)
    await settle()
    made.runtime.open_gate.clear()
    made.runtime.sessions[0].end(ModelCrashed("Gone."))
    await settle()
    one.cancel()
    await settle()
    made.runtime.open_gate.set()
    made.runtime.let()
    assert (await two)["sentence_embedding"].shape == (1, 256)
    assert len(made.runtime.opened) == 2


async def test_a_large_job_gets_more_workers_and_uses_all_of_them(bench, settle):
    made = bench(max_replicas=3)
    lane = await made.open()
    made.runtime.hold()
    job = made.job(BULK_TEXTS)
    await settle()
    assert made.runtime.opened == [(MODEL, 0), (MODEL, 1), (MODEL, 2)]
    assert lane.replicas == 3
    assert [len(session.waiting) for session in made.runtime.sessions] == [DEPTH] * 3
    made.runtime.let()
    await job
    assert {replica for replica, _ in made.runtime.runs} == {0, 1, 2}
    assert sorted(made.ran) == list(range(BULK_TEXTS))


async def test_a_smaller_job_does_not(bench):
    made = bench(max_replicas=3)
    lane = await made.open()
    await made.job(BULK_TEXTS - 1)
    assert lane.replicas == 1


async def test_a_query_takes_the_worker_with_the_least_to_do(bench, settle):
    made = bench(max_replicas=2)
    await made.open()
    await made.job(BULK_TEXTS)
    made.runtime.hold()
    queries = [made.query(100), made.query(101)]
    await settle()
    assert [len(session.waiting) for session in made.runtime.sessions] == [1, 1]
    made.runtime.let()
    await asyncio.gather(*queries)


async def test_when_no_more_workers_can_be_had_the_first_does_the_work(bench):
    made = bench(max_replicas=4)
    lane = await made.open()
    made.runtime.open_errors = [None, OutOfMemory("No room for a third.")]
    await made.job(60)
    assert sorted(made.ran) == list(range(60))
    assert lane.replicas == 2
    assert isinstance(lane.refusal, OutOfMemory)
    await made.job(60)
    assert len(made.runtime.opened) == 3  # it is not tried again


async def test_extra_workers_are_closed_when_they_have_had_nothing_to_do_for_a_while(bench, settle):
    made = bench(max_replicas=3, idle_seconds=30.0)
    lane = await made.open()
    await made.job(60)
    assert lane.replicas == 3
    await made.clock.advance(29)
    assert lane.replicas == 3
    await made.clock.advance(20)
    assert lane.replicas == 1
    assert [session.replica for session in made.runtime.open_sessions] == [0]
    await made.job(60)  # and opened again when there is work
    assert lane.replicas == 3


async def test_a_worker_with_work_is_not_closed(bench, settle):
    made = bench(max_replicas=2)
    lane = await made.open()
    made.runtime.hold()
    job = made.job(60)
    await settle()
    await made.clock.advance(600)
    assert lane.replicas == 2
    made.runtime.let()
    await job
    await made.clock.advance(600)
    assert lane.replicas == 1


async def test_closing_fails_what_runs_and_what_waits(bench, settle):
    made = bench(max_replicas=2)
    lane = await made.open()
    made.runtime.hold()
    calls = [made.job(100), *(made.query(1000 + i) for i in range(5))]
    await settle()
    await lane.close()
    failures = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(failure) for failure in failures] == [ModelGone] * 6
    assert made.runtime.open_sessions == []
    with pytest.raises(ModelGone):
        await lane.run(feeds(1), WANT)


async def test_closing_while_workers_are_being_opened_leaves_none_open(bench, settle):
    made = bench(max_replicas=3)
    lane = await made.open()
    made.runtime.open_gate.clear()
    made.runtime.hold()
    job = made.job(60)
    await settle()
    await lane.close()
    made.runtime.open_gate.set()
    await settle()
    assert made.runtime.open_sessions == []
    with pytest.raises(ModelGone):
        await job


async def test_closing_during_a_restart_fails_the_call(bench, settle):
    made = bench()
    lane = await made.open()
    made.runtime.crashes = 1
    made.runtime.hold()
    call = made.query(1)
    await settle()
    made.runtime.open_gate.clear()
    made.runtime.let()
    await settle()
    await lane.close()
    with pytest.raises(ModelGone):
        await call
    assert made.runtime.open_sessions == []


KEEP = Keep("one", "present.", "past.")


async def test_freeing_waits_for_no_call_and_is_not_taken_back(bench, settle):
    made = bench()
    lane = await made.open()
    freed, gate = [], asyncio.Event()

    async def free(handle):
        await gate.wait()  # as a worker that is in the middle of a long call
        freed.append(handle)

    made.runtime.sessions[0].free = free
    await asyncio.wait_for(lane.free("one"), 1)
    task = asyncio.create_task(lane.free("two"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    gate.set()
    await settle()
    assert sorted(freed) == ["one", "two"]


async def test_writing_in_the_background_lets_others_write_first(bench, settle):
    made = bench()
    lane = await made.open()

    async def write(number, steps, *, background=False):
        in_background.set(background)
        for step in range(steps):
            await lane.run(feeds(number + step), WANT, keep=Keep(str(number), "present.", "past."))

    slow = asyncio.create_task(write(100, 3, background=True))
    await settle()
    assert made.ran == [100, 101, 102]  # nobody else writes
    made.runtime.hold()
    first = asyncio.create_task(write(200, 4))
    await settle()
    slow = asyncio.create_task(write(300, 2, background=True))
    await settle()
    made.runtime.let(3)
    await settle()
    assert made.ran[3:] == [200, 201, 202]
    made.runtime.let()
    await first
    await settle()
    assert made.ran[3:] == [200, 201, 202, 203]  # the next step may still come
    await made.clock.advance(1)
    await slow
    assert made.ran[7:] == [300, 301]


async def test_what_waits_in_the_background_hears_of_the_end(bench, settle):
    made = bench()
    lane = await made.open()
    made.runtime.hold()
    running = asyncio.create_task(lane.run(feeds(1), WANT, keep=KEEP))
    await settle()

    async def behind():
        in_background.set(True)
        await lane.run(feeds(2), WANT, keep=KEEP)

    waiting = asyncio.create_task(behind())
    await settle()
    await lane.close()
    await made.clock.advance(1)
    for task in (running, waiting):
        with pytest.raises(ModelGone):
            await task
