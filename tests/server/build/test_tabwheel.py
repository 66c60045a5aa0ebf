"""The tab wheel: what is in it, that it is the same every time, and that a bare Pyodide takes it."""

from __future__ import annotations

import base64
import csv
import email
import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from nearside_server.build.assembly import pyodide_folder
from nearside_server.build.checkout import find_checkout
from nearside_server.build.errors import MissingInput, TooBig
from nearside_server.build.npm import program
from nearside_server.build.pins import TAB_WHEEL_LIMIT
from nearside_server.build.slim import slim
from nearside_server.build.tabwheel import (
    DOCUMENTED,
    LATER,
    build_tasks_wheel,
    build_wheel,
    later_sources,
    sources,
    tasks_name,
    wheel_name,
)

REAL = find_checkout()
LICENCE = (REAL.root / "LICENSE").read_bytes()


def build(package: Path = REAL.engine) -> bytes:
    return build_wheel(package, REAL.project, LICENCE)


@pytest.fixture(scope="module")
def wheel() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(build()))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "nearside"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""A package."""\n')
    return folder


def test_it_is_small() -> None:
    assert len(build()) <= TAB_WHEEL_LIMIT == 150_000


def test_it_holds_the_engine_for_the_browser_only(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "nearside/__init__.py" in names
    assert any(name.startswith("nearside/platform/browser/") for name in names)
    assert not any("cpython" in name or "__pycache__" in name or "server" in name for name in names)
    for name, path in sources(REAL.engine).items():
        whole = name in DOCUMENTED or not name.endswith(".py")
        expected = path.read_bytes() if whole else slim(path.read_text("utf-8")).encode()
        assert wheel.read(f"nearside/{name}") == expected
    assert set(sources(REAL.engine)) >= DOCUMENTED


def test_what_is_loaded_later_is_in_the_second_wheel_and_nowhere_else(wheel: zipfile.ZipFile) -> None:
    later = zipfile.ZipFile(io.BytesIO(build_tasks_wheel(REAL.engine, REAL.project, LICENCE)))
    core, tasks = set(wheel.namelist()), set(later.namelist())
    assert not core & tasks
    assert {name for name in tasks if ".dist-info/" not in name} == {
        f"nearside/{name}" for name in later_sources(REAL.engine)
    }
    assert all(any(name.startswith(place) for name in later_sources(REAL.engine)) for place in LATER)
    assert {"nearside/languages.txt", "nearside/models/offsets.py"} <= tasks
    metadata = email.message_from_bytes(later.read(f"nearside_tasks-{REAL.version}.dist-info/METADATA"))
    assert metadata["Name"] == "nearside-tasks"
    requires = metadata.get_all("Requires-Dist")
    assert requires is not None
    assert [need.partition(">")[0] for need in requires] == [f"nearside=={REAL.version}", "jinja2"]
    assert tasks_name(REAL.project) == f"nearside_tasks-{REAL.version}-py3-none-any.whl"


def test_the_record_names_every_file_with_its_hash(wheel: zipfile.ZipFile) -> None:
    record = next(name for name in wheel.namelist() if name.endswith(".dist-info/RECORD"))
    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(wheel.read(record).decode()))}
    assert list(rows) == wheel.namelist()
    assert rows.pop(record) == ["", ""]
    for name, (digest, size) in rows.items():
        content = wheel.read(name)
        expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        assert (digest, int(size)) == (f"sha256={expected}", len(content))


def test_the_metadata_asks_for_numpy_alone(wheel: zipfile.ZipFile) -> None:
    name = f"nearside-{REAL.version}.dist-info/METADATA"
    metadata = email.message_from_bytes(wheel.read(name))
    assert (metadata["Name"], metadata["Version"]) == ("nearside", REAL.version)
    requires = metadata.get_all("Requires-Dist")
    assert requires is not None
    assert [need.partition(">")[0] for need in requires] == ["numpy"]
    assert wheel_name(REAL.project) == f"nearside-{REAL.version}-py3-none-any.whl"


def test_the_same_sources_make_the_same_bytes(package: Path) -> None:
    (package / "b.py").write_text("b = 1\n")
    first = build(package)
    (package / "b.py").touch()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "b.pyc").write_bytes(b"cache")
    (package / "platform" / "cpython").mkdir(parents=True)
    (package / "platform" / "cpython" / "runtime.py").write_text("x = 1\n")
    assert build(package) == first
    (package / "b.py").write_text("b = 2\n")
    assert build(package) != first


def test_a_package_that_is_too_big(package: Path) -> None:
    (package / "data.bin").write_bytes(hashlib.shake_256(b"noise").digest(200_000))
    with pytest.raises(TooBig, match="150,000 is the limit"):
        build(package)


def test_a_folder_that_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match="not a Python package"):
        build(tmp_path)


def test_a_bare_pyodide_installs_and_imports_it(
    tmp_path: Path, modules: Path, pyodide_wheels: dict[str, bytes]
) -> None:
    folder = pyodide_folder(modules, pyodide_wheels)
    folder.write(tmp_path)
    wheel = tmp_path / wheel_name(REAL.project)
    wheel.write_bytes(build())
    script = Path(__file__).with_name("install_tab_wheel.mjs")
    command = [program("node"), str(script), str(tmp_path / folder.url.strip("/")), str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["version"] == REAL.version
    assert [need.partition(">")[0] for need in found["requires"]] == ["numpy"]
    assert found["file"].endswith("site-packages/nearside/__init__.py")
    assert found["numpy"], "micropip did not install numpy, which the wheel requires"
    assert found["python"] == [3, 14]
