"""Records and settings: kept, shared by tabs, bounded."""

import asyncio
import json

import pytest

from nearside.engine.settings import Settings
from nearside.errors import InvalidOption, StorageFull
from nearside.ports.fakes import FakeCloud, FakeDatabase
from nearside.routing.record import replay


async def test_records_are_written_behind_the_answers_and_in_order(make, settle):
    ports = make()
    for text in ("one", "two", "three"):
        await ports.client.embed(text)
    assert not [write for write in ports.database.writes if write[0].collection == "records"]
    await ports.clock.advance(1.1)
    await settle()
    (write,) = [write for write in ports.database.writes if write[0].collection == "records"]
    assert len(write) == 3
    listed = await ports.client.records.list()
    assert [record["id"] for record in listed] == sorted((put.key for put in write), reverse=True)
    assert (await ports.client.records.list(1)) == listed[:1]


async def test_a_record_can_be_replayed(make):
    ports = make(cloud=FakeCloud("A summary."))
    answer = await ports.client.summarize("One. Two. Three.", mode="prefer-cloud")
    record = json.loads(await ports.client.records.export())
    decision = replay(record)
    assert (decision.tier, decision.reasons) == (answer.decision.tier, answer.decision.reasons)
    assert record["id"] == answer.decision.id
    assert record["model"]["backend"] == "cloud"
    assert record["usage"]["written"] == 2
    assert record["latency"] >= 0
    assert record["engine"] == ""


async def test_old_records_are_dropped(make):
    ports = make()
    records = ports.client.records
    records._most = 50
    for i in range(230):
        await ports.client.embed(f"text {i}")
        if i % 10 == 9:
            await records.flush()
    kept = await records.list(1000)
    assert 50 <= len(kept) <= 150
    later = make(database=ports.database)
    later.client.records._most = 50
    await later.client.embed("first of a new session")
    assert len(await later.client.records.list(1000)) == 50
    await records.clear()
    assert await records.list() == []


async def test_a_full_disk_loses_no_answer_and_no_record(make):
    ports = make()
    ports.database.errors = [StorageFull("full")] * 2
    await ports.client.embed("one")
    assert len(await ports.client.records.list()) == 1
    await ports.client.close()
    ports.database.errors = []
    assert len(await ports.client.records.list()) == 1


async def test_closing_writes_what_waits(make):
    database = FakeDatabase()
    first = make(database=database)
    await first.client.embed("one")
    await first.client.close()
    assert len(await make(database=database).client.records.list()) == 1


@pytest.mark.parametrize("limit", [0, -1, 2.5, True, "3"])
async def test_an_impossible_limit_is_refused(make, limit):
    with pytest.raises(InvalidOption):
        await make().client.records.list(limit)


async def test_settings_are_kept_and_put_back(make):
    database = FakeDatabase()
    client = make(database=database).client
    assert await client.settings.get() == Settings(None, None, True)
    await client.settings.set(mode="balanced", hub=False)
    assert await make(database=database).client.settings.get() == Settings("balanced", None, False)
    assert await client.settings.set(mode=None) == Settings(None, None, False)


@pytest.mark.parametrize(
    "changes", [{"mode": "fast"}, {"cloud": True}, {"hub": "no"}, {"hub": 0}, {"theme": "dark"}, {"self": 1}]
)
async def test_impossible_settings_change_nothing(make, changes):
    client = make().client
    with pytest.raises(InvalidOption):
        await client.settings.change({**changes, "cloud": changes.get("cloud", "allow")})
    assert await client.settings.get() == Settings()


async def test_what_another_version_kept_is_no_stumbling_block(make):
    from nearside.ports.database import Put

    database = FakeDatabase()
    old = {"mode": "turbo", "cloud": "never", "hub": None, "new": 1}
    await database.write([Put("settings", name, {"value": value}) for name, value in old.items()])
    await database.write([Put("settings", "odd", {})])
    assert await make(database=database).client.settings.get() == Settings()


async def test_two_tabs_that_change_different_settings_do_not_undo_each_other(make):
    database = FakeDatabase()
    one, other = make(database=database).client, make(database=database).client
    await one.settings.get()
    await other.settings.get()
    await asyncio.gather(one.settings.set(mode="local-only"), other.settings.set(cloud="allow"))
    assert await one.settings.get() == await other.settings.get() == Settings("local-only", "allow", True)


async def test_what_left_the_device_is_recorded_at_once(make, settle):
    ports = make(cloud=FakeCloud("A summary."))
    await ports.client.embed("stays")
    await ports.client.summarize("One. Two.", mode="prefer-cloud")
    await settle()  # no time passes
    await ports.clock.advance(1.1)
    kept = {entry.value["task"] for entry in await ports.database.list("records")}
    assert kept == {"embed", "summarize"}
    fresh = make(cloud=FakeCloud("A summary."))
    await fresh.client.summarize("One. Two.", mode="prefer-cloud")
    await settle()
    assert [entry.value["task"] for entry in await fresh.database.list("records")] == ["summarize"]


async def test_a_record_that_comes_while_others_are_written_is_written_too(make, settle):
    ports = make()
    await ports.client.embed("one")
    ports.database.gate.clear()
    await ports.clock.advance(1.1)
    await settle()
    await ports.client.embed("two")
    ports.database.gate.set()
    await settle()
    await ports.clock.advance(1.1)
    await settle()
    assert len(await ports.database.list("records")) == 2


async def test_a_defect_leaves_a_record(make, monkeypatch):
    from nearside.tasks import summarize

    async def broken(*args, **options):
        raise ValueError("a defect")

    ports = make()
    monkeypatch.setattr(summarize, "near", broken)
    with pytest.raises(ValueError, match="a defect"):
        await ports.client.summarize("One. Two.")
    assert (await ports.client.records.list())[0]["outcome"] == "engine_failed"
