"""Tells whether a site is what a build would make now, so that the build can be left out.

A stamp holds a hash over everything that goes into a site and, for each file of the site, its size and
time of change. It lies in the cache, not in the site.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import zlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nearside_server.build import cache
from nearside_server.build.checkout import Checkout
from nearside_server.build.npm import installed_record

_TOOLS = ("numpy", "onnx", "brotli")


def inputs_hash(checkout: Checkout, options: dict[str, Any]) -> str:
    """Return a hash over the sources, the installed parts, the tools' versions and the build's options."""
    digest = hashlib.sha256()
    for name, path in _sources(checkout):
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    digest.update(installed_record(checkout.web / "node_modules"))
    tools = {name: version(name) for name in _TOOLS}
    tools |= {"python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION}
    digest.update(json.dumps([tools, options], sort_keys=True).encode())
    return digest.hexdigest()


def is_current(site: Path, inputs: str, stamps: Path) -> bool:
    """Say whether `site` was built from `inputs` and has not been touched since."""
    try:
        stamp = json.loads(_place(site, stamps).read_text("utf-8"))
        return bool(stamp["inputs"] == inputs and stamp["files"] == _files(site))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return False  # none, or a damaged one


def write_stamp(site: Path, inputs: str, stamps: Path) -> None:
    """Note that `site` was built from `inputs`."""
    stamp = json.dumps({"inputs": inputs, "files": _files(site)})
    cache.put(_place(site, stamps), stamp.encode("utf-8"))


def _place(site: Path, stamps: Path) -> Path:
    return stamps / f"{hashlib.sha256(os.fsencode(site)).hexdigest()[:16]}.json"


def _files(site: Path) -> dict[str, list[int]]:
    """Return [size, time of change in ns] of each file of `site` by relative path; empty without a site."""
    found = {}
    for folder, _, names in os.walk(site):
        for name in names:
            facts = (Path(folder) / name).stat()
            found[os.path.relpath(Path(folder) / name, site)] = [facts.st_size, facts.st_mtime_ns]
    return found


def _sources(checkout: Checkout) -> Iterator[tuple[str, Path]]:
    """Yield (name, path) of every file that a site is made of, in order."""
    for name in ("pyproject.toml", "LICENSE"):
        yield name, checkout.root / name
    for top in (checkout.engine, checkout.static, checkout.web, Path(__file__).parent):
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(set(folders) - {"node_modules", "__pycache__"})
            for name in sorted(names):
                if not name.endswith(".test.js"):
                    path = Path(folder) / name
                    yield f"{top.name}/{path.relative_to(top).as_posix()}", path
