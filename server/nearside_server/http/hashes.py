"""SHA-256 of files on disk, computed off the event loop and remembered until a file changes."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import anyio.to_thread

_STEP = 4 * 1024 * 1024  # bytes per trip to a thread: short enough to stop between two of them

_Stamp = tuple[int, int, int]


class Hashes:
    """Remembers the SHA-256 of files by path, modification time, inode and size."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[_Stamp, str]] = {}
        self._locks: dict[Path, asyncio.Lock] = {}

    def known(self, path: Path) -> str | None:
        """Return the hash (hex) of a file if it is known and the file has not changed since."""
        stamp = _stamp(path.stat())
        entry = self._known.get(path)
        return entry[1] if entry is not None and entry[0] == stamp else None

    async def of(self, path: Path) -> str:
        """Return the hash (hex) of a file; several waiters share one reading. Raises OSError."""
        async with self._locks.setdefault(path, asyncio.Lock()):
            known = await anyio.to_thread.run_sync(self.known, path)
            if known is not None:
                return known
            stamp = _stamp(await anyio.to_thread.run_sync(os.stat, path))
            digest = await _digest(path)
            self._known[path] = (stamp, digest)
            return digest


async def _digest(path: Path) -> str:
    """Read a file and return its SHA-256 (hex)."""
    digest = hashlib.sha256()
    async with await anyio.open_file(path, "rb") as file:

        def step() -> int:
            chunk = file.wrapped.read(_STEP)
            digest.update(chunk)
            return len(chunk)

        while await anyio.to_thread.run_sync(step):
            pass
    return digest.hexdigest()


def _stamp(found: os.stat_result) -> _Stamp:
    """Return what tells one version of a file from the next."""
    return found.st_mtime_ns, found.st_ino, found.st_size
