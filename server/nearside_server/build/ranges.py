"""A file on an HTTP server, read in pieces: enough for `zipfile` to take single entries out of an archive."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from nearside_server.build.console import Progress
from nearside_server.build.downloads import Web, shown
from nearside_server.build.errors import DownloadFailed, NoRanges

AHEAD: Final = 1 << 16  # bytes fetched at least, as a request costs more than they do
LOCAL_HEADER: Final = 30 + 2 * 1024  # a zip entry's own header, with room for its name and extra fields


class RangeFile(io.RawIOBase):
    """A read-only, seekable file made of range requests; keeps the last piece it fetched.

    Raises NoRanges when the server sends the whole file instead, DownloadFailed when it sends too little.
    """

    def __init__(self, web: Web, url: str) -> None:
        super().__init__()
        self._web, self._url = web, url
        self._at = 0
        self._start, self._piece = 0, b""
        self.fetched = 0  # bytes that came over the network
        self._size = self._request(0, 1)[1]

    def readable(self) -> bool:
        """Say that the file can be read."""
        return True

    def seekable(self) -> bool:
        """Say that the file can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return the position, in bytes from the start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to `offset`, counted from the start, the position or the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from the position on; return the number of bytes, 0 at the end."""
        count = min(len(buffer), self._size - self._at)
        if count <= 0:
            return 0
        self.fetch(self._at, count)
        skip = self._at - self._start
        buffer[:count] = self._piece[skip : skip + count]
        self._at += count
        return count

    def fetch(self, start: int, count: int) -> None:
        """Have `count` bytes from `start` on at hand, by one request unless they are there already."""
        count = min(count, self._size - start)
        if start >= self._start and start + count <= self._start + len(self._piece):
            return
        # An archive is read backwards from its end and forwards elsewhere: near the end take what is before.
        first = max(0, min(start, self._size - AHEAD))
        count = max(start + count - first, min(AHEAD, self._size - first))
        self._piece, _ = self._request(first, count)
        self._start = first

    def _request(self, start: int, count: int) -> tuple[bytes, int]:
        """Return `count` bytes from `start` on, and the size of the whole file."""
        end = start + count - 1
        with self._web.open(self._url, {"Range": f"bytes={start}-{end}"}) as response:
            if response.status != 206:
                raise NoRanges(f"{shown(self._url)} cannot be read in pieces (answered {response.status}).")
            match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("Content-Range", ""))
            if match is None or int(match[1]) != start:
                raise NoRanges(f"{shown(self._url)} answered a range request with another range.")
            content = response.read(count)
            total = int(match[3])
        self.fetched += len(content)
        if len(content) != min(count, total - start):
            raise DownloadFailed(f"{shown(self._url)} sent {len(content)} of {count} bytes.")
        return content, total


def read_entries(
    web: Web, url: str, names: Collection[str], *, progress: Progress | None = None
) -> Iterable[tuple[str, bytes]]:
    """Yield (name, content) for each of `names` that the zip archive at `url` has, one request each.

    Raises NoRanges or DownloadFailed; a damaged archive is a DownloadFailed too.
    """
    remote = None if url.startswith("file:") else RangeFile(web, url)
    try:
        with zipfile.ZipFile(remote or url2pathname(urlsplit(url).path)) as archive:
            wanted = [info for info in archive.infolist() if info.filename in names]
            total, done = sum(info.compress_size for info in wanted), 0
            for info in wanted:
                if remote is not None:
                    remote.fetch(info.header_offset, LOCAL_HEADER + info.compress_size)
                yield info.filename, archive.read(info)
                done += info.compress_size
                if progress:
                    progress(done, total)
    except zipfile.BadZipFile as error:
        raise DownloadFailed(f"{shown(url)} is not a whole zip archive: {error}.") from error
