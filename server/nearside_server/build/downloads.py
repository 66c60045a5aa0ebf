"""Fetches over HTTP(S) with the certificates that pip is told to use, and verifies what came."""

from __future__ import annotations

import base64
import hashlib
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final

from nearside_server.build.console import Progress
from nearside_server.build.errors import DownloadFailed, NotOnIndex, WrongHash

CHUNK: Final = 1 << 18  # bytes read at a time
ATTEMPTS: Final = 3
AGENT: Final = "nearside-build"


class Web:
    """An HTTP client: `timeout` is in seconds, per connection and per read."""

    def __init__(self, *, timeout: float = 60) -> None:
        self._timeout = timeout
        self._context: ssl.SSLContext | None = None

    @contextmanager
    def open(
        self, url: str, headers: Mapping[str, str] | None = None, *, timeout: float | None = None
    ) -> Iterator[HTTPResponse]:
        """Open `url` (http, https or file) and yield the response; a status of 400 or more is an error.

        Raises NotOnIndex where there is nothing (404), DownloadFailed for whatever else the network, the
        server or a broken stream does.
        """
        request = _request(url, headers or {})
        try:
            with urllib.request.urlopen(  # noqa: S310 - _request lets three schemes through
                request, timeout=timeout or self._timeout, context=self._ssl()
            ) as response:
                yield response
        except urllib.error.HTTPError as error:
            error.close()
            kind = NotOnIndex if error.code == 404 else DownloadFailed
            raise kind(f"{shown(url)} answered {error.code} {error.reason}.") from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, FileNotFoundError):
                raise NotOnIndex(f"{shown(url)} is not there.") from error
            raise DownloadFailed(f"{shown(url)} cannot be reached: {error.reason}.") from error
        except (HTTPException, TimeoutError, ConnectionError, ssl.SSLError) as error:
            raise DownloadFailed(f"{shown(url)} broke off: {error or type(error).__name__}.") from error

    def text(self, url: str, accept: str) -> tuple[str, str, str]:
        """Return (content type, text, final URL) of a page at `url`."""
        with self.open(url, {"Accept": accept}) as response:
            kind = response.headers.get_content_type() if response.headers else "text/html"
            return kind, response.read().decode("utf-8", "replace"), response.geturl()

    def download(
        self,
        url: str,
        target: Path,
        sha256: str,
        *,
        progress: Progress | None = None,
        timeout: float | None = None,
        attempts: int = ATTEMPTS,
    ) -> None:
        """Write the file at `url` to `target`, which appears whole and verified or not at all.

        A broken connection is taken up again where it broke, if the server answers ranges. Raises
        WrongHash when the bytes are not those of `sha256` (hex), DownloadFailed when they do not come.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            for attempt in range(1, attempts + 1):
                try:
                    self._fetch(url, part, progress, timeout)
                    break
                except NotOnIndex:
                    raise
                except DownloadFailed:
                    if attempt == attempts:
                        raise
            verify(part.read_bytes(), sha256, target.name, shown(url))
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def _fetch(self, url: str, part: Path, progress: Progress | None, timeout: float | None) -> None:
        """Append to `part` what it lacks of the file at `url`."""
        have = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self.open(url, headers, timeout=timeout) as response:
            if response.status != 206:
                have = 0  # no ranges here: from the start
            length = response.headers.get("Content-Length")
            total = have + int(length) if length is not None else None
            with part.open("ab" if have else "wb") as out:
                while block := response.read(CHUNK):
                    out.write(block)
                    have += len(block)
                    if progress:
                        progress(have, total)
            if total is not None and have != total:
                raise DownloadFailed(f"{shown(url)} broke off after {have} of {total} bytes.")

    def _ssl(self) -> ssl.SSLContext:
        """The certificates of PIP_CERT, SSL_CERT_FILE, the system, or certifi's where the system has none."""
        if self._context is None:
            told = os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE")
            context = ssl.create_default_context(cafile=told or None)
            if not told and not context.cert_store_stats()["x509_ca"]:
                import certifi

                context.load_verify_locations(certifi.where())
            self._context = context
        return self._context


def verify(content: bytes, sha256: str, name: str, source: str) -> None:
    """Raise WrongHash, naming the file and where it came from, unless `content` has the hash `sha256`."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise WrongHash(
            f"{name} from {source} is not the pinned file: SHA-256 is {found}, not {sha256}.",
            hint="Nothing was built from it. Get the file from another source, or remove it and try again.",
        )


def shown(url: str) -> str:
    """Return `url` without a user name or password, for messages."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _request(url: str, headers: Mapping[str, str]) -> urllib.request.Request:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https", "file"):
        raise DownloadFailed(f"{shown(url)} is not an http, https or file address.", retryable=False)
    # S310: the scheme was checked in the lines above
    request = urllib.request.Request(shown(url), headers={"User-Agent": AGENT, **headers})  # noqa: S310
    if parts.username:  # an index address may carry its own login
        login = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_unredirected_header(
            "Authorization", "Basic " + base64.b64encode(login.encode()).decode("ascii")
        )
    return request
