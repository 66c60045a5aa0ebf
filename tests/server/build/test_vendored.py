"""Pyodide's wheels: the four sources in order, every file held against the lock's hash."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nearside_server.build.console import Console
from nearside_server.build.errors import DownloadFailed, MissingInput, NoRanges, WrongHash
from nearside_server.build.index import Indexes
from nearside_server.build.pins import CARRIER, CARRIER_FOLDER, PYODIDE_LOCK
from nearside_server.build.vendored import LockedFile, Vendor, cut_lock, locked_files

CONTENT = {"one-1-py3-none-any.whl": b"one" * 9_000, "two-2-cp314.whl": b"two" * 5_000}
LOCKED = [
    LockedFile(name[:3], name, hashlib.sha256(content).hexdigest()) for name, content in CONTENT.items()
]


def carrier(content: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(CARRIER_FOLDER + name, data)
    return out.getvalue()


@pytest.fixture
def index(files: Any) -> Indexes:
    """An index that lists the carrier, with the right files in it."""
    files.content[f"/{CARRIER.filename}"] = carrier(CONTENT)
    files.content["/simple/open-webui/"] = f'<a href="/{CARRIER.filename}">{CARRIER.filename}</a>'.encode()
    files.types["/simple/open-webui/"] = "text/html"
    return Indexes(pages=(f"{files.url}/simple/",))


@pytest.fixture
def vendor(files: Any, index: Indexes, tmp_path: Path, quiet: Console) -> Callable[..., Vendor]:
    def make(**more: Any) -> Vendor:
        cdn = f"{files.url}/cdn/"
        return Vendor(cache_folder=tmp_path / "cache", console=quiet, cdn=cdn, indexes=index, **more)

    return make


def paths(files: Any) -> list[str]:
    return [path for path, _ in files.requests]


def test_the_cdn_is_asked_before_the_index(files: Any, vendor: Callable[..., Vendor]) -> None:
    files.content |= {f"/cdn/{name}": content for name, content in CONTENT.items()}
    assert vendor().get(LOCKED) == CONTENT
    assert paths(files) == [f"/cdn/{name}" for name in CONTENT]


def test_without_the_cdn_they_come_out_of_the_carrier(files: Any, vendor: Callable[..., Vendor]) -> None:
    assert vendor().get(LOCKED) == CONTENT
    assert paths(files)[1] == "/simple/open-webui/"


def test_the_cache_is_used_and_a_damaged_file_in_it_replaced(
    files: Any, vendor: Callable[..., Vendor], tmp_path: Path
) -> None:
    vendor().get(LOCKED)
    files.requests.clear()
    assert vendor().get(LOCKED) == CONTENT
    assert files.requests == []
    damaged = tmp_path / "cache" / "pyodide" / LOCKED[0].name
    damaged.write_bytes(b"half")
    assert vendor().get(LOCKED) == CONTENT
    assert damaged.read_bytes() == CONTENT[LOCKED[0].name]


def test_a_given_folder_comes_first(files: Any, vendor: Callable[..., Vendor], tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    for name, content in CONTENT.items():
        (given / name).write_bytes(content)
    assert vendor(wheels=given).get(LOCKED) == CONTENT
    assert files.requests == []
    (given / LOCKED[1].name).unlink()
    assert vendor(wheels=given).get(LOCKED) == CONTENT  # the rest comes from elsewhere


def test_a_wrong_file_in_the_given_folder_stops(vendor: Callable[..., Vendor], tmp_path: Path) -> None:
    (tmp_path / LOCKED[0].name).write_bytes(b"other")
    with pytest.raises(WrongHash, match=LOCKED[0].name):
        vendor(wheels=tmp_path).get(LOCKED)


def test_a_wrong_file_on_the_cdn_stops(files: Any, vendor: Callable[..., Vendor]) -> None:
    files.content |= {f"/cdn/{name}": b"other" for name in CONTENT}
    with pytest.raises(WrongHash, match=LOCKED[0].name):
        vendor().get(LOCKED)
    assert "/simple/open-webui/" not in paths(files)


def test_a_wrong_file_in_the_carrier_stops(files: Any, vendor: Callable[..., Vendor], tmp_path: Path) -> None:
    files.content[f"/{CARRIER.filename}"] = carrier(CONTENT | {LOCKED[1].name: b"other"})
    with pytest.raises(WrongHash, match=LOCKED[1].name):
        vendor().get(LOCKED)
    assert not (tmp_path / "cache" / "pyodide" / LOCKED[1].name).exists()


def test_a_carrier_without_the_file(files: Any, vendor: Callable[..., Vendor]) -> None:
    files.content[f"/{CARRIER.filename}"] = carrier({LOCKED[0].name: CONTENT[LOCKED[0].name]})
    with pytest.raises(DownloadFailed, match=f"does not carry {LOCKED[1].name}"):
        vendor().get(LOCKED)


def test_no_ranges_says_how_to_go_on(files: Any, vendor: Callable[..., Vendor]) -> None:
    files.ranges = False
    with pytest.raises(NoRanges) as caught:
        vendor().get(LOCKED)
    assert caught.value.hint is not None
    assert "--wheels" in caught.value.hint
    assert all(file.name in caught.value.hint for file in LOCKED)
    assert not caught.value.retryable


def test_what_the_pinned_lock_names(modules: Path) -> None:
    lock = json.loads((modules / "pyodide" / PYODIDE_LOCK).read_text("utf-8"))
    named = {file.name: file.sha256[:8] for file in locked_files(lock)}
    assert named == {
        "numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl": "0cad9c1b",
        "micropip-0.11.1-py3-none-any.whl": "668cd127",
        "packaging-26.1-py3-none-any.whl": "27192394",
    }
    cut = json.loads(cut_lock(lock))
    assert sorted(cut["packages"]) == ["micropip", "numpy", "packaging"]
    assert cut["info"] == lock["info"]
    assert cut["packages"]["numpy"] == lock["packages"]["numpy"]


def test_a_lock_without_numpy() -> None:
    with pytest.raises(MissingInput, match="numpy"):
        locked_files({"packages": {}})


def test_the_real_carrier(
    tmp_path: Path, modules: Path, quiet: Console, files: Any, require: Callable[..., None]
) -> None:
    require("network")
    lock = json.loads((modules / "pyodide" / PYODIDE_LOCK).read_text("utf-8"))
    named = locked_files(lock)
    found = Vendor(cache_folder=tmp_path, console=quiet, cdn=f"{files.url}/no-cdn/").get(named)
    assert {name: hashlib.sha256(content).hexdigest() for name, content in found.items()} == {
        file.name: file.sha256 for file in named
    }
