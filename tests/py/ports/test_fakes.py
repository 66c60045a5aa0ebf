"""The fakes do what they say: they carry most other tests."""

import asyncio

import numpy as np
import pytest

from nearside.errors import ModelCorrupt, ModelCrashed, ModelGone, UnknownModel
from nearside.ports.clock import Clock
from nearside.ports.fakes import (
    MODEL,
    FakeProbe,
    FakeRuntime,
    FakeStore,
    FakeTokenizer,
    FakeTokenizers,
    ManualClock,
)
from nearside.ports.probe import Probe
from nearside.ports.runtime import Runtime, Session
from nearside.ports.store import ModelStore
from nearside.ports.tokenizers import Tokenizer, Tokenizers

WANT = {"sentence_embedding": "all"}


def feeds(text):
    return {"input_ids": FakeTokenizer().encode([text])[0][None]}


def methods(protocol):
    return {name for name in vars(protocol) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("fake", "protocol"),
    [
        (FakeRuntime(), Runtime),
        (FakeTokenizers(), Tokenizers),
        (FakeTokenizer(), Tokenizer),
        (FakeStore(), ModelStore),
        (FakeProbe(), Probe),
        (ManualClock(), Clock),
    ],
)
def test_a_fake_has_all_that_its_port_has(fake, protocol):
    assert all(hasattr(fake, name) for name in methods(protocol))


async def test_a_fake_session_has_all_that_a_session_has():
    session = await FakeRuntime().open(MODEL)
    assert all(hasattr(session, name) for name in methods(Session))


async def test_the_same_text_has_the_same_vector_in_every_runtime_and_close_texts_close_ones():
    sessions = [await FakeRuntime().open(MODEL) for _ in range(2)]
    one, other = [(await s.run(feeds("a cat sleeps"), WANT))["sentence_embedding"][0] for s in sessions]
    assert np.array_equal(one, other)
    assert np.linalg.norm(one) == pytest.approx(1)
    near = (await sessions[0].run(feeds("a cat sits"), WANT))["sentence_embedding"][0]
    far = (await sessions[0].run(feeds("nine red trains"), WANT))["sentence_embedding"][0]
    assert one @ near > 0.5 > abs(one @ far)


async def test_holding_and_letting(settle):
    runtime = FakeRuntime()
    session = await runtime.open(MODEL)
    runtime.hold()
    calls = [asyncio.create_task(session.run(feeds(str(i)), WANT)) for i in range(3)]
    await settle()
    assert [call.done() for call in calls] == [False] * 3
    runtime.let(2)
    await settle()
    assert [call.done() for call in calls] == [True, True, False]
    runtime.let()
    await asyncio.gather(*calls)


async def test_crashing_and_closing():
    runtime = FakeRuntime()
    session = await runtime.open(MODEL)
    runtime.crashes = 1
    for _ in range(2):  # and it stays dead
        with pytest.raises(ModelCrashed):
            await session.run(feeds("a"), WANT)
    assert runtime.open_sessions == []
    other = await runtime.open(MODEL)
    await other.close()
    await other.close()
    with pytest.raises(ModelGone):
        await other.run(feeds("a"), WANT)


async def test_opening_can_fail():
    runtime = FakeRuntime()
    runtime.open_errors = [ModelCorrupt("Bad.")]
    with pytest.raises(ModelCorrupt):
        await runtime.open(MODEL)
    with pytest.raises(UnknownModel):
        await runtime.open("org/other")
    await runtime.open(MODEL)


def test_the_fake_tokenizer_counts_what_it_encodes():
    tokenizer = FakeTokenizers().load({"tokenizer.json": "{}"})
    texts = ["", "one", "One, two!"]
    assert [len(ids) for ids in tokenizer.encode(texts)] == [2, 3, 6]
    assert tokenizer.count(texts) == [0, 1, 4]
    assert tokenizer.encode(["One"])[0].tolist() == tokenizer.encode(["one"])[0].tolist()
    with pytest.raises(ModelCorrupt):
        FakeTokenizers().load({})


async def test_the_clock_wakes_sleepers_in_order(settle):
    clock = ManualClock()
    woken = []

    async def sleeper(seconds):
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (5, 1, 9)]
    await settle()
    await clock.advance(6)
    assert woken == [(1, 1001.0), (5, 1005.0)]
    assert clock.monotonic() == 1006.0
    await clock.advance(4)
    await asyncio.gather(*tasks)
    assert clock.now() - clock.monotonic() == 1_700_000_000
