"""Where the built site lies on disk, and its manifest, build.json.

Only the standard library is imported here: the engine in CPython loads this module through the entry
point group `nearside.models` to find the starter pack, and must not pay for a web server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from nearside_server.errors import ServerError, SiteDamaged, SiteNotBuilt

MANIFEST = "build.json"


def site_folder() -> Path:
    """Return the folder that `nearside build` writes by default and the wheel carries (it may not exist)."""
    return Path(__file__).resolve().parent / "_site"


def models_folder() -> Path:
    """Return the folder, in hub layout, that holds the starter pack.

    It does not exist before the site was built: callers check `is_dir()` and go on without it.
    """
    return site_folder() / "models"


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file of the site: `path` is relative, with `/`; sizes are bytes; `sha256` is hex.

    `br` and `gz` are the sizes of the compressed copies beside the file, None where there is none.
    """

    path: str
    bytes: int
    sha256: str
    br: int | None = None
    gz: int | None = None
    precache: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """A built site: its folder, the version that built it, and its files by relative path."""

    folder: Path
    version: str
    files: Mapping[str, SiteFile]


def is_built(folder: Path) -> bool:
    """Say whether a finished build lies in `folder` (builds appear as a whole, by a rename)."""
    return (folder / MANIFEST).is_file()


def load_site(folder: Path) -> Site:
    """Read build.json of the site in `folder`.

    Raises SiteNotBuilt when there is none, SiteDamaged when it is not a manifest, when a path leaves the
    folder, or when a file it names is missing or has another size. Compressed copies may be missing.
    """
    manifest = folder / MANIFEST
    try:
        text = manifest.read_text("utf-8")
    except FileNotFoundError:
        raise SiteNotBuilt(f"There is no built site in {folder}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SiteDamaged(f"{manifest} cannot be read: {error}.") from error
    try:
        data = json.loads(text)
        version = str(data["version"])
        files = {entry["path"]: _site_file(entry) for entry in data["files"]}
    except (ValueError, KeyError, TypeError) as error:
        raise SiteDamaged(f"{manifest} is not a build manifest: {error!r}.") from error
    return Site(folder, version, {path: _on_disk(folder, file) for path, file in files.items()})


def _site_file(entry: Mapping[str, object]) -> SiteFile:
    """Make a SiteFile of one manifest entry; KeyError, TypeError or ValueError when it is not one."""
    path = str(entry["path"])
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
        raise ValueError(f"{path!r} is not a relative path inside the site")
    return SiteFile(
        path=path,
        bytes=_size(entry["bytes"]),
        sha256=str(entry["sha256"]),
        br=_size(entry["br"]) if entry.get("br") is not None else None,
        gz=_size(entry["gz"]) if entry.get("gz") is not None else None,
        precache=bool(entry.get("precache", False)),
    )


def _size(value: object) -> int:
    """Return `value` if it is a size in bytes."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError(f"{value!r} is not a size in bytes")
    return value


def _on_disk(folder: Path, file: SiteFile) -> SiteFile:
    """Return `file` without the compressed copies that are not there: a package may leave them out.

    Raises SiteDamaged when the file itself is missing, or when it or a copy has another size.
    """
    if _size_on_disk(folder, file.path, file.bytes) is None:
        raise SiteDamaged(f"{folder / file.path} is named in {MANIFEST} but is not there.")
    br = _size_on_disk(folder, f"{file.path}.br", file.br)
    gz = _size_on_disk(folder, f"{file.path}.gz", file.gz)
    return file if (br, gz) == (file.br, file.gz) else replace(file, br=br, gz=gz)


def _size_on_disk(folder: Path, path: str, size: int | None) -> int | None:
    """Return `size` when `path` is there and has it, None when it is not there; else raise SiteDamaged."""
    if size is None:
        return None
    try:
        found = (folder / path).stat().st_size
    except OSError:
        return None
    if found != size:
        raise SiteDamaged(f"{folder / path} has {found} bytes, {MANIFEST} says {size}.")
    return size


class CurrentSite:
    """The site in a folder as it is now: read once, and again when a build replaced it.

    A build appears as a whole by a rename, so a changed build.json means that every file may have changed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp: tuple[int, int, int] | None = None
        self._site: Site | None = None
        self._error: ServerError = SiteNotBuilt(f"There is no built site in {folder}.")

    def get(self) -> Site:
        """Return the site; raises SiteNotBuilt or SiteDamaged."""
        stamp = _stamp(self.folder / MANIFEST)
        if stamp is None:
            self._stamp, self._site = None, None
            raise SiteNotBuilt(f"There is no built site in {self.folder}.")
        if stamp != self._stamp:
            self._read()
            self._stamp = stamp
        if self._site is None:
            raise self._error
        return self._site

    def _read(self) -> None:
        """Read the manifest; keep the site or the reason why there is none."""
        try:
            self._site = load_site(self.folder)
        except ServerError as error:
            self._site, self._error = None, error


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what tells one version of a file from the next, None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
