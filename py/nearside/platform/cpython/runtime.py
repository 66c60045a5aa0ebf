"""onnxruntime, one worker thread per session: one call at a time, and the event loop stays free meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as native

from nearside.errors import (
    EngineFailed,
    InvalidInput,
    KeptLost,
    ModelCorrupt,
    ModelGone,
    NearsideError,
    OutOfMemory,
    UnsupportedModel,
)
from nearside.models.catalog import SMALL_FILES
from nearside.models.graphs import graph_files
from nearside.platform.cpython.store import Folder, FolderStore
from nearside.ports.runtime import Best, Feeds, Graph, Keep, ModelInfo, Outputs, Session, Want
from nearside.types import Progress

_FAILURES = (
    native.EPFail,
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.NoModel,
    native.NoSuchFile,
    native.NotImplemented,
    native.RuntimeException,
    RuntimeError,
    ValueError,
)
_MEMORY = ("bad allocation", "bad_alloc", "Failed to allocate memory")
_DTYPES = {
    "float": np.float32,
    "float16": np.float16,
    "double": np.float64,
    "int64": np.int64,
    "int32": np.int32,
    "bool": np.bool_,
}


class OnnxRuntime:
    """See `nearside.ports.runtime.Runtime`. More sessions of one model would only share the same cores."""

    max_replicas = 1

    def __init__(self, store: FolderStore, threads: int = 0, dtype: str | None = None) -> None:
        self._store = store
        self._threads = threads
        self._dtype = dtype

    async def open(
        self, model: str, *, replica: int = 0, on_progress: Callable[[Progress], None] | None = None
    ) -> Session:
        """See `nearside.ports.runtime.Runtime.open`. int8 weights are taken before fp32 ones, as in the
        browser, unless the runtime was made for a `dtype` that the model has."""
        thread = ThreadPoolExecutor(1, thread_name_prefix=f"nearside-{model}")
        try:
            folder = await asyncio.to_thread(self._store.find, model)
            dtype = self._dtype if self._dtype in (folder.card.dtypes or {}) else folder.card.best_dtype()
            file = (folder.card.dtypes or {}).get(dtype or "")
            if dtype is None or file is None or file not in folder.sizes:
                raise UnsupportedModel(f"{model} in {folder.path} has no weights that can be run here.")
            size = sum(folder.sizes[path] for path in folder.card.weights(file) if path in folder.sizes)
            if on_progress is not None:
                on_progress(Progress("prepare", size, size))
            opening = asyncio.get_running_loop().run_in_executor(
                thread, _open, folder, file, dtype, self._threads
            )
            sessions, info = await opening
        except BaseException:
            thread.shutdown(wait=False, cancel_futures=True)
            raise
        if on_progress is not None:
            on_progress(Progress("ready", size, size))
        texts = {name: folder.texts[name] for name in SMALL_FILES if name in folder.texts}
        return OnnxSession(sessions, info, texts, thread)


def _open(
    folder: Folder, file: str, dtype: str, threads: int
) -> tuple[dict[str, onnxruntime.InferenceSession], ModelInfo]:
    """Check the weights and make the session of each graph (in the session's own thread)."""
    sessions: dict[str, onnxruntime.InferenceSession] = {}
    graphs: dict[str, Graph] = {}
    for name, path in graph_files(file, folder.sizes).items():
        sessions[name], sha256 = _open_graph(folder, path, threads)
        graphs[name] = Graph(
            path,
            sha256,
            tuple(item.name for item in sessions[name].get_inputs()),
            tuple(item.name for item in sessions[name].get_outputs()),
        )
    main = next(iter(graphs.values()))
    info = ModelInfo(
        id=folder.card.id,
        revision=folder.card.revision or (main.sha256 or "")[:12],
        dtype=dtype,
        file=main.file,
        sha256=main.sha256,
        backend="cpu",
        inputs=main.inputs,
        outputs=main.outputs,
        versions={"onnxruntime": onnxruntime.__version__},
        card=folder.fields,
        graphs=graphs,
    )
    return sessions, info


def _open_graph(folder: Folder, file: str, threads: int) -> tuple[onnxruntime.InferenceSession, str]:
    """A session of one file, and the file's SHA-256."""
    path = folder.path / file
    sha256 = _sha256(path)
    listed = folder.card.file(file)
    if listed is not None and listed.sha256 not in (None, sha256):
        raise ModelCorrupt(f"{path} is not the file that its card names: its SHA-256 is {sha256}.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors only: they come as exceptions, and the rest would go to stderr
    # Without VNNI instructions the fast int8 kernels saturate: vectors would differ between machines.
    options.add_session_config_entry("session.x64quantprecision", "1")
    # Threads that wait in a busy loop gain nothing on an idle machine and cost twice the time on a busy one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (*_FAILURES, MemoryError) as error:
        raise _load_error(path, error) from error
    return session, sha256


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelCorrupt(f"{path} cannot be read: {error}.") from error


def _load_error(path: Path, error: Exception) -> NearsideError:
    text = str(error)
    if isinstance(error, MemoryError) or any(sign in text for sign in _MEMORY):
        return OutOfMemory(f"There is not enough memory to open {path}.")
    if isinstance(error, native.NotImplemented):
        return UnsupportedModel(f"onnxruntime {onnxruntime.__version__} cannot run {path}: {text}")
    return ModelCorrupt(f"{path} is not a model that can be opened: {text}")


class OnnxSession:
    """See `nearside.ports.runtime.Session`."""

    def __init__(
        self,
        sessions: Mapping[str, onnxruntime.InferenceSession],
        info: ModelInfo,
        files: Mapping[str, str],
        thread: ThreadPoolExecutor,
    ) -> None:
        self.info = info
        self.files = files
        self._sessions: Mapping[str, onnxruntime.InferenceSession] | None = sessions
        self._thread = thread
        self._kept: dict[str, dict[str, NDArray[Any]]] = {}
        self._pending: set[asyncio.Future[Outputs]] = set()

    async def run(
        self, feeds: Feeds, want: Mapping[str, Want], keep: Keep | None = None, *, graph: str | None = None
    ) -> Outputs:
        """See `nearside.ports.runtime.Session.run`."""
        if self._sessions is None:
            raise ModelGone("The model was unloaded.")
        name = next(iter(self._sessions)) if graph is None else graph
        if name not in self._sessions:
            raise InvalidInput(f"{self.info.id} has no graph {name!r}.")
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._run, feeds, want, keep, name)
        self._pending.add(future)
        try:
            return await future
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if self._sessions is None and not (current is not None and current.cancelling()):
                raise ModelGone("The model was unloaded during the call.") from None
            raise
        finally:
            self._pending.discard(future)

    async def free(self, handle: str) -> None:
        """See `nearside.ports.runtime.Session.free`. It waits for the call that runs, which may keep more."""
        if self._sessions is None:
            return
        freed = asyncio.get_running_loop().run_in_executor(self._thread, self._kept.pop, handle, None)
        # A caller that leaves must not take the order back; and a session that is closed has freed it.
        await asyncio.wait([freed])

    async def close(self) -> None:
        """See `nearside.ports.runtime.Session.close`. A call that is running ends in its thread, unheard."""
        self._sessions = None
        self._kept.clear()
        for future in list(self._pending):
            future.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _run(self, feeds: Feeds, want: Mapping[str, Want], keep: Keep | None, graph: str) -> Outputs:
        """One call, in the session's thread."""
        if self._sessions is None:
            raise ModelGone("The model was unloaded.")
        session = self._sessions[graph]
        names = list(want)
        if keep is not None:
            feeds = {**self._past(session, keep), **feeds}
            outputs = self.info.graphs[graph].outputs
            names += [name for name in outputs if name.startswith(keep.source) and name not in want]
        try:
            made = dict(zip(names, session.run(names, dict(feeds)), strict=True))
        except (*_FAILURES, MemoryError) as error:
            raise _run_error(self.info.id, error) from error
        if keep is not None:
            kept = self._kept.setdefault(keep.handle, {})
            for name, value in made.items():
                target = keep.target + name.removeprefix(keep.source)
                if name.startswith(keep.source) and (value.size or target not in kept):
                    kept[target] = value
        return _select(made, want)

    def _past(self, session: onnxruntime.InferenceSession, keep: Keep) -> dict[str, NDArray[Any]]:
        """What is kept under a handle and the graph takes, with empty tensors of the right shape for what is
        not there yet (symbolic dimensions: a past has none, others one)."""
        kept = self._kept.get(keep.handle, {})
        made = {}
        for item in session.get_inputs():
            if keep.length is not None and item.name.startswith(keep.target):
                made[item.name] = _cut(kept.get(item.name), item.shape, keep.length)
            elif item.name in kept:
                made[item.name] = kept[item.name]
            elif item.name.startswith(keep.target):
                shape = [dim if isinstance(dim, int) else int("past" not in str(dim)) for dim in item.shape]
                kind = item.type.removeprefix("tensor(").removesuffix(")")
                made[item.name] = np.zeros(shape, _DTYPES[kind])
        return made


def _cut(past: NDArray[Any] | None, shape: Sequence[int | str | None], length: int) -> NDArray[Any]:
    """The first positions of a past: along the axis whose symbolic name says that it is one."""
    axes = [number for number, dim in enumerate(shape) if "past" in str(dim)]
    if past is None or len(axes) != 1 or past.shape[axes[0]] < length:
        raise KeptLost("What was kept of an earlier call is not there any more.")
    if past.shape[axes[0]] == length:
        return past
    return np.ascontiguousarray(past[(slice(None),) * axes[0] + (slice(length),)])


def _run_error(id: str, error: Exception) -> NearsideError:
    text = str(error)
    if isinstance(error, MemoryError) or any(sign in text for sign in _MEMORY):
        return OutOfMemory(f"There is not enough memory to run {id}.")
    if isinstance(error, native.InvalidArgument | ValueError):
        return InvalidInput(f"{id} refused its input: {text}")
    return EngineFailed(f"onnxruntime failed to run {id}: {text}")


def _select(made: Mapping[str, NDArray[Any]], want: Mapping[str, Want]) -> Outputs:
    """What was asked for of each output: all of it, [batch, ...] of the last position, or its k best."""
    picked: Outputs = {}
    for name, part in want.items():
        value = made[name]
        if part == "all":
            picked[name] = value
        elif part == "last":
            picked[name] = value[:, -1]
        else:
            row = value[0, -1] if value.ndim == 3 else value[-1]
            picked[f"{name}.values"], picked[f"{name}.ids"] = _best(row.astype(np.float32), part)
    return picked


def _best(row: NDArray[np.float32], part: Best) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """See `nearside.ports.runtime.Best`; `row` is changed."""
    if part.penalised is not None:
        seen = row[part.penalised]
        row[part.penalised] = np.where(
            seen > 0, seen / np.float32(part.penalty), seen * np.float32(part.penalty)
        )
    if part.biased is not None and part.bias is not None:
        np.add.at(row, part.biased, part.bias)
    ids = np.arange(row.size)
    if part.allowed is not None:
        ids = np.flatnonzero(np.unpackbits(part.allowed, count=row.size, bitorder="little"))
    ids = ids[~np.isnan(row[ids])]
    values = row[ids]
    if part.k < values.size:  # all that tie with the k-th best stay in, so that the lower id can win
        enough = np.partition(values, values.size - part.k)[values.size - part.k]
        ids = ids[values >= enough]
    order = np.lexsort((ids, -row[ids]))[: part.k]
    return row[ids[order]], ids[order].astype(np.int64)
