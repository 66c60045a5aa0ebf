"""Folders of models in hub layout (`org/name/config.json`, `onnx/*.onnx`), and safe ways into them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from nearside_server.errors import NotFound

CARD = "model.json"

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]*")
_USED = (".json", ".txt", ".model", ".jinja", ".onnx")
_EXTERNAL = re.compile(r".*\.onnx[._]data(_\d+)?")


class ModelFolders:
    """The models in some folders; of two folders with the same model the first counts."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(root.resolve() for root in roots)

    def ids(self) -> list[str]:
        """Return the ids (`org/name`) of all models, sorted."""
        return sorted({f"{folder.parent.name}/{folder.name}" for folder in self._all()})

    def find(self, model: str) -> tuple[Path, Path] | None:
        """Return the root and the folder of the model `org/name`, None when no root has it."""
        org, _, name = model.partition("/")
        if not (_PART.fullmatch(org) and _PART.fullmatch(name)):
            return None
        for root in self._roots:
            folder = root / org / name
            if _is_model(folder) and _inside(root, folder):
                return root, folder
        return None

    def file(self, model: str, path: str) -> Path:
        """Return the file `path` of a model, all links followed; raises NotFound.

        A path never leads out of the root that the model lies in, neither by `..` nor by a link, and never
        to a hidden file.
        """
        found = self.find(model)
        parts = path.split("/")
        if found is None or any(not part or part.startswith(".") or "\\" in part for part in parts):
            raise NotFound(f"There is no file {path!r} of a model {model!r}.")
        root, folder = found
        place = _inside(root, folder.joinpath(*parts))
        if place is None or not place.is_file():
            raise NotFound(f"There is no file {path!r} of a model {model!r}.")
        return place

    def files(self, model: str) -> dict[str, Path]:
        """Return what an engine may need of a model, sorted: relative path to file. Empty when unknown."""
        found = self.find(model)
        if found is None:
            return {}
        root, folder = found
        files: dict[str, Path] = {}
        for top, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in names:
                relative = (Path(top) / name).relative_to(folder).as_posix()
                place = _inside(root, Path(top) / name)
                if _is_used(relative) and place is not None and place.is_file():
                    files[relative] = place
        return dict(sorted(files.items()))

    def _all(self) -> Iterator[Path]:
        """Yield the folder of every model in every root."""
        for root in self._roots:
            for org in _folders(root):
                yield from (folder for folder in _folders(org) if _is_model(folder) and _inside(root, folder))


def _folders(place: Path) -> list[Path]:
    """Return the folders in `place` whose names can be part of an id; none when it cannot be read."""
    try:
        return sorted(child for child in place.iterdir() if _PART.fullmatch(child.name) and child.is_dir())
    except OSError:
        return []


def _is_model(folder: Path) -> bool:
    """Say whether a folder looks like a model: its configuration and at least one graph."""
    return (folder / "config.json").is_file() and any((folder / "onnx").glob("*.onnx"))


def _is_used(path: str) -> bool:
    """Say whether a file of a model folder belongs into its card."""
    name = path.rpartition("/")[2]
    if name.startswith(".") or path == CARD:
        return False
    return name.endswith(_USED) or _EXTERNAL.fullmatch(name) is not None


def _inside(root: Path, path: Path) -> Path | None:
    """Return `path` with all links followed, None when it leaves `root`, is hidden or does not exist."""
    try:
        place = path.resolve(strict=True)
        relative = place.relative_to(root)
    except (OSError, RuntimeError, ValueError):  # not there, a loop of links, outside or a NUL in the name
        return None
    return None if any(part.startswith(".") for part in relative.parts) else place
