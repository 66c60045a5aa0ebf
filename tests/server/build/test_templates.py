"""The wheels for chat templates: Jinja2 as pinned, MarkupSafe made from its source, without its C part."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nearside_server.build import templates
from nearside_server.build.checkout import find_checkout
from nearside_server.build.console import Console
from nearside_server.build.errors import DownloadFailed, MissingInput, WrongHash
from nearside_server.build.index import Indexes
from nearside_server.build.pins import JINJA2, MARKUPSAFE, PinnedFile
from nearside_server.build.templates import Templates, markupsafe_name, markupsafe_wheel

ROOT = "markupsafe-3.0.3"
PARTS = {
    f"{ROOT}/src/markupsafe/__init__.py": b"from ._native import escape\n",
    f"{ROOT}/src/markupsafe/_native.py": b"escape = str\n",
    f"{ROOT}/src/markupsafe/_speedups.c": b"int x;\n",
    f"{ROOT}/src/markupsafe/py.typed": b"",
    f"{ROOT}/PKG-INFO": b"Name: MarkupSafe\n",
    f"{ROOT}/LICENSE.txt": b"BSD\n",
}


def sdist(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@pytest.fixture
def make(
    files: Any, tmp_path: Path, quiet: Console, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Templates]:
    """An index that lists two small files, pinned for the test."""
    for name, file, content in (("JINJA2", JINJA2, b"wheel"), ("MARKUPSAFE", MARKUPSAFE, sdist(PARTS))):
        files.content[f"/{file.filename}"] = content
        files.content[f"/simple/{file.project}/"] = f'<a href="/{file.filename}">{file.filename}</a>'.encode()
        files.types[f"/simple/{file.project}/"] = "text/html"
        pinned = PinnedFile(file.project, file.filename, hashlib.sha256(content).hexdigest())
        monkeypatch.setattr(templates, name, pinned)
    indexes = Indexes(pages=(f"{files.url}/simple/",))
    return lambda: Templates(cache_folder=tmp_path, console=quiet, indexes=indexes)


def test_both_come_from_the_index_once(files: Any, make: Callable[[], Templates]) -> None:
    found = make().get()
    assert list(found) == [JINJA2.filename, "markupsafe-3.0.3-py3-none-any.whl"]
    assert found[JINJA2.filename] == b"wheel"
    files.requests.clear()
    assert make().get() == found
    assert files.requests == []


def test_a_damaged_file_in_the_cache_is_fetched_again(make: Callable[[], Templates], tmp_path: Path) -> None:
    found = make().get()
    (tmp_path / "templates" / MARKUPSAFE.filename).write_bytes(b"half")
    assert make().get() == found


def test_another_file_under_a_pinned_name_stops(files: Any, make: Callable[[], Templates]) -> None:
    files.content[f"/{MARKUPSAFE.filename}"] = b"other"
    with pytest.raises(WrongHash, match="markupsafe"):
        make().get()


def test_the_wheel_has_the_python_part_alone_and_is_the_same_every_time() -> None:
    wheel = markupsafe_wheel(sdist(PARTS))
    assert wheel == markupsafe_wheel(sdist(PARTS))
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names = archive.namelist()
        assert names[:3] == ["markupsafe/__init__.py", "markupsafe/_native.py", "markupsafe/py.typed"]
        assert not any(name.endswith(".c") for name in names)
        assert archive.read(f"{ROOT}.dist-info/METADATA") == PARTS[f"{ROOT}/PKG-INFO"]
        assert archive.read(f"{ROOT}.dist-info/licenses/LICENSE.txt") == PARTS[f"{ROOT}/LICENSE.txt"]
        assert b"Root-Is-Purelib: true" in archive.read(f"{ROOT}.dist-info/WHEEL")


def test_an_archive_that_lacks_a_part() -> None:
    parts = {name: content for name, content in PARTS.items() if not name.endswith("_native.py")}
    with pytest.raises(MissingInput, match="_native"):
        markupsafe_wheel(sdist(parts))


def test_the_real_ones_escape_and_render(
    tmp_path: Path, quiet: Console, require: Callable[..., None]
) -> None:
    try:
        found = Templates(cache_folder=find_checkout().cache, console=quiet).get()
    except DownloadFailed as error:
        require("network", present=False, why=error.message)
        raise
    for name, content in found.items():
        (tmp_path / name).write_bytes(content)
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "import jinja2, markupsafe\n"
        "assert all('.whl' in module.__file__ for module in (jinja2, markupsafe))\n"
        "print(jinja2.Template('{{ x | e }}').render(x='<&>'), markupsafe.escape.__module__)\n"
    )
    wheels = [str(tmp_path / name) for name in (JINJA2.filename, markupsafe_name())]
    command = [sys.executable, "-I", "-c", code, *wheels]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["&lt;&amp;&gt;", "markupsafe"]
