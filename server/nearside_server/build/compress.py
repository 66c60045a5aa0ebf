"""Makes the .br and .gz copies beside a site's files, each result kept by the file's content."""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import brotli  # type: ignore[import-untyped]

from nearside_server.build import cache
from nearside_server.build.console import Progress

WORTH: Final = 0.95  # a copy is kept when it is at most this part of the file
DENSE: Final = 0.8  # what gzip leaves more than this of, brotli's better settings do nothing for
LARGE: Final = 4_000_000  # bytes; from here on brotli's best setting costs more time than it saves bytes
SMALL: Final = 100_000  # bytes; up to here trying costs nothing
BROTLI_BEST, BROTLI_LARGE, BROTLI_DENSE, BROTLI_WINDOW = 11, 9, 5, 24
GZIP_BEST: Final = 9


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the site: `path` relative with `/`, `sha256` hex; `br`, `gz` None where no copy is kept."""

    path: str
    bytes: int
    sha256: str
    br: int | None
    gz: int | None


def compress_site(
    site: Path, paths: Iterable[str], *, store: Path, jobs: int, progress: Progress | None = None
) -> list[Entry]:
    """Write the copies of the files `paths` of the folder `site`; return what lies there now, in order.

    `store` is the cache folder, `jobs` the number of threads (both compressors let other threads run).
    """
    names = list(paths)
    sizes = {name: (site / name).stat().st_size for name in names}
    total, done, guard = sum(sizes.values()), 0, threading.Lock()

    def one(name: str) -> Entry:
        nonlocal done
        entry = _compress(site, name, store)
        with guard:
            done += entry.bytes
            if progress:
                progress(done, total)
        return entry

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        # the largest first, so that no thread is left alone with it at the end
        entries = list(pool.map(one, sorted(names, key=lambda name: -sizes[name])))
    return sorted(entries, key=lambda entry: entry.path)


def describe(site: Path, paths: Iterable[str]) -> list[Entry]:
    """Return the files `paths` without making copies."""
    entries = []
    for name in paths:
        content = (site / name).read_bytes()
        entries.append(Entry(name, len(content), hashlib.sha256(content).hexdigest(), None, None))
    return entries


def _compress(site: Path, name: str, store: Path) -> Entry:
    content = (site / name).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    gz = _remembered(store / f"{sha256}.gz{GZIP_BEST}", len(content), lambda: _gzip(content))
    br, quality = b"", _quality(len(content), len(gz) or len(content))
    if quality:
        work = partial(brotli.compress, content, quality=quality, lgwin=BROTLI_WINDOW)
        br = _remembered(store / f"{sha256}.br{quality}", len(content), work)
    for kind, copy in (("br", br), ("gz", gz)):
        if copy:
            (site / f"{name}.{kind}").write_bytes(copy)
    return Entry(name, len(content), sha256, len(br) or None, len(gz) or None)


def _quality(size: int, packed: int) -> int:
    """Return brotli's setting for a file of `size` bytes that gzip makes `packed` of; 0 to leave it alone."""
    if size <= SMALL:
        return BROTLI_BEST
    if packed > size * WORTH:
        return 0  # an archive or a picture
    if packed > size * DENSE:
        return BROTLI_DENSE
    return BROTLI_LARGE if size > LARGE else BROTLI_BEST


def _remembered(place: Path, size: int, work: Callable[[], bytes]) -> bytes:
    """Return the compressed bytes from `place` or by `work`; empty when they do not save enough of `size`."""
    try:
        copy = place.read_bytes()
        place.touch()
    except FileNotFoundError:
        copy = work()
        if len(copy) > size * WORTH:
            copy = b""
        cache.put(place, copy)
    return copy


def _gzip(content: bytes) -> bytes:
    """Return `content` as a gzip stream without date and name: the same bytes at every build."""
    packer = zlib.compressobj(GZIP_BEST, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()
