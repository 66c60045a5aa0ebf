"""A file server that can misbehave, a small checkout to build, and the parts that every build caches."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nearside_server.build.checkout import Checkout, find_checkout
from nearside_server.build.console import Console
from nearside_server.build.errors import DownloadFailed
from nearside_server.build.pins import PYODIDE_LOCK
from nearside_server.build.pipeline import Options, build_site
from nearside_server.build.starter import Starter
from nearside_server.build.vendored import Vendor, locked_files

REAL = find_checkout()


@dataclass
class Files:
    """What the file server serves, how it misbehaves, and what it saw."""

    content: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    cut: list[int] = field(default_factory=list)  # bytes after which the next answers break off
    shift: int = 0  # added to the first byte of every range
    login: str = ""  # "user:password" that every request must carry
    requests: list[tuple[str, str]] = field(default_factory=list)  # (path, Range header)
    sent: int = 0
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    files: Files

    def do_GET(self) -> None:
        files, path = self.files, self.path
        wanted = self.headers.get("Range", "")
        files.requests.append((path, wanted))
        expected = "Basic " + base64.b64encode(files.login.encode()).decode()
        if files.login and self.headers.get("Authorization") != expected:
            return self.send_error(401)
        if path not in files.content:
            return self.send_error(404)
        body, total = files.content[path], len(files.content[path])
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted) if files.ranges else None
        self.send_response(206 if match else 200)
        if match:
            start, end = int(match[1]), int(match[2] or total - 1)
            body = body[start : end + 1]
            self.send_header("Content-Range", f"bytes {start + files.shift}-{start + len(body) - 1}/{total}")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", files.types.get(path, "application/octet-stream"))
        self.end_headers()
        if files.cut:
            body = body[: files.cut.pop(0)]
            self.close_connection = True
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            return None  # the client had seen enough
        files.sent += len(body)
        return None

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def files() -> Iterator[Files]:
    """Serve `files.content` at `files.url` until the test ends."""
    files = Files()
    handler = type("Handler", (_Handler,), {"files": files})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        files.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield files
        server.shutdown()
        thread.join()


@pytest.fixture
def quiet() -> Console:
    """A console that nobody reads."""
    return Console(io.StringIO())


@pytest.fixture(scope="session")
def modules() -> Path:
    """The npm packages of the checkout."""
    return REAL.web / "node_modules"


@pytest.fixture(scope="session")
def pyodide_wheels(modules: Path, require: Callable[..., None]) -> dict[str, bytes]:
    """Pyodide's wheels, from the cache that builds use, else from the network."""
    lock = json.loads((modules / "pyodide" / PYODIDE_LOCK).read_text("utf-8"))
    try:
        return Vendor(cache_folder=REAL.cache, console=Console(io.StringIO())).get(locked_files(lock))
    except DownloadFailed as error:
        require("network", present=False, why=error.message)
        raise


@pytest.fixture(scope="session")
def starter_source(require: Callable[..., None]) -> dict[str, bytes]:
    """The published starter model's files, from the cache that builds use, else from the network."""
    try:
        return Starter(cache_folder=REAL.cache, console=Console(io.StringIO())).source()
    except DownloadFailed as error:
        require("network", present=False, why=error.message)
        raise


PAGE = """<!doctype html><title>Nearside {{version}}</title>
<link rel="stylesheet" href="{{asset:app/app.css}}">
<script type="module" src="{{asset:app/main.js}}"></script>
"""
FRAME = '<!doctype html><script type="module" src="{{asset:engine/frame.js}}"></script>\n'
ENTRIES = (
    "models/worker.js",
    "engine/bridge.js",
    "engine/interpreter.js",
    "engine/frame.js",
    "api/nearside.js",
    "api/listener.js",
    "offline/sw.js",
)
ENTRY = "import site from 'nearside:site';\nglobalThis.site = site;\n"


def make_checkout(root: Path) -> Checkout:
    """Write a checkout with a page of a few lines; npm packages and results are the real one's."""
    sources = {
        "static/index.html": PAGE,
        "static/engine.html": FRAME,
        "static/manifest.webmanifest": '{"name": "Nearside"}',
        "static/docs/picture.svg": "<svg xmlns='http://www.w3.org/2000/svg' id='docs'/>",
        "static/icons/icon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "py/nearside/__init__.py": '"""The engine."""\n',
        "py/nearside/platform/cpython/runtime.py": "import onnxruntime\n",
        "web/app/main.js": ENTRY + "import('./later.js');\n",
        "web/app/later.js": "export const later = 'loaded later';\n",
        "web/app/app.css": "@import './colours.css';\nbody { margin: 0 }\n",
        "web/app/colours.css": "body { color: #123456 }\n",
    }
    for entry in ENTRIES:
        sources[f"web/{entry}"] = ENTRY + f"globalThis.name = {entry!r};\n"
    for path, text in sources.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    for name in ("pyproject.toml", "LICENSE", "web/build.mjs", "web/package.json", "web/package-lock.json"):
        shutil.copyfile(REAL.root / name, root / name)
    (root / "web" / "node_modules").symlink_to(REAL.web / "node_modules")
    cache = root / ".cache" / "nearside"  # stamps and locks are the checkout's own
    cache.mkdir(parents=True)
    for name in ("pyodide", "starter", "templates", "compressed"):
        (REAL.cache / name).mkdir(parents=True, exist_ok=True)
        (cache / name).symlink_to(REAL.cache / name)
    return Checkout(root)


@pytest.fixture(scope="session")
def parts(pyodide_wheels: dict[str, bytes], starter_source: dict[str, bytes]) -> None:
    """Have everything in the cache that a build would download."""
    del pyodide_wheels, starter_source


@pytest.fixture
def checkout(tmp_path: Path, parts: None) -> Checkout:
    """A small checkout of the test's own."""
    return make_checkout(tmp_path / "checkout")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, parts: None) -> Path:
    """The site of a small checkout, without compressed copies; not to be changed."""
    folder = tmp_path_factory.mktemp("built")
    checkout, console = make_checkout(folder / "checkout"), Console(io.StringIO())
    build_site(checkout, folder / "site", options=Options(compress=False), console=console)
    return folder / "site"
