"""The client as a whole: many calls at once, used over several event loops, nothing left behind."""

import asyncio

import numpy as np
import pytest

from nearside import Client
from nearside.ports.fakes import MODEL, FakeRuntime, FakeStore, FakeTokenizers, ManualClock


async def test_many_different_calls_at_once(make):
    client = make(FakeRuntime(max_replicas=2)).client
    docs = [f"document about {word}" for word in ("cats", "dogs", "trains", "bread") * 10]
    answers = await asyncio.gather(
        client.embed([f"text {i}" for i in range(50)]),
        client.search("bread", docs),
        client.similarity("a", "b"),
        client.search("trains", docs, passages=True),
        client.models.list(),
        client.device(),
    )
    assert answers[0].embeddings.shape == (50, 256)
    assert answers[1].results[0].text == "document about bread"
    assert answers[3].results[0].text == "document about trains"


async def test_a_query_answers_while_a_large_job_runs(make, settle):
    ports = make()
    await ports.client.embed("warm up")
    ports.runtime.hold()
    job = asyncio.create_task(ports.client.embed([f"text {i}" for i in range(2000)]))
    await settle()
    query = asyncio.create_task(ports.client.embed("a query"))
    await settle()
    ports.runtime.let(3)
    await settle()
    assert query.done()
    assert not job.done()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job


async def test_cancelling_a_job_stops_it_within_the_calls_under_way(make, settle):
    ports = make()
    await ports.client.embed("warm up")
    ports.runtime.hold()
    job = asyncio.create_task(ports.client.embed([f"text {i}" for i in range(2000)]))
    await settle()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    ports.runtime.let()
    await settle()
    await ports.client.records.close()
    assert len(ports.runtime.runs) <= 3
    assert len(asyncio.all_tasks()) == 1


async def test_a_default_model_of_one_s_own(make):
    ports = make(FakeRuntime(["org/mine"]), default_model="org/mine")
    assert (await ports.client.embed("x")).model.id == "org/mine"
    assert (await ports.client.embed("x", model="org/mine@fake")).usage.cached == 1


async def test_without_a_cache_the_answers_are_the_same(make):
    small, large = make(cache_bytes=0), make()
    texts = ["one", "two", "one", "three " * 40]
    one, other = await small.client.embed(texts), await large.client.embed(texts)
    assert np.array_equal(one.embeddings, other.embeddings)
    assert (await small.client.embed("one")).usage.cached == 0


def test_one_client_over_several_event_loops():
    ports = (FakeRuntime(max_replicas=2), FakeTokenizers(), FakeStore(), None, ManualClock())
    client = Client(*ports)
    first = asyncio.run(client.embed([f"text {i}" for i in range(40)]))
    second = asyncio.run(client.embed([f"text {i}" for i in range(80)]))
    assert second.usage.cached == 40
    assert np.array_equal(first.embeddings, second.embeddings[:40])
    found = asyncio.run(client.search("text 7", ["text 7", "text 8"]))
    assert found.results[0].index == 0
    assert asyncio.run(client.models.unload(MODEL)) is True
