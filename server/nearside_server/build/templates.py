"""The wheels that chat templates need in the tab: Jinja2 as published, MarkupSafe made from its source.

PyPI has MarkupSafe only with its C part compiled in. Its source carries the same functions in Python, which
it falls back to; a wheel without the C part is what a browser can take.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

from nearside_server.build import index
from nearside_server.build.console import Console, size
from nearside_server.build.downloads import Web
from nearside_server.build.errors import MissingInput
from nearside_server.build.pins import JINJA2, MARKUPSAFE, PinnedFile
from nearside_server.build.tabwheel import pack

MARKUPSAFE_SOURCES = ("__init__.py", "_native.py", "py.typed")


class Templates:
    """Gets the two wheels, from the cache or the package index."""

    def __init__(
        self,
        *,
        cache_folder: Path,
        console: Console,
        web: Web | None = None,
        indexes: index.Indexes | None = None,
    ) -> None:
        self._folder = cache_folder / "templates"
        self._console = console
        self._web = web or Web()
        self._indexes = indexes

    def get(self) -> dict[str, bytes]:
        """Return the wheels by file name.

        Raises WrongHash when the index has another file under a pinned name (a damaged file in the cache is
        fetched again), DownloadFailed.
        """
        made = markupsafe_wheel(self._pinned(MARKUPSAFE))
        return {JINJA2.filename: self._pinned(JINJA2), markupsafe_name(): made}

    def _pinned(self, file: PinnedFile) -> bytes:
        path = self._folder / file.filename
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
            self._console.step(file.project)
            url = index.locate(self._web, self._indexes or index.configured(), file.project, file.filename)
            self._web.download(url, path, file.sha256, progress=self._console.progress)
            self._console.done(f"{size(path.stat().st_size)} fetched")
        return path.read_bytes()


def markupsafe_name() -> str:
    """Return the file name of the wheel that `markupsafe_wheel` makes."""
    return f"markupsafe-{_version()}-py3-none-any.whl"


def markupsafe_wheel(sdist: bytes) -> bytes:
    """Return a pure wheel of MarkupSafe from its source archive, the same bytes for the same archive.

    Raises MissingInput when the archive lacks a part.
    """
    root = f"markupsafe-{_version()}"
    with tarfile.open(fileobj=io.BytesIO(sdist)) as archive:
        found = {name: _read(archive, f"{root}/src/markupsafe/{name}") for name in MARKUPSAFE_SOURCES}
        metadata = _read(archive, f"{root}/PKG-INFO")
        licence = _read(archive, f"{root}/LICENSE.txt")
    files = {f"markupsafe/{name}": content for name, content in found.items()}
    return pack(files, root, metadata, {"LICENSE.txt": licence})


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    try:
        part = archive.extractfile(name)
    except KeyError:
        part = None
    if part is None:
        raise MissingInput(f"{MARKUPSAFE.filename} has no {name}.")
    return part.read()


def _version() -> str:
    return MARKUPSAFE.filename.removeprefix("markupsafe-").removesuffix(".tar.gz")
