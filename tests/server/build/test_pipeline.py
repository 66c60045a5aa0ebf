"""`nearside build` from a checkout to a site: its layout, its manifest, its errors."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nearside_server.build import pipeline
from nearside_server.build.checkout import Checkout, find_checkout
from nearside_server.build.console import Console
from nearside_server.build.errors import MissingInput, NoCheckout, ToolFailed, WrongVersion
from nearside_server.build.pipeline import Options
from nearside_server.site import load_site

PLAIN = Options(compress=False)
Build = Callable[..., bool]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "out" / "site"


@pytest.fixture
def build(checkout: Checkout, site: Path, quiet: Console) -> Build:
    def run(options: Options = PLAIN, **more: Any) -> bool:
        return pipeline.build_site(checkout, site, options=options, console=quiet, **more)

    return run


def manifest(site: Path) -> dict[str, dict[str, Any]]:
    return {entry["path"]: entry for entry in json.loads((site / "build.json").read_text())["files"]}


def site_module(script: Path) -> dict[str, Any]:
    """Return what `nearside:site` was in a bundle, by running it."""
    code = f"await import({json.dumps(script.as_uri())}); console.log(JSON.stringify(globalThis.site));"
    command = ["node", "--input-type=module", "-e", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def asset(site: Path, stem: str) -> Path:
    (found,) = (path for path in (site / "assets").glob(f"{stem}-*.*") if path.suffix in (".js", ".css"))
    return found


def test_the_layout(built: Path) -> None:
    names = {re.sub(r"-[0-9a-f]{10}/", "-HASH/", path) for path in manifest(built)}
    assert {
        "index.html",
        "engine.html",
        "sw.js",
        "listener.js",
        "nearside.js",
        "manifest.webmanifest",
        "icons/icon.svg",
        "models/index.json",
        "models/nearside/all-MiniLM-L6-v2/model.json",
        "models/nearside/all-MiniLM-L6-v2/config.json",
        "models/nearside/all-MiniLM-L6-v2/tokenizer.json",
        "models/nearside/all-MiniLM-L6-v2/tokenizer_config.json",
        "models/nearside/all-MiniLM-L6-v2/onnx/model_quantized.onnx",
        "assets/python-HASH/nearside-0.1.0-py3-none-any.whl",
        "assets/pyscript-0.7.31-HASH/core.js",
        "assets/pyscript-0.7.31-HASH/core.css",
    } <= names
    assert {name for name in names if name.startswith("assets/pyodide")} == {
        f"assets/pyodide-314.0.3-HASH/{name}"
        for name in (
            "pyodide.mjs",
            "pyodide.asm.mjs",
            "pyodide.asm.wasm",
            "python_stdlib.zip",
            "pyodide-lock.json",
            "numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl",
            "micropip-0.11.1-py3-none-any.whl",
            "packaging-26.1-py3-none-any.whl",
        )
    }
    assert {name for name in names if name.startswith("assets/ort")} == {
        f"assets/ort-1.30.0-HASH/{name}"
        for name in (
            "ort.wasm.bundle.min.mjs",
            "ort-wasm-simd-threaded.wasm",
            "ort.jspi.bundle.min.mjs",
            "ort-wasm-simd-threaded.jspi.wasm",
            "ort.webgpu.bundle.min.mjs",
            "ort-wasm-simd-threaded.asyncify.wasm",
        )
    }
    assert not any(name.endswith((".map", ".br", ".gz")) for name in names)
    assert sorted(path.name for path in built.parent.iterdir()) == ["checkout", "site"]


def test_the_manifest_holds_every_file(built: Path) -> None:
    entries = manifest(built)
    on_disk = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    assert set(entries) == on_disk - {"build.json"}
    for path, entry in entries.items():
        content = (built / path).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert load_site(built).version == "0.1.0"
    index = json.loads((built / "models" / "index.json").read_text())
    card = json.loads((built / "models" / "nearside" / "all-MiniLM-L6-v2" / "model.json").read_text())
    assert index == {"models": [card]}


def test_compressed_copies_are_in_the_manifest(build: Build, site: Path) -> None:
    build(Options(compress=True))
    entries = manifest(site)
    for path, entry in entries.items():
        for kind in ("br", "gz"):
            copy = site / f"{path}.{kind}"
            assert (copy.stat().st_size if copy.exists() else None) == entry.get(kind)
    (wasm,) = (path for path in entries if path.endswith("simd-threaded.wasm"))
    assert entries[wasm]["br"] < entries[wasm]["gz"] < entries[wasm]["bytes"] / 3


def test_the_documents_name_hashed_assets(built: Path) -> None:
    page = (built / "index.html").read_text()
    assert "<title>Nearside 0.1.0</title>" in page
    urls = re.findall(r'(?:src|href)="([^"]+)"', page + (built / "engine.html").read_text())
    assert len(urls) == 3
    for url in urls:
        assert re.fullmatch(r"/assets/(main|app|frame)-[A-Z0-9]{8}\.(js|css)", url)
        assert (built / url.lstrip("/")).is_file()
    style = asset(built, "app").read_text()
    assert "#123456" in style
    assert "@import" not in style


def test_what_each_entry_is_told(built: Path) -> None:
    worker = site_module(asset(built, "worker"))
    frame = site_module(asset(built, "frame"))
    api = site_module(built / "nearside.js")
    assert "worker" not in worker
    assert "precache" not in api
    for told in (worker, frame, api):
        assert told["version"] == "0.1.0"
        assert told["engine"] == "/engine.html"
        assert told["starter"]["id"] == "nearside/all-MiniLM-L6-v2"
        for name in ("pyodide", "ort"):
            assert (built / told[name].lstrip("/")).is_dir()
            assert told[name].endswith("/")
        for name in ("pyscript", "wheel"):
            assert (built / told[name].lstrip("/")).is_file()
    for name in ("worker", "bridge", "interpreter"):
        assert (built / frame[name].lstrip("/")).is_file()
        assert api[name] == frame[name]


def test_what_the_service_worker_keeps(built: Path) -> None:
    kept = {entry["url"]: entry["revision"] for entry in site_module(built / "sw.js")["precache"]}
    entries = manifest(built)
    assert {url.lstrip("/") for url in kept} == {path for path in entries if entries[path]["precache"]}
    for url, revision in kept.items():
        path = url.lstrip("/")
        if path.startswith(("assets/", "local/assets/")):
            assert revision is None
        else:
            assert entries[path]["sha256"].startswith(revision)
    stems = {re.sub(r"-[0-9A-Za-z_.]{8,10}(?=[./])", "", url) for url in kept}
    assert {"/index.html", "/engine.html", "/nearside.js", "/listener.js", "/manifest.webmanifest"} <= stems
    assert {
        f"/assets/{name}.js" for name in ("worker", "bridge", "interpreter", "frame", "main", "later")
    } <= stems
    assert not any(url.startswith(("/models/", "/docs/")) or url == "/sw.js" for url in kept)
    assert "docs/picture.svg" in entries
    assert [url for url in kept if "ort-" in url and url.endswith(".wasm")] == [
        url for url in kept if url.endswith("/ort-wasm-simd-threaded.wasm")
    ]
    assert not any("codemirror" in url or "xterm" in url for url in kept)
    assert any(url.endswith("/numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl") for url in kept)


def test_a_second_build_does_nothing_and_a_third_after_a_change_does(
    build: Build, checkout: Checkout, site: Path
) -> None:
    assert build()
    before = {path: path.stat().st_ino for path in site.rglob("*")}
    assert not build()
    assert {path: path.stat().st_ino for path in site.rglob("*")} == before
    first = manifest(site)
    (checkout.static / "icons" / "icon.svg").write_text("<svg/>")
    assert build()
    second = manifest(site)
    assert {path for path in second if second[path] != first.get(path)} == {"icons/icon.svg", "sw.js"}


def test_the_same_sources_make_the_same_site(build: Build, site: Path, built: Path) -> None:
    build()
    assert (site / "build.json").read_bytes() == (built / "build.json").read_bytes()


@pytest.mark.parametrize(
    ("path", "text", "error", "message"),
    [
        ("web/engine/frame.js", None, MissingInput, r"web/engine/frame\.js is not there"),
        ("web/offline/sw.js", None, MissingInput, r"web/offline/sw\.js is not there"),
        ("web/app/app.css", None, MissingInput, r"web/app/app\.css is not there"),
        ("static/index.html", "{{asset:app/other.js}}", MissingInput, r"\{\{asset:app/other\.js\}\}"),
        ("static/index.html", "{{nothing}}", MissingInput, r"static/index\.html has \{\{nothing\}\}"),
        ("web/app/main.js", "import './none.js';", ToolFailed, r"none\.js"),
        ("web/app/main.js", "const = 1;", ToolFailed, r"main\.js"),
        ("web/app/later.js", "import site from 'nearside:site'; site;", ToolFailed, "only entries import"),
        ("web/app/main.js", "eval('1');", ToolFailed, "esbuild warns"),
    ],
)
def test_a_broken_source_is_named_and_the_old_site_stays(
    build: Build,
    checkout: Checkout,
    site: Path,
    path: str,
    text: str | None,
    error: type[Exception],
    message: str,
) -> None:
    site.mkdir(parents=True)
    (site / "build.json").write_text("old")
    if text is None:
        (checkout.root / path).unlink()
    else:
        (checkout.root / path).write_text(text)
    with pytest.raises(error, match=message):
        build()
    assert [(path.name, path.read_text()) for path in site.iterdir()] == [("build.json", "old")]
    assert sorted(path.name for path in site.parent.iterdir()) == ["site"]


def test_an_npm_package_of_another_version_stops(
    checkout: Checkout, build: Build, modules: Path, tmp_path: Path
) -> None:
    linked = checkout.web / "node_modules"
    linked.unlink()
    linked.mkdir()
    for path in modules.iterdir():
        (linked / path.name).symlink_to(path)
    (linked / "pyodide").unlink()
    (linked / "pyodide").mkdir()
    (linked / "pyodide" / "package.json").write_text('{"version": "314.0.2"}')
    with pytest.raises(WrongVersion, match=r"pyodide 314\.0\.3 is needed .* found 314\.0\.2"):
        build()


def test_without_node(build: Build, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingInput, match="needs node"):
        build()


BUILD = """
import sys
from pathlib import Path
from nearside_server.build.checkout import Checkout
from nearside_server.build.pipeline import Options, build_site
build_site(Checkout(Path(sys.argv[1])), Path(sys.argv[2]), options=Options(compress=False))
"""


def test_a_killed_build_leaves_the_old_site(build: Build, checkout: Checkout, site: Path) -> None:
    build()
    before = (site / "build.json").read_bytes()
    (checkout.static / "index.html").write_text("<!doctype html>changed")
    command = [sys.executable, "-c", BUILD, str(checkout.root), str(site)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as building:
        new = site.with_name(".site.new")
        while not (new / "assets").is_dir():
            assert building.poll() is None, "the build ended before it could be killed"
            time.sleep(0.001)
        building.send_signal(signal.SIGKILL)
    assert (site / "build.json").read_bytes() == before
    load_site(site)
    assert build()
    assert (site / "index.html").read_text() == "<!doctype html>changed"
    assert sorted(path.name for path in site.parent.iterdir()) == ["site"]


def test_outside_a_checkout(tmp_path: Path) -> None:
    with pytest.raises(NoCheckout):
        find_checkout(tmp_path)
    assert find_checkout().site.parent.name == "nearside_server"


def test_the_real_sources(site: Path, quiet: Console, pyodide_wheels: object, starter_source: object) -> None:
    del pyodide_wheels, starter_source
    pipeline.build_site(find_checkout(), site, options=PLAIN, console=quiet)
    load_site(site)
    page = (site / "index.html").read_text() + (site / "engine.html").read_text()
    assert "{{" not in page
    # the app's document has a policy without unsafe-eval
    for script in [site / "nearside.js", *(site / "assets").glob("main-*.js")]:
        assert not re.search(r"\beval\(|new Function\(", script.read_text()), script.name
