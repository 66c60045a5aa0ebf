"""Records and settings: kept, shared by tabs, bounded."""

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
    assert await client.settings.get() == Settings(None, "ask", True)
    await client.settings.set(mode="balanced", hub=False)
    assert await make(database=database).client.settings.get() == Settings("balanced", "ask", False)
    assert await client.settings.set(mode=None) == Settings(None, "ask", False)


@pytest.mark.parametrize("changes", [{"mode": "fast"}, {"cloud": True}, {"hub": "no"}, {"theme": "dark"}])
async def test_impossible_settings_change_nothing(make, changes):
    client = make().client
    with pytest.raises(InvalidOption):
        await client.settings.set(
            mode="balanced", **changes
        ) if "mode" not in changes else await client.settings.set(**changes)
    assert await client.settings.get() == Settings()


async def test_what_another_version_kept_is_no_stumbling_block(make):
    from nearside.ports.database import Put

    database = FakeDatabase()
    value = {"mode": "turbo", "cloud": "never", "hub": None, "new": 1}
    await database.write([Put("settings", "settings", value)])
    assert await make(database=database).client.settings.get() == Settings()
