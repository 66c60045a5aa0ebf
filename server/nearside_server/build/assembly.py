"""Lays the site's vendored parts, models and engine out, and has the page bundled around them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nearside_server.build.bundle import bundle_page
from nearside_server.build.checkout import Checkout
from nearside_server.build.pins import (
    NPM,
    ORT_FILES,
    ORT_PRECACHED,
    PYODIDE_FILES,
    PYODIDE_LOCK,
    PYSCRIPT_LAZY,
)
from nearside_server.build.starter import MODEL_ID
from nearside_server.build.vendored import cut_lock

HASH_DIGITS = 10


@dataclass
class Folder:
    """One folder of the site with a hash in its name: `files` by name are paths to copy or contents."""

    stem: str
    files: Mapping[str, Path | bytes]
    precached: frozenset[str]
    url: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            data = content if isinstance(content, bytes) else content.read_bytes()
            digest.update(f"{name}\0{len(data)}\0".encode())
            digest.update(data)
        self.url = f"/assets/{self.stem}-{digest.hexdigest()[:HASH_DIGITS]}/"

    def write(self, site: Path) -> None:
        """Write the files below the folder `site`."""
        write_files(site / self.url.strip("/"), self.files)

    def kept(self) -> list[dict[str, str | None]]:
        """Return the service worker's list entries."""
        return [{"url": self.url + name, "revision": None} for name in sorted(self.precached)]


def write_files(folder: Path, files: Mapping[str, Path | bytes]) -> None:
    """Write `files`, by relative path, below `folder`."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            shutil.copyfile(content, target)


def pyodide_folder(modules: Path, wheels: Mapping[str, bytes]) -> Folder:
    """Pyodide's core from npm with its own wheels, and the lock file cut down to them."""
    source = modules / "pyodide"
    lock = json.loads((source / PYODIDE_LOCK).read_text("utf-8"))
    files: dict[str, Path | bytes] = {name: source / name for name in PYODIDE_FILES}
    files |= {PYODIDE_LOCK: cut_lock(lock), **wheels}
    return Folder(f"pyodide-{NPM['pyodide']}", files, frozenset(files))


def pyscript_folder(modules: Path) -> Folder:
    """PyScript's core with all its chunks, which load each other by name."""
    source = modules / "@pyscript" / "core" / "dist"
    files: dict[str, Path | bytes] = {path.name: path for path in source.glob("*.js")}
    files["core.css"] = source / "core.css"
    kept = frozenset(name for name in files if not name.startswith(PYSCRIPT_LAZY))
    return Folder(f"pyscript-{NPM['@pyscript/core']}", files, kept)


def ort_folder(modules: Path) -> Folder:
    """The three builds of ONNX Runtime; the plain one is kept for offline use."""
    source = modules / "onnxruntime-web" / "dist"
    files: dict[str, Path | bytes] = {name: source / name for name in ORT_FILES}
    return Folder(f"ort-{NPM['onnxruntime-web']}", files, frozenset(ORT_PRECACHED))


def assemble(
    checkout: Checkout,
    out: Path,
    *,
    modules: Path,
    wheels: Mapping[str, bytes],
    tab_wheel: tuple[str, bytes],
    extras: Mapping[str, bytes],
    starter: Mapping[str, bytes],
) -> set[str]:
    """Write the whole site, uncompressed and without its manifest, into the empty folder `out`.

    `wheels` are Pyodide's by file name, `tab_wheel` is (file name, content), `extras` the wheels that are
    loaded later, by file name, `starter` the model pack by path. Returns the relative paths that the service
    worker keeps.
    """
    name, content = tab_wheel
    pyodide, pyscript, ort = pyodide_folder(modules, wheels), pyscript_folder(modules), ort_folder(modules)
    python = Folder("python", {name: content}, frozenset({name}))
    later = Folder("extras", extras, frozenset(extras))
    folders = (pyodide, pyscript, ort, python, later)
    card = json.loads(starter["model.json"])
    site = {
        "version": checkout.version,
        "static": str(checkout.static),
        "pyodide": pyodide.url,
        "pyscript": pyscript.url + "core.js",
        "ort": ort.url,
        "wheel": python.url + name,
        "extras": [later.url + extra for extra in extras],
        "starter": card,
        "precache": [entry for folder in folders for entry in folder.kept()],
    }
    # first what can fail, then what only takes time
    urls = bundle_page(checkout.web, site, out, scratch=out / ".site.json")
    for folder in folders:
        folder.write(out)
    write_files(out / "models" / MODEL_ID, starter)
    (out / "models" / "index.json").write_text(json.dumps({"models": [card]}, indent=2) + "\n", "utf-8")
    return {url.lstrip("/") for url in urls}


def relative_files(folder: Path) -> Iterable[str]:
    """Yield the relative paths of all files below `folder`, with `/`, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix().replace(os.sep, "/")
