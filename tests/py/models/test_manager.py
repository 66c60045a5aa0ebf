"""Opening once, forgetting failures, unloading, deleting, listing."""

import asyncio

import pytest

from nearside.errors import (
    InvalidInput,
    InvalidOption,
    ModelCorrupt,
    ModelDownloadFailed,
    ModelGone,
    UnknownModel,
)
from nearside.ports.fakes import MODEL, FakeRuntime, FakeStore
from nearside.ports.store import StoredModel
from nearside.types import Progress


async def test_a_model_is_opened_once_for_all_who_ask_at_the_same_time(make):
    ports = make()
    await asyncio.gather(
        *(ports.client.embed(f"text {i}") for i in range(5)), ports.client.models.preload(MODEL)
    )
    await ports.client.embed("later")
    assert ports.runtime.opened == [(MODEL, 0)]


async def test_nothing_is_opened_before_it_is_needed(make):
    ports = make()
    await ports.client.device()
    await ports.client.models.list()
    assert ports.runtime.opened == []


async def test_all_who_wait_for_a_load_see_its_failure_and_the_next_call_tries_again(make):
    ports = make()
    ports.runtime.open_errors = [ModelDownloadFailed("The line broke.")]
    failures = await asyncio.gather(*(ports.client.embed("text") for _ in range(3)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [ModelDownloadFailed] * 3
    assert ports.runtime.opened == [(MODEL, 0)]
    assert (await ports.client.embed("text")).embeddings.shape == (1, 256)
    assert ports.runtime.opened == [(MODEL, 0)] * 2


async def test_a_model_whose_tokenizer_cannot_be_read_is_closed_again(make):
    ports = make(FakeRuntime(files={"tokenizer.json": "broken"}))
    with pytest.raises(ModelCorrupt):
        await ports.client.embed("text")
    assert len(ports.runtime.sessions) == 1
    assert ports.runtime.open_sessions == []


async def test_progress_is_told_to_everyone_and_ends_with_ready(make, settle):
    ports = make()
    ports.runtime.open_gate.clear()
    first, second = [], []
    one = asyncio.create_task(ports.client.models.preload(MODEL, first.append))
    await settle()
    two = asyncio.create_task(ports.client.models.preload(MODEL, second.append))  # comes later
    await settle()
    ports.runtime.open_gate.set()
    await asyncio.gather(one, two)
    assert [progress.phase for progress in first] == ["download", "download", "prepare", "ready"]
    assert second[0] == Progress("download", 0, 100)
    assert [progress.phase for progress in second] == [progress.phase for progress in first]
    loaded = [progress.loaded for progress in first]
    assert loaded == sorted(loaded)
    assert first[-1] == Progress("ready", 100, 100)


async def test_a_model_that_is_there_is_ready_at_once(make):
    ports = make()
    await ports.client.embed("text")
    told = []
    await ports.client.models.preload(MODEL, told.append)
    assert [progress.phase for progress in told] == ["ready"]


async def test_one_of_two_waiters_leaves_and_the_load_goes_on(make, settle):
    ports = make()
    ports.runtime.open_gate.clear()
    one, two = (asyncio.create_task(ports.client.models.preload(MODEL)) for _ in range(2))
    await settle()
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    ports.runtime.open_gate.set()
    assert (await two).loaded
    assert ports.runtime.opened == [(MODEL, 0)]


async def test_when_all_waiters_leave_the_load_stops_and_the_next_begins_anew(make, settle):
    ports = make()
    ports.runtime.open_gate.clear()
    waiters = [asyncio.create_task(ports.client.models.preload(MODEL)) for _ in range(2)]
    await settle()
    for waiter in waiters:
        waiter.cancel()
    later = asyncio.create_task(ports.client.models.preload(MODEL))
    await settle()
    assert all(waiter.cancelled() for waiter in waiters)
    ports.runtime.open_gate.set()
    assert (await later).loaded
    assert len(ports.runtime.open_sessions) == 1
    assert ports.runtime.opened == [(MODEL, 0)] * 2


async def test_a_load_that_nobody_waits_for_leaves_nothing_open(make, settle):
    ports = make()
    ports.runtime.open_gate.clear()
    waiter = asyncio.create_task(ports.client.embed("text"))
    await settle()
    waiter.cancel()
    await settle()
    ports.runtime.open_gate.set()
    await settle()
    assert ports.runtime.sessions == []
    await ports.client.records.close()
    assert len(asyncio.all_tasks()) == 1


async def test_a_load_begins_when_the_one_that_was_stopped_has_cleaned_up(make, settle):
    class Slow(FakeRuntime):
        """Takes a while to stop a download."""

        openings = 0
        most = 0

        async def open(self, model, *, replica=0, on_progress=None):
            self.openings += 1
            self.most = max(self.most, self.openings)
            try:
                return await super().open(model, replica=replica, on_progress=on_progress)
            finally:
                await settle(10)
                self.openings -= 1

    ports = make(Slow())
    ports.runtime.open_gate.clear()
    for _ in range(3):
        waiter = asyncio.create_task(ports.client.embed("text"))
        await settle(5)
        waiter.cancel()
    ports.runtime.open_gate.set()
    await ports.client.embed("text")
    assert ports.runtime.most == 1


async def test_a_listener_that_raises_does_not_spoil_the_load(make):
    ports = make()
    raised = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: raised.append(context["exception"]))

    def listener(progress):
        raise RuntimeError(progress.phase)

    assert (await ports.client.models.preload(MODEL, listener)).loaded
    assert [str(error) for error in raised] == ["download", "download", "prepare", "ready"]


async def test_unloading_gives_the_memory_back_and_the_next_call_loads_again(make):
    ports = make()
    await ports.client.embed("text")
    assert await ports.client.models.unload(MODEL) is True
    assert ports.runtime.open_sessions == []
    assert await ports.client.models.unload(MODEL) is False
    await ports.client.embed("another text")
    assert len(ports.runtime.open_sessions) == 1


async def test_unloading_stops_a_load(make, settle):
    ports = make()
    ports.runtime.open_gate.clear()
    waiter = asyncio.create_task(ports.client.embed("text"))
    await settle()
    assert await ports.client.models.unload(MODEL) is True
    with pytest.raises(ModelGone, match="while it was being loaded"):
        await waiter
    ports.runtime.open_gate.set()
    assert (await ports.client.embed("text")).usage.texts == 1


async def test_calls_that_run_while_their_model_is_unloaded_fail(make, settle):
    ports = make()
    await ports.client.models.preload(MODEL)
    ports.runtime.hold()
    calls = [asyncio.create_task(ports.client.embed(f"text {i}")) for i in range(6)]
    await settle()
    await ports.client.models.unload(MODEL)
    failures = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(failure) for failure in failures] == [ModelGone] * 6


async def test_a_model_is_not_opened_again_before_it_is_closed(make, settle):
    ports = make()
    await ports.client.embed("text")
    (session,) = ports.runtime.sessions
    close, order = session.close, []

    async def slow_close():
        await settle(10)
        order.append("closed")
        await close()

    session.close = slow_close
    unloading = asyncio.create_task(ports.client.models.unload(MODEL))
    await settle(2)
    await ports.client.embed("another text")
    order.append("answered")
    await unloading
    assert order == ["closed", "answered"]
    assert len(ports.runtime.open_sessions) == 1


async def test_deleting_unloads_first_and_says_whether_there_was_anything(make):
    ports = make(store=FakeStore([StoredModel(MODEL, "fake", 100, True)]))
    await ports.client.embed("text")
    assert await ports.client.models.delete(MODEL) is True
    assert ports.runtime.open_sessions == []
    assert await ports.client.models.delete(MODEL) is False


async def test_a_model_is_not_deleted_while_it_is_being_loaded(make, settle):
    ports = make(store=FakeStore([StoredModel(MODEL, "fake", 100, True)]))
    ports.runtime.open_gate.clear()
    waiter = asyncio.create_task(ports.client.embed("text"))
    await settle()
    with pytest.raises(InvalidInput, match="is being loaded") as refused:
        await ports.client.models.delete(MODEL)
    assert refused.value.retryable
    assert MODEL in ports.store.stored
    ports.runtime.open_gate.set()
    await waiter
    assert await ports.client.models.delete(MODEL) is True


async def test_a_model_has_two_names_and_is_one(make):
    ports = make()
    await ports.client.embed("a", model=MODEL)
    await ports.client.embed("b", model=f"{MODEL}@fake")
    assert ports.runtime.opened == [(MODEL, 0)]
    await ports.client.embed("c", model=f"{MODEL}@other")
    assert ports.runtime.opened == [(MODEL, 0), (f"{MODEL}@other", 0)]
    assert await ports.client.models.unload(MODEL) is True
    assert ports.runtime.open_sessions == []


@pytest.mark.parametrize("model", ["", "no-slash", 5, ["a/b"], "../../etc/passwd"])
async def test_what_is_no_model_id_is_refused(make, model):
    ports = make()
    with pytest.raises(InvalidOption):
        await ports.client.embed("text", model=model)
    assert ports.runtime.opened == []


async def test_a_model_that_is_nowhere(make):
    with pytest.raises(UnknownModel):
        await make().client.embed("text", model="org/nothing")


async def test_the_list_has_what_is_offered_stored_and_open(make):
    starter = {
        "id": MODEL,
        "revision": "r9",
        "task": "embed",
        "license": "Apache-2.0",
        "languages": ["en"],
        "source": "somewhere",
        "files": [
            {"path": "onnx/model_quantized.onnx", "bytes": 900},
            {"path": "tokenizer.json", "bytes": 100},
        ],
        "dtypes": {"int8": "onnx/model_quantized.onnx"},
    }
    stored = [
        StoredModel(
            "org/stored",
            "r1",
            50,
            True,
            last_used=1_700_000_000.5,
            card={"id": "org/stored", "task": "embed"},
        ),
        StoredModel("org/half", "r2", 20, False),
        StoredModel(MODEL, "r9", 700, False),
    ]
    ports = make(FakeRuntime([MODEL, "org/open"]), FakeStore(stored, [starter]))
    await ports.client.embed("text", model="org/open")
    entries = {entry.id: entry for entry in await ports.client.models.list()}
    assert list(entries) == [MODEL, "org/stored", "org/half", "org/open"]
    first = entries[MODEL]
    assert (first.starter, first.stored, first.loaded, first.bytes, first.dtype) == (
        True,
        False,
        False,
        1000,
        "int8",
    )
    assert (first.license, first.languages, first.source, first.revision) == (
        "Apache-2.0",
        ("en",),
        "somewhere",
        "r9",
    )
    assert (entries["org/stored"].stored, entries["org/stored"].bytes) == (True, 50)
    assert entries["org/stored"].last_used == 1_700_000_000.5
    assert (entries["org/half"].stored, entries["org/half"].bytes) == (False, None)
    assert (entries["org/open"].loaded, entries["org/open"].backend) == (True, "cpu")
    assert not entries["org/open"].starter


async def test_a_complete_copy_counts_before_an_incomplete_one(make):
    class Store(FakeStore):
        async def list(self):
            return [
                StoredModel("a/b", "1", 5, False),
                StoredModel("a/b", "2", 9, True),
                StoredModel("a/b", "3", 1, False),
            ]

    (entry,) = await make(store=Store()).client.models.list()
    assert (entry.stored, entry.bytes) == (True, 9)


async def test_closing_unloads_and_stops_everything(make, settle):
    ports = make(FakeRuntime([MODEL, "org/other"]))
    async with ports.client as client:
        await client.embed("text")
        ports.runtime.open_gate.clear()
        waiter = asyncio.create_task(client.embed("text", model="org/other"))
        await settle()
    with pytest.raises(ModelGone):
        await waiter
    assert ports.runtime.open_sessions == []
    ports.runtime.open_gate.set()
    assert (await ports.client.embed("again")).usage.tokens == 3
