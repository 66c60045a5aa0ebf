"""The engine on CPython: onnxruntime and `tokenizers`, models from folders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nearside.engine.client import Client
from nearside.models.catalog import STARTER_MODEL
from nearside.platform.clock import SystemClock
from nearside.platform.cpython.probe import SystemProbe
from nearside.platform.cpython.runtime import OnnxRuntime
from nearside.platform.cpython.store import FolderStore, model_folders
from nearside.platform.cpython.tokenizers import RustTokenizers


def connect(
    models: Sequence[str | os.PathLike[str]] | None = None,
    *,
    default_model: str = STARTER_MODEL,
    threads: int = 0,
) -> Client:
    """A client whose models come from folders in hub layout (`org/name/onnx/*.onnx`): those in `models`
    first, then the starter pack of an installed Nearside, then the folders in the environment variable
    NEARSIDE_MODELS. Nothing is loaded before it is needed. `threads` per model, 0: as many as onnxruntime
    sees fit.

    Raises `InvalidOption` when a folder named is not there."""
    store = FolderStore(model_folders([Path(folder) for folder in models or ()]))
    runtime = OnnxRuntime(store, threads)
    return Client(runtime, RustTokenizers(), store, SystemProbe(), SystemClock(), default_model=default_model)
