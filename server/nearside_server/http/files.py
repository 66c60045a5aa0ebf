"""Files on disk as answers: the right encoding, strong ETags, one byte range, streamed.

Starlette's FileResponse does the streaming (in a thread, chunk by chunk, stopping when the client goes);
what to send is decided here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from nearside_server.errors import FileChanged
from nearside_server.http.negotiation import choose_encoding, matches_etag
from nearside_server.http.ranges import parse_range

REVALIDATE = "no-cache"
IMMUTABLE = "public, max-age=31536000, immutable"

# content coding -> what the file beside the plain one is called
_SUFFIXES = {"br": ".br", "gzip": ".gz"}


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file to serve: where it lies, what it is, and the sizes (bytes) of it and its compressed copies."""

    path: Path
    bytes: int
    sha256: str
    content_type: str
    cache_control: str = REVALIDATE
    encodings: Mapping[str, int] = field(default_factory=dict)

    def etag(self, encoding: str | None) -> str:
        """Return the strong ETag of the file in a content coding, None for the plain form."""
        return f'"{self.sha256}-{encoding}"' if encoding else f'"{self.sha256}"'


async def file_answer(request: Request, file: ServedFile) -> Response:
    """Answer a GET or HEAD request for `file`: 200, 206 or 304.

    Ranges are of the plain form only. Raises RangeNotSatisfiable, and FileChanged when the file is gone or
    has another size than it is known to have.
    """
    wants_range = _wants_range(request, file)
    encoding = (
        None if wants_range else choose_encoding(request.headers.get("accept-encoding"), file.encodings)
    )
    headers = {"etag": file.etag(encoding), "cache-control": file.cache_control}
    if file.encodings:
        headers["vary"] = "Accept-Encoding"
    if matches_etag(request.headers.get("if-none-match"), headers["etag"]):
        return Response(status_code=304, headers=headers)

    span = parse_range(request.headers["range"], file.bytes) if wants_range else None
    place, size = file.path, file.bytes
    if encoding is not None:
        place, size = Path(f"{file.path}{_SUFFIXES[encoding]}"), file.encodings[encoding]
        headers["content-encoding"] = encoding
    found = await _stat(place)
    if found.st_size != size:
        raise FileChanged(f"{request.url.path} has changed on disk.")
    headers["accept-ranges"] = "bytes" if encoding is None else "none"
    return _Stream(place, headers, file.content_type, found, span)


def _wants_range(request: Request, file: ServedFile) -> bool:
    """Say whether a range is asked for, by GET, of the very file that the client has a part of."""
    if request.method != "GET" or "range" not in request.headers:
        return False
    condition = request.headers.get("if-range")
    return condition is None or condition.strip() == file.etag(None)


async def _stat(path: Path) -> os.stat_result:
    """Return the facts about a file, from a thread; raises FileChanged when it is not there."""
    try:
        return await anyio.to_thread.run_sync(os.stat, path)
    except OSError as error:
        raise FileChanged(f"{path.name} cannot be read.") from error


class _Stream(FileResponse):
    """A file, or the bytes [start, end) of it, with headers and range already decided."""

    chunk_size = 256 * 1024

    def __init__(
        self,
        path: Path,
        headers: Mapping[str, str],
        content_type: str,
        found: os.stat_result,
        span: tuple[int, int] | None,
    ) -> None:
        super().__init__(path, headers=headers, media_type=content_type, stat_result=found)
        # The ETag says it all; a date would only be a second, weaker validator.
        del self.headers["last-modified"]
        self._span = span

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file; the request's own range headers have been dealt with."""
        headers = [pair for pair in scope["headers"] if pair[0] not in (b"range", b"if-range")]
        if self._span is not None:
            start, end = self._span
            headers.append((b"range", f"bytes={start}-{end - 1}".encode()))
        await super().__call__({**scope, "headers": headers}, receive, send)
