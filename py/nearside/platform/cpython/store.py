"""Models in folders, in hub layout: `DIR/org/name/{config.json,tokenizer.json,onnx/*.onnx}`, with a card or
without."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from nearside.errors import EngineFailed, InvalidInput, InvalidOption, ModelCorrupt, NotFound, UnknownModel
from nearside.models.catalog import Card, make_card, parse_card, read_json, split_id
from nearside.ports.store import StorageReport, StoredModel

VARIABLE = "NEARSIDE_MODELS"
ENTRY_POINTS = "nearside.models"
_COPIES = (".br", ".gz")  # the compressed copies that a built site has beside its files
_SMALL = 20_000_000  # bytes: a tokenizer.json can have 17 million


@dataclass(frozen=True, slots=True)
class Folder:
    """A model's folder: where it is, its card, the text of its small JSON files by path, and sizes by
    path."""

    path: Path
    card: Card
    fields: Mapping[str, Any]
    texts: Mapping[str, str]
    sizes: Mapping[str, int]


def model_folders(given: Sequence[Path]) -> list[Path]:
    """Where to look for models: `given`, then what installed packages offer, then NEARSIDE_MODELS.

    Raises `InvalidOption` when a folder that was named is not there, `EngineFailed` when an installed
    package's entry point fails."""
    named = [(folder, "models") for folder in given]
    folders = [folder for folder, _ in named]
    for point in entry_points(group=ENTRY_POINTS):
        try:
            folder = Path(point.load()())
        except Exception as error:
            raise EngineFailed(
                f"The package behind {point.value} does not say where its models are."
            ) from error
        if folder.is_dir():  # a site that was not built has none
            folders.append(folder)
    for part in os.environ.get(VARIABLE, "").split(os.pathsep):
        if part:
            named.append((Path(part), VARIABLE))
            folders.append(Path(part))
    for folder, source in named:
        if not folder.is_dir():
            raise InvalidOption(f"{source} names {folder}, which is no folder.")
    return folders


class FolderStore:
    """See `nearside.ports.store.ModelStore`. The first folder that has a model wins."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = list(roots)

    def find(self, model: str) -> Folder:
        """The folder of `org/name[@revision]`. Raises `UnknownModel`, `ModelCorrupt`."""
        id, revision = split_id(model)
        for root in self._roots:
            path = root / id
            if (path / "onnx").is_dir():
                folder = _read(id, path)
                if revision in (None, folder.card.revision):
                    return folder
        looked = ", ".join(map(str, self._roots)) or "no folder at all"
        raise UnknownModel(
            f"There is no model {model} here (looked in {looked}).",
            hint=f"Run `nearside build` for the starter model, or name a folder with models in {VARIABLE}.",
        )

    def _all(self) -> list[Folder]:
        found: dict[str, Folder] = {}
        for root in self._roots:
            for onnx in sorted(root.glob("*/*/onnx")):
                id = f"{onnx.parts[-3]}/{onnx.parts[-2]}"
                if id not in found and onnx.is_dir():
                    found[id] = _read(id, onnx.parent)
        return list(found.values())

    async def cards(self) -> Sequence[Mapping[str, Any]]:
        """The cards of all models in the folders."""
        return [folder.fields for folder in await asyncio.to_thread(self._all)]

    async def list(self) -> Sequence[StoredModel]:
        """All models in the folders: each is complete."""
        return [
            StoredModel(
                id=folder.card.id,
                revision=folder.card.revision,
                bytes=sum(folder.sizes.values()),
                complete=True,
                files=tuple(sorted(folder.sizes)),
                card=folder.fields,
            )
            for folder in await asyncio.to_thread(self._all)
        ]

    async def delete(self, id: str) -> bool:
        """Refuses: the folders are the user's. Raises `InvalidInput`, or `UnknownModel`."""
        folder = await asyncio.to_thread(self.find, id)
        raise InvalidInput(
            f"{id} lies in {folder.path} and is not deleted from here.", hint="Remove the folder by hand."
        )

    async def look(self, model: str) -> Mapping[str, Any]:
        """The card of a model in the folders. Raises `UnknownModel`, `ModelCorrupt`."""
        return (await asyncio.to_thread(self.find, model)).fields

    async def rollback(self, id: str) -> str:
        """Refuses: a folder holds one revision. Raises `NotFound`, or `UnknownModel`."""
        folder = await asyncio.to_thread(self.find, id)
        raise NotFound(f"{folder.path} holds one revision of {id}.", hint="Put the other files there.")

    async def storage(self) -> StorageReport:
        """What the models take on the disk."""
        used = sum(model.bytes for model in await self.list())
        return StorageReport(persistent=True, used=used, quota=None, persisted=True)


def _read(id: str, path: Path) -> Folder:
    try:
        found = (file for file in sorted(path.rglob("*")) if file.suffix not in _COPIES and file.is_file())
        files = {file.relative_to(path).as_posix(): file for file in found}
        sizes = {name: file.stat().st_size for name, file in files.items()}
        texts = {
            name: file.read_text("utf-8")
            for name, file in files.items()
            if name.endswith((".json", ".jinja")) and sizes[name] <= _SMALL
        }
    except (OSError, UnicodeDecodeError) as error:
        raise ModelCorrupt(f"The files of {id} in {path} cannot be read: {error}.") from error
    fields = {**(read_json(texts, "model.json") or make_card(id, sizes, texts)), "id": id}
    return Folder(path, parse_card(fields), fields, texts, sizes)
