"""What is kept beside models, in one SQLite file. Several processes may use the same file."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from nearside.errors import EngineFailed, InvalidOption, ProtocolMismatch, StorageFull
from nearside.ports.database import Change, Delete, Entry
from nearside.ports.memory import pack

VERSION = 1
"""Of the tables, kept in the file as its user_version."""

_BUSY_SECONDS = 30.0  # how long to wait for another process that writes

_TABLES = """
CREATE TABLE entries (collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, blob BLOB,
                      PRIMARY KEY (collection, key));
CREATE TABLE generations (collection TEXT PRIMARY KEY, number INTEGER NOT NULL);
"""

Result = TypeVar("Result")


class SqliteDatabase:
    """See `nearside.ports.database.Database`. The file (and its folder) is made by the first call; after
    `close` the next call opens it again."""

    def __init__(self, path: Path) -> None:
        """`path` of the file. A folder there is refused by the first call, with `InvalidOption`."""
        self._path = path
        self._worker: ThreadPoolExecutor | None = None  # one thread: calls run in the order they were made
        self._connection: sqlite3.Connection | None = None

    @property
    def persistent(self) -> bool:
        """See `Database.persistent`."""
        return True

    async def get(self, collection: str, key: str) -> Entry | None:
        """See `Database.get`."""
        return await self._run(partial(self._get, collection, key))

    async def list(self, collection: str, *, prefix: str = "") -> Sequence[Entry]:
        """See `Database.list`."""
        return await self._run(partial(self._list, collection, prefix))

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Database.write`."""
        packed = [None if isinstance(change, Delete) else pack(change.value) for change in changes]
        if changes:
            await self._run(partial(self._write, list(zip(changes, packed, strict=True))))

    async def generation(self, collection: str) -> int:
        """See `Database.generation`."""
        return await self._run(partial(self._generation, collection))

    async def close(self) -> None:
        """See `Database.close`."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await asyncio.get_running_loop().run_in_executor(worker, self._close)
            worker.shutdown(wait=False)

    async def _run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, "nearside-database")
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._call, work)

    # What follows runs in the worker's thread.

    def _call(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            if self._connection is None:
                self._connection = _open(self._path)
            return work(self._connection)
        except sqlite3.Error as error:
            raise _typed(error, self._path) from error

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _get(self, collection: str, key: str, connection: sqlite3.Connection) -> Entry | None:
        row = connection.execute(
            "SELECT key, value, blob FROM entries WHERE collection = ? AND key = ?", (collection, key)
        ).fetchone()
        return None if row is None else _entry(row)

    def _list(self, collection: str, prefix: str, connection: sqlite3.Connection) -> Sequence[Entry]:
        rows = connection.execute(  # text is compared as UTF-8, which is the order of code points
            "SELECT key, value, blob FROM entries"
            " WHERE collection = ? AND key >= ? AND (? IS NULL OR key < ?) ORDER BY key",
            (collection, prefix, _after(prefix), _after(prefix)),
        ).fetchall()
        return [_entry(row) for row in rows]

    def _write(self, changes: Sequence[tuple[Change, str | None]], connection: sqlite3.Connection) -> None:
        with _transaction(connection):
            for change, text in changes:
                if not isinstance(change, Delete):
                    connection.execute(
                        "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)",
                        (change.collection, change.key, text, change.blob),
                    )
                elif change.key is None:
                    connection.execute("DELETE FROM entries WHERE collection = ?", (change.collection,))
                else:
                    connection.execute(
                        "DELETE FROM entries WHERE collection = ? AND key = ?",
                        (change.collection, change.key),
                    )
            for collection in sorted({change.collection for change, _ in changes}):
                # The first number is the time: a file that was deleted and made anew has other ones.
                connection.execute(
                    "INSERT INTO generations VALUES (?, ?)"
                    " ON CONFLICT (collection) DO UPDATE SET number = number + 1",
                    (collection, int(time.time() * 1000)),
                )

    def _generation(self, collection: str, connection: sqlite3.Connection) -> int:
        row = connection.execute(
            "SELECT number FROM generations WHERE collection = ?", (collection,)
        ).fetchone()
        return 0 if row is None else int(row[0])


class _transaction:  # noqa: N801 (a context manager)
    """All or nothing, against other processes too: the lock is taken at the start, so that none of ours can
    fail half-way for another's sake."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                self._roll_back()
                raise
        else:
            self._roll_back()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # a full disk has rolled back already
            self._connection.execute("ROLLBACK")


def _open(path: Path) -> sqlite3.Connection:
    if path.is_dir():
        raise InvalidOption(f"{path} is a folder.", hint="Name a file for the database.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidOption(f"{path.parent} cannot be made: {error.strerror}.") from error
    # Only the worker's one thread uses it, except where that was replaced after `close`.
    connection = sqlite3.connect(path, _BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _write_ahead(connection)
        with _transaction(connection):
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise ProtocolMismatch(
                    f"{path} was written by a newer Nearside.", hint="Update Nearside, or use another file."
                )
            if version == 0:
                for statement in _TABLES.strip().split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Sets the journal's mode, waiting for others that open the same new file.

    SQLite's own busy timeout does not cover this change: two that hold the shared lock and both want the
    exclusive one are told SQLITE_BUSY at once, so that neither waits for ever
    (https://www.sqlite.org/c3ref/busy_handler.html).
    """
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() >= deadline:
                raise
            time.sleep(random.uniform(0.001, 0.02))  # noqa: S311 (so that they do not meet again)
        else:
            return


def _typed(error: sqlite3.Error, path: Path) -> Exception:
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name.startswith("SQLITE_FULL"):
        return StorageFull(f"There is no room for {path}.", hint="Free some space on the disk.")
    if name.startswith("SQLITE_NOTADB"):
        return InvalidOption(f"{path} is no database.", hint="Name another file.")
    return EngineFailed(f"{path} cannot be used ({name}).")


def _entry(row: tuple[str, str, bytes | None]) -> Entry:
    key, value, blob = row
    return Entry(key, json.loads(value), blob)


def _after(prefix: str) -> str | None:
    """The first text after all that begin with `prefix`; None when there is none."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    code = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if 0xD800 <= code < 0xE000 else code)
