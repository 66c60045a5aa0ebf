"""The tab wheels: the engine as pure wheels for the browser, the same bytes for the same sources.

The core is loaded at the start; what only some visitors need lies in a second wheel, which unpacks into the
same folder and is loaded when it is asked for.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any, Final

from nearside_server.build.errors import MissingInput, TooBig
from nearside_server.build.pins import TAB_WHEEL_LIMIT
from nearside_server.build.slim import slim

EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip entry can have
LEFT_OUT: Final = ("platform/cpython/", "ports/fakes.py")  # not for a browser, and only for tests
LATER: Final = (
    "generation/",
    "languages.txt",
    "models/advice.py",
    "models/charsmap.py",
    "models/check.py",
    "models/known.py",
    "models/newer_unicode.py",
    "models/normalised.py",
    "models/offsets.py",
    "models/recommend.py",
    "specialists/",
    "speech/",
)
# What a person is most likely to ask `help()` about in the page's console.
DOCUMENTED: Final = frozenset(("__init__.py", "engine/client.py", "engine/kept.py"))


def wheel_name(project: dict[str, Any]) -> str:
    """Return the core wheel's file name."""
    return f"{project['name']}-{project['version']}-py3-none-any.whl"


def tasks_name(project: dict[str, Any]) -> str:
    """Return the second wheel's file name."""
    return f"{project['name']}_tasks-{project['version']}-py3-none-any.whl"


def build_wheel(package: Path, project: dict[str, Any], licence: bytes) -> bytes:
    """Return the core wheel of the Python package in the folder `package`.

    `project` is the table [project] of pyproject.toml; of its requirements only numpy goes into the
    wheel, the others are not for the browser. Raises MissingInput when there is nothing to pack, TooBig
    over TAB_WHEEL_LIMIT.
    """
    files = _contents(package, sources(package))
    if f"{package.name}/__init__.py" not in files:
        raise MissingInput(f"{package} is not a Python package.")
    name = f"{project['name']}-{project['version']}"
    numpy = [need for need in project["dependencies"] if need.startswith("numpy")]
    wheel = pack(files, name, _metadata(project, project["name"], numpy), {"LICENSE": licence})
    if len(wheel) > TAB_WHEEL_LIMIT:
        raise TooBig(f"The tab wheel has {len(wheel):,} bytes; {TAB_WHEEL_LIMIT:,} is the limit.")
    return wheel


def build_tasks_wheel(package: Path, project: dict[str, Any], licence: bytes) -> bytes:
    """Return the second wheel of the Python package in the folder `package`: what is loaded LATER."""
    needs = [f"{project['name']}=={project['version']}"]
    needs += [need for need in project["dependencies"] if need.startswith("jinja2")]
    metadata = _metadata(project, f"{project['name']}-tasks", needs)
    name = f"{project['name']}_tasks-{project['version']}"
    return pack(_contents(package, later_sources(package)), name, metadata, {"LICENSE": licence})


def pack(files: dict[str, bytes], name: str, metadata: bytes, licences: dict[str, bytes]) -> bytes:
    """Return a pure wheel of `files`, by path; `name` is the package's and its version, as file names have
    them.
    """
    info = f"{name}.dist-info"
    whole = {
        **files,
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": (
            b"Wheel-Version: 1.0\nGenerator: nearside build\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
        **{f"{info}/licenses/{path}": licence for path, licence in licences.items()},
    }
    record = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in whole.items()]
    whole[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    return _zip(whole)


def sources(package: Path) -> dict[str, Path]:
    """Return the files of `package` that belong into the core wheel, by relative path, in order."""
    return {name: path for name, path in _all_sources(package).items() if not name.startswith(LATER)}


def later_sources(package: Path) -> dict[str, Path]:
    """Return the files of `package` that belong into the second wheel, by relative path, in order."""
    return {name: path for name, path in _all_sources(package).items() if name.startswith(LATER)}


def _all_sources(package: Path) -> dict[str, Path]:
    found = {
        path.relative_to(package).as_posix(): path
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    return {name: found[name] for name in sorted(found) if not name.startswith(LEFT_OUT)}


def _contents(package: Path, found: dict[str, Path]) -> dict[str, bytes]:
    return {f"{package.name}/{name}": _content(name, path) for name, path in found.items()}


def _content(name: str, path: Path) -> bytes:
    """Return a file as it goes into the wheel: source without docstrings and comments, but for what is
    DOCUMENTED. Raises MissingInput when a source is no Python.
    """
    content = path.read_bytes()
    if not name.endswith(".py") or name in DOCUMENTED:
        return content
    try:
        return slim(content.decode("utf-8")).encode("utf-8")
    except SyntaxError as error:
        raise MissingInput(f"{path} is no Python: {error}.") from error


def _metadata(project: dict[str, Any], name: str, needs: list[str]) -> bytes:
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {name}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        "License-File: LICENSE",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {need}" for need in needs),
    ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _digest(content: bytes) -> str:
    """The hash as RECORD wants it: URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")


def _zip(files: dict[str, bytes]) -> bytes:
    """Return a zip archive with fixed dates and modes, in the order given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, wherever it is built
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()
