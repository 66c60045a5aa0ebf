"""The records on this device: written in groups behind the answers, so that no answer waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Sequence
from typing import Any

from nearside.errors import InvalidOption, NearsideError
from nearside.ports.clock import Clock
from nearside.ports.database import Change, Database, Delete, Put
from nearside.routing.record import Record

COLLECTION = "records"
MOST = 5_000
"""Older records are dropped."""

_COUNT_EVERY = 100  # records
_GATHER = 1.0  # seconds for which new records wait for company


class Records:
    """The newest `MOST` records."""

    def __init__(self, database: Database, clock: Clock, most: int = MOST) -> None:
        self._database = database
        self._clock = clock
        self._most = most
        self._start = secrets.token_hex(3)  # two tabs must not give the same id
        self._count = 0
        self._written = _COUNT_EVERY  # counted with the first group, then every so often
        self._hurry = False
        self._waiting: list[Record] = []
        self._writing: asyncio.Task[None] | None = None

    def new_id(self) -> str:
        """An id for a record; ids of later records sort later."""
        self._count += 1
        return f"{int(self._clock.now() * 1000):013d}-{self._start}-{self._count:05d}"

    def add(self, record: Record) -> None:
        """Keep a record soon; at once where something left the device, as the page may be closed next."""
        self._waiting.append(record)
        decision = record.decision
        left = decision is not None and (decision.tier == "far" or decision.escalated_from is not None)
        self._hurry = self._hurry or left
        loop = asyncio.get_running_loop()
        # (In CPython a client may outlive its event loop, whose tasks then never end.)
        if self._writing is None or self._writing.done() or self._writing.get_loop() is not loop:
            self._writing = loop.create_task(self._write_soon())

    async def _write_soon(self) -> None:
        # Where there is no room for records the answers must still come; `list` will say what there is.
        with contextlib.suppress(NearsideError):
            while self._waiting:  # more may have come while a group was written
                if not self._hurry:
                    await self._clock.sleep(_GATHER)
                self._hurry = False
                await self.flush()

    async def flush(self) -> None:
        """Write what waits. Raises `StorageFull`; what waits then stays."""
        if not self._waiting:
            return
        group, self._waiting = self._waiting, []
        changes: list[Change] = [Put(COLLECTION, record.id, record.to_value()) for record in group]
        try:
            await self._database.write(changes)
        except BaseException:
            self._waiting = [*group, *self._waiting][-self._most :]
            raise
        self._written += len(group)
        if self._written >= _COUNT_EVERY:
            self._written = 0
            await self._drop_old()

    async def _drop_old(self) -> None:
        """Now and then, as counting reads them all."""
        kept = await self._database.list(COLLECTION)
        old = kept[: max(0, len(kept) - self._most)]
        if old:
            await self._database.write([Delete(COLLECTION, entry.key) for entry in old])

    async def list(self, limit: int = 100) -> list[dict[str, Any]]:
        """The newest records as plain values, newest first. Raises `InvalidOption` for a limit below 1."""
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise InvalidOption(f"limit is {limit!r:.40}.", hint="Give a whole number from 1.")
        return list(reversed(await self._all()))[:limit]

    async def export(self) -> str:
        """All records, oldest first, one JSON object per line."""
        return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in await self._all())

    async def clear(self) -> None:
        """Forget them all."""
        self._waiting = []
        await self._database.write([Delete(COLLECTION, None)])

    async def close(self) -> None:
        """Write what waits and stop."""
        here = asyncio.get_running_loop()
        if self._writing is not None and not self._writing.done() and self._writing.get_loop() is here:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        with contextlib.suppress(NearsideError):
            await self.flush()

    async def _all(self) -> Sequence[dict[str, Any]]:
        with contextlib.suppress(NearsideError):
            await self.flush()
        kept = [dict(entry.value) for entry in await self._database.list(COLLECTION)]
        return [*kept, *(record.to_value() for record in self._waiting)]
