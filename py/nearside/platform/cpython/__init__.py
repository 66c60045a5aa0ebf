"""The engine on CPython: onnxruntime and `tokenizers`, models from folders, SQLite."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nearside.engine.client import Client
from nearside.models.catalog import STARTER_MODEL
from nearside.platform.clock import SystemClock
from nearside.platform.cpython.database import SqliteDatabase
from nearside.platform.cpython.probe import SystemProbe
from nearside.platform.cpython.runtime import OnnxRuntime
from nearside.platform.cpython.store import FolderStore, model_folders
from nearside.platform.cpython.tokenizers import RustTokenizers
from nearside.ports.cloud import Cloud
from nearside.ports.memory import MemoryDatabase
from nearside.types import Mode


def connect(
    models: Sequence[str | os.PathLike[str]] | None = None,
    *,
    default_model: str = STARTER_MODEL,
    threads: int = 0,
    dtype: str | None = None,
    data: str | os.PathLike[str] | None = None,
    cloud: str | None = None,
    mode: Mode | None = None,
) -> Client:
    """A client whose models come from folders in hub layout (`org/name/onnx/*.onnx`): those in `models`
    first, then the starter pack of an installed Nearside, then the folders in the environment variable
    NEARSIDE_MODELS. Nothing is loaded before it is needed. `threads` per model, 0: as many as onnxruntime
    sees fit; `dtype` ("fp32") is taken where a model has it. `data` is a file for documents, classifiers,
    records and settings, which otherwise live in memory. `cloud` is the address of a running
    `nearside serve` with a provider; without one everything is answered here. `mode`: see
    `engine.pipeline.Wish`.

    Raises `InvalidOption` when a folder named is not there, or `cloud` or `mode` is none."""
    from nearside import __version__

    store = FolderStore(model_folders([Path(folder) for folder in models or ()]))
    return Client(
        OnnxRuntime(store, threads, dtype),
        RustTokenizers(),
        store,
        SystemProbe(),
        SystemClock(),
        MemoryDatabase() if data is None else SqliteDatabase(Path(data)),
        _cloud(cloud),
        default_model=default_model,
        mode=mode,
        version=__version__,
    )


def _cloud(address: str | None) -> Cloud | None:
    """The far side; what speaks HTTP is imported only where there is one."""
    if address is None:
        return None
    from nearside.platform.cpython.cloud import HttpCloud

    return HttpCloud(address)
