"""What every database does: memory, the fake, SQLite. IndexedDB has playwright/tests/documents.spec.js."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from nearside.errors import EngineFailed, InvalidOption, ProtocolMismatch, StorageFull
from nearside.platform.cpython import database as database_module
from nearside.platform.cpython.database import SqliteDatabase
from nearside.ports.database import Database, Delete, Entry, Put
from nearside.ports.fakes import FakeDatabase
from nearside.ports.memory import MemoryDatabase

PY = Path(__file__).resolve().parents[3] / "py"


@pytest.fixture(params=["memory", "fake", "sqlite"])
def make_database(request, tmp_path):
    """Return a function that makes the database; every call gives one more door to the same entries, where
    entries outlive the object."""
    if request.param == "sqlite":
        return lambda: SqliteDatabase(tmp_path / "folder" / "data.db")
    database = {"memory": MemoryDatabase, "fake": FakeDatabase}[request.param]()
    return lambda: database


async def keys(database, collection, **options):
    return [entry.key for entry in await database.list(collection, **options)]


async def test_it_has_all_that_the_port_has(make_database):
    database = make_database()
    assert all(hasattr(database, name) for name in vars(Database) if not name.startswith("_"))


async def test_what_was_written_is_read(make_database):
    database = make_database()
    value = {
        "text": "ünï 日本 😀",
        "lone": "\ud83d",
        "number": 2**60,
        "list": [1.5, None, True],
        "deep": {"": ""},
    }
    await database.write([Put("notes", "a", value, b"\x00\xff bytes"), Put("notes", "b", {})])
    assert await database.get("notes", "a") == Entry("a", value, b"\x00\xff bytes")
    assert await database.get("notes", "b") == Entry("b", {}, None)
    assert await database.get("notes", "c") is None
    assert await database.get("other", "a") is None
    assert list(await database.list("other")) == []
    await database.close()


async def test_an_empty_blob_is_not_none(make_database):
    database = make_database()
    await database.write([Put("notes", "a", {}, b"")])
    assert (await database.get("notes", "a")).blob == b""
    await database.close()


async def test_the_same_key_in_two_collections_is_two_entries(make_database):
    database = make_database()
    await database.write([Put("one", "1", {"is": "one"}), Put("two", "1", {"is": "two"})])
    assert (await database.get("one", "1")).value == {"is": "one"}
    await database.write([Delete("two", "1")])
    assert (await database.get("one", "1")).value == {"is": "one"}
    assert await database.get("two", "1") is None
    await database.close()


async def test_keys_come_in_order_of_code_points(make_database):
    database = make_database()
    names = ["b", "a", "", "\uffff", "😀", "ä", "Z", "10", "9", "a/b", "\ue000"]
    await database.write([Put("notes", name, {}) for name in names])
    assert await keys(database, "notes") == sorted(names)
    await database.close()


async def test_keys_by_prefix(make_database):
    database = make_database()
    names = [
        "a",
        "a/1",
        "a/2",
        "a0",
        "b",
        "a/\uffff",
        "a/😀",
        "\ud7ffx",
        "\ue000x",
        "\U0010ffffy",
        "A/1",
        "a%",
    ]
    await database.write([Put("notes", name, {}) for name in names])
    for prefix in ["", "a", "a/", "a/1", "a%", "_", "\ud7ff", "\U0010ffff", "c", "\ue000"]:
        assert await keys(database, "notes", prefix=prefix) == sorted(
            n for n in names if n.startswith(prefix)
        )
    await database.close()


async def test_a_write_replaces_and_deletes_in_order(make_database):
    database = make_database()
    await database.write([Put("notes", "a", {"n": 1}, b"1"), Put("notes", "b", {})])
    await database.write([Put("notes", "a", {"n": 2})])
    assert await database.get("notes", "a") == Entry("a", {"n": 2}, None)
    await database.write(
        [Delete("notes", None), Put("notes", "c", {}), Put("notes", "d", {}), Delete("notes", "d")]
    )
    assert await keys(database, "notes") == ["c"]
    await database.write([Delete("notes", "not there"), Delete("nothing", None)])
    assert await keys(database, "notes") == ["c"]
    await database.close()


async def test_the_generation_rises_with_each_write_that_touches_the_collection(make_database):
    database = make_database()
    seen = [await database.generation("notes")]
    for changes in (
        [Put("notes", "a", {})],
        [Put("notes", "a", {})],
        [Delete("notes", "a")],
        [Delete("notes", None), Put("other", "x", {})],
    ):
        await database.write(changes)
        seen.append(await database.generation("notes"))
    assert seen == sorted(set(seen))
    await database.write([])
    await database.write([Put("other", "y", {})])
    assert await database.generation("notes") == seen[-1]
    await database.close()


@pytest.mark.parametrize("value", [{"x": float("nan")}, {"x": b"bytes"}, {"x": {1, 2}}])
async def test_what_json_does_not_know_is_refused_before_anything_is_written(make_database, value):
    database = make_database()
    with pytest.raises((TypeError, ValueError)):
        await database.write([Put("notes", "a", {}), Put("notes", "b", value)])
    assert await keys(database, "notes") == []
    await database.close()


async def test_what_was_given_may_be_changed_afterwards(make_database):
    database = make_database()
    value, blob = {"list": [1]}, bytearray(b"one")
    await database.write([Put("notes", "a", value, blob)])
    value["list"].append(2)
    blob[:] = b"two"
    got = await database.get("notes", "a")
    assert (got.value, got.blob) == ({"list": [1]}, b"one")
    got.value["list"].append(3)
    assert (await database.get("notes", "a")).value == {"list": [1]}
    await database.close()


async def test_two_doors_see_each_other_s_writes(make_database):
    one, other = make_database(), make_database()
    await one.write([Put("notes", "a", {})])
    before = await other.generation("notes")
    assert await keys(other, "notes") == ["a"]
    await one.write([Put("notes", "b", {})])
    assert await other.generation("notes") > before
    assert await keys(other, "notes") == ["a", "b"]
    await one.close()
    await other.close()


async def test_many_writes_at_once_lose_nothing(make_database):
    doors = [make_database() for _ in range(3)]
    writes = [
        door.write([Put("notes", f"{i}/{n}", {}, b"x" * 1000)])
        for i, door in enumerate(doors)
        for n in range(30)
    ]
    await asyncio.gather(*writes)
    assert len(await doors[0].list("notes")) == 90
    for door in doors:
        await door.close()


async def test_closing_twice_is_no_error_and_it_can_be_used_again(make_database):
    database = make_database()
    await database.write([Put("notes", "a", {})])
    await database.close()
    await database.close()
    assert await keys(database, "notes") == ["a"]
    await database.close()


def test_which_ones_are_kept(tmp_path):
    assert SqliteDatabase(tmp_path / "data.db").persistent is True
    assert MemoryDatabase().persistent is False
    assert FakeDatabase().persistent is True
    assert FakeDatabase(persistent=False).persistent is False


async def test_the_fake_fails_and_waits_as_told():
    database = FakeDatabase()
    database.errors = [None, StorageFull("full")]
    await database.write([Put("notes", "a", {})])
    with pytest.raises(StorageFull):
        await database.write([Put("notes", "b", {})])
    assert await keys(database, "notes") == ["a"]
    assert database.writes == [(Put("notes", "a", {}),)]
    database.gate.clear()
    writing = asyncio.create_task(database.write([Put("notes", "c", {})]))
    await asyncio.sleep(0.01)
    assert await keys(database, "notes") == ["a"]
    database.gate.set()
    await writing
    assert await keys(database, "notes") == ["a", "c"]
    assert database.reads == 4


def test_a_file_can_be_used_from_one_event_loop_after_another(tmp_path):
    database = SqliteDatabase(tmp_path / "data.db")
    asyncio.run(database.write([Put("notes", "a", {})]))
    assert [entry.key for entry in asyncio.run(database.list("notes"))] == ["a"]
    asyncio.run(database.close())


async def test_a_full_disk_changes_nothing(tmp_path):
    database = SqliteDatabase(tmp_path / "data.db")
    await database.write([Put("notes", "a", {"n": 1})])
    await database.close()
    original = database_module._open

    def small(path):
        connection = original(path)
        connection.execute("PRAGMA max_page_count = 12")
        return connection

    database_module._open = small
    try:
        with pytest.raises(StorageFull, match="no room"):
            await database.write([Put("notes", "a", {"n": 2}), Put("notes", "b", {}, b"x" * 100_000)])
        assert await database.get("notes", "a") == Entry("a", {"n": 1}, None)
        assert await keys(database, "notes") == ["a"]
        await database.write([Put("notes", "c", {})])
    finally:
        database_module._open = original
        await database.close()


async def test_a_newer_file_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "data.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    database = SqliteDatabase(tmp_path / "data.db")
    with pytest.raises(ProtocolMismatch, match="newer"):
        await database.list("notes")
    await database.close()


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    (tmp_path / "data.db").write_bytes(b"not a database, but long enough to look at" * 100)
    database = SqliteDatabase(tmp_path / "data.db")
    with pytest.raises(InvalidOption, match="no database"):
        await database.list("notes")
    await database.close()
    assert (tmp_path / "data.db").read_bytes().startswith(b"not a database")


async def test_places_where_no_file_can_be(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "file" / "data.db"):
        database = SqliteDatabase(path)
        with pytest.raises(InvalidOption):
            await database.list("notes")
        await database.close()


async def test_a_broken_table_is_a_typed_error_without_what_was_written(tmp_path):
    database = SqliteDatabase(tmp_path / "data.db")
    await database.write([Put("notes", "a", {})])
    with sqlite3.connect(tmp_path / "data.db") as connection:
        connection.execute("DROP TABLE entries")
    connection.close()
    with pytest.raises(EngineFailed, match="cannot be used") as raised:
        await database.write([Put("notes", "secret key", {"text": "a secret"})])
    assert "secret" not in str(raised.value)
    await database.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from nearside.platform.cpython.database import SqliteDatabase
from nearside.ports.database import Put

async def main():
    database = SqliteDatabase(Path(sys.argv[1]))
    number = 0
    while True:
        value = {"number": number}
        await database.write([Put("pairs", "left", value, b"x" * 300_000), Put("pairs", "right", value)])
        print(number, flush=True)
        number += 1

asyncio.run(main())
"""


def test_a_process_killed_in_the_middle_of_writing_leaves_all_or_nothing(tmp_path):
    command = [sys.executable, "-c", WRITER, str(tmp_path / "data.db")]
    for _ in range(3):
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": str(PY)}, text=True)
        for _ in range(5):
            said = int(writer.stdout.readline())
        writer.kill()
        writer.communicate()
        database = SqliteDatabase(tmp_path / "data.db")
        left, right = (entry.value["number"] for entry in asyncio.run(database.list("pairs")))
        assert left == right >= said
        asyncio.run(database.close())


HUNDRED = """
import asyncio, sys
from pathlib import Path
from nearside.platform.cpython.database import SqliteDatabase
from nearside.ports.database import Put

async def main():
    database = SqliteDatabase(Path(sys.argv[1]))
    for number in range(100):
        await database.write([Put("notes", f"{sys.argv[2]}/{number}", {})])
    await database.close()

asyncio.run(main())
"""


def test_two_processes_that_write_at_once_lose_nothing(tmp_path):
    path = tmp_path / "data.db"
    writers = [
        subprocess.Popen([sys.executable, "-c", HUNDRED, str(path), name], env={"PYTHONPATH": str(PY)})
        for name in ("one", "other")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    database = SqliteDatabase(path)
    assert len(asyncio.run(database.list("notes"))) == 200
    asyncio.run(database.close())


def test_many_that_make_the_same_file_at_once_all_open_it(tmp_path):
    """Found by a busy machine: the change to the write-ahead log is refused at once, not waited for."""
    for round in range(40):
        doors = [SqliteDatabase(tmp_path / f"{round}.db") for _ in range(4)]

        async def ask(doors=doors):
            try:
                assert await asyncio.gather(*(door.get("notes", "none") for door in doors)) == [None] * 4
            finally:
                await asyncio.gather(*(door.close() for door in doors))

        asyncio.run(ask())
