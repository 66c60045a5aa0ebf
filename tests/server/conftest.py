"""A real server in a process of its own, a small site to serve, and a plain HTTP client."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
MODEL = "models/nearside/tiny"
BIG = bytes(range(256)) * 100_000  # 26 MB that do not fit into any buffer on the way
TEXT = b"One sentence to a vector. " * 400

FILES = {
    "index.html": b"<!doctype html><title>page</title>" + TEXT,
    "engine.html": b"<!doctype html><title>engine</title>",
    "local/index.html": b"<!doctype html><title>page</title>",
    "local/engine.html": b"<!doctype html><title>engine</title>",
    "local/assets/worker-0123456789.js": b"/* model worker */",
    "sw.js": b"/* service worker */",
    "nearside.js": b"export const connect = 1;",
    "manifest.webmanifest": b"{}",
    "docs/index.html": b"<!doctype html><title>docs</title>",
    "icons/icon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "assets/app-0123456789.js": b"console.log(1);" + TEXT,
    "assets/app-0123456789.css": b"body { margin: 0 }",
    "assets/run-0123456789/core.mjs": b"export default 1;",
    "assets/run-0123456789/core.wasm": b"\0asm" + TEXT,
    "assets/run-0123456789/part.whl": b"PK" + TEXT,
    "assets/empty-0123456789.txt": b"",
    f"{MODEL}/config.json": b"{}",
    f"{MODEL}/model.json": b'{"id": "nearside/tiny", "files": []}',
    f"{MODEL}/onnx/model_quantized.onnx": BIG,
    "models/index.json": b'{"models": [{"id": "nearside/tiny", "files": []}]}',
}
COMPRESSED = {"index.html", "assets/app-0123456789.js", "assets/run-0123456789/core.wasm"}


def write_site(folder: Path, files: Mapping[str, bytes] = FILES, version: str = "0.1.0") -> Path:
    """Write a site as `nearside build` does, and one file that its manifest does not name."""
    entries = []
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        entry = {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        if path in COMPRESSED:
            for name, body in (("br", brotli.compress(content)), ("gz", gzip.compress(content, mtime=0))):
                (folder / f"{path}.{name}").write_bytes(body)
                entry[name] = len(body)
        entries.append({**entry, "precache": False})
    (folder / "secret.txt").write_bytes(b"not in the manifest")
    (folder / "build.json").write_text(json.dumps({"version": version, "files": entries}), "utf-8")
    return folder


@dataclass
class Answer:
    """An answer: status, headers by lower-case name, body as sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> object:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a JSON error."""
        return str(json.loads(self.body)["error"]["code"])


@dataclass
class Server:
    """A running `nearside serve`."""

    url: str
    process: subprocess.Popen[str]
    _errors: list[str] = field(default_factory=list)
    _reader: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection; for TLS one that trusts only the tests' certificate."""
        if self.url.startswith("https"):
            context = ssl.create_default_context(cafile=FIXTURES / "tls" / "cert.pem")
            return http.client.HTTPSConnection("localhost", self.port, timeout=30, context=context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Send one request; header names are written with `_` for `-`. The path goes out as it is."""
        connection = self.connect()
        try:
            connection.putrequest(method, path, skip_accept_encoding=True, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            assert len(found) == len(answer.getheaders()), "a header was sent twice"
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop; return its exit status."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def complaints(self) -> list[str]:
        """Return what it wrote to standard error; it must have stopped."""
        assert self._reader is not None
        self._reader.join()
        return self._errors


Serve = Callable[..., Server]


@contextmanager
def running_server(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run `nearside serve` on a free port until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "nearside_server", "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NEARSIDE_MODELS": "", **(environment or {})},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    errors: list[str] = []
    reader = threading.Thread(target=lambda: errors.extend(process.stderr or ()), daemon=True)
    reader.start()
    try:
        ready = process.stdout.readline()
        found = re.search(r"https?://\S+", ready)
        assert found, f"the server did not start: {ready}{''.join(errors)}"
        yield Server(found[0], process, errors, reader)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join()
        process.stdout.close()
        process.stderr.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small site; not to be changed."""
    return write_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[Server]:
    """Return a server of the small site that all tests share; it must have had nothing to complain about."""
    with running_server("--site", str(site)) as running:
        yield running
        assert running.process.poll() is None
    assert running.complaints() == []


@pytest.fixture(scope="session")
def serving() -> Callable[..., AbstractContextManager[Server]]:
    """Return the context manager that runs a server, for fixtures that keep one."""
    return running_server


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that starts a server of its own for a test, with the given arguments."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda *arguments, **more: stack.enter_context(running_server(*map(str, arguments), **more))


@pytest.fixture
def make_site() -> Callable[..., Path]:
    """Return the function that writes a small site into a folder."""
    return write_site
