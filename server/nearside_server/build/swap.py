"""Puts a new site in the place of the old one in one step, and keeps two builds from meeting.

The new site is written into `.NAME.new` beside the site NAME and exchanged with it at the very end. What
an interrupted build left is removed by the next one.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nearside_server.build.errors import BuildRunning, DiskFull, NotASite
from nearside_server.site import is_built

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux's renameat2, RENAME_SWAP of macOS's renamex_np
_AT_FDCWD = -100


@contextmanager
def locked(site: Path, locks: Path) -> Iterator[None]:
    """Hold the lock on builds of `site`; it ends with the process. Raises BuildRunning when it is taken."""
    locks.mkdir(parents=True, exist_ok=True)
    path = locks / f"{hashlib.sha256(os.fsencode(site)).hexdigest()[:16]}.lock"
    with path.open("a+b") as file:
        if not _take(file.fileno()):
            raise BuildRunning(f"Another build of {site} is running.")
        yield


@contextmanager
def enough_room() -> Iterator[None]:
    """Turn what the system says of a full disk, a quota or a file size limit into DiskFull."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise DiskFull(f"No room left for {error.filename or 'the site'}: {error.strerror}.") from error


@contextmanager
def replacing(site: Path) -> Iterator[Path]:
    """Yield an empty folder; when the block ends well it becomes `site`, else `site` stays as it was.

    Call it with the lock held. Raises NotASite when `site` holds something else.
    """
    recover(site)
    if site.exists() and not is_built(site) and (not site.is_dir() or any(site.iterdir())):
        raise NotASite(f"{site} holds something that is not a site.")
    new = _new(site)
    try:
        new.mkdir(parents=True)
        yield new
        _settle(new)
        _put(new, site)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(_old(site), ignore_errors=True)


def recover(site: Path) -> None:
    """Remove what an interrupted build left, and put the old site back if it was on its way out."""
    if not site.exists() and _old(site).exists():
        _old(site).rename(site)
    for left in (_new(site), _old(site)):
        if left.exists():
            _remove(left)


def _remove(folder: Path) -> None:
    """Remove a folder, in which a tool of a build that was just killed may still write a last file."""
    for left in range(20, -1, -1):
        try:
            shutil.rmtree(folder)
        except OSError as error:
            if error.errno != errno.ENOTEMPTY or left == 0:
                raise
            time.sleep(0.05)
        else:
            return


def _new(site: Path) -> Path:
    return site.with_name(f".{site.name}.new")


def _old(site: Path) -> Path:
    return site.with_name(f".{site.name}.old")


def _put(new: Path, site: Path) -> None:
    """Make `new` the site: by one exchange where the system can, else by two renames."""
    if not site.exists():
        new.rename(site)
    elif not _exchange(new, site):
        site.rename(_old(site))
        new.rename(site)


def _settle(folder: Path) -> None:
    """Wait until the files are on the disk: some file systems report a full disk only then."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; say whether the system could."""
    first, second = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux":
        call = getattr(ctypes.CDLL(None), "renameat2", None)
        return call is not None and call(_AT_FDCWD, first, _AT_FDCWD, second, _EXCHANGE) == 0
    if sys.platform == "darwin":
        return bool(ctypes.CDLL(None).renamex_np(first, second, _EXCHANGE) == 0)
    return False


def _take(descriptor: int) -> bool:
    """Take an exclusive lock on an open file without waiting; say whether it was free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
