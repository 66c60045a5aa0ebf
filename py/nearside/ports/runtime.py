"""The port to whatever runs a model: a model worker in the browser, onnxruntime in CPython."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nearside.types import Progress


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The `k` best (value, id) pairs of the last position of a batch of one, returned as `<name>.values`
    float32 [k] and `<name>.ids` int64 [k], best first, the lower id first on a tie. Fewer come back where
    fewer are allowed, or are numbers.

    Before they are chosen, and in this order: the logits of `penalised` (distinct ids, int64) are divided by
    `penalty` where they are positive and multiplied by it where they are negative (Keskar et al. 2019, CTRL);
    the float32 numbers of `bias` are added to those of the ids `biased`; ids whose bit in `allowed` is 0 are
    left out (uint8 [ceil(vocabulary / 8)], packed as by `np.packbits(..., bitorder="little")`)."""

    k: int
    penalised: NDArray[np.int64] | None = None
    penalty: float = 1.0
    biased: NDArray[np.int64] | None = None
    bias: NDArray[np.float32] | None = None
    allowed: NDArray[np.uint8] | None = None


Want = Literal["all", "last"] | Best
"""What to bring back of an output: all of it, its last position only, or the best of the last position."""

Feeds = Mapping[str, NDArray[Any]]
Outputs = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Keep:
    """Outputs whose name starts with `source` stay in the session under `handle`, as `target*`, in the place
    of those of that name (a KV cache: Keep("chat-1", "present.", "past_key_values.")). An empty output leaves
    what was there: merged decoders give the encoder's keys only once.

    Of what is kept under `handle`, a graph is fed all that has the name of one of its inputs; an input
    `target*` that nothing is kept for is fed empty.

    With a `length` the past, which is what is kept as `target*`, is cut to its first `length` positions
    before the call. One that is shorter, or that cannot be cut where it lies, raises `KeptLost`."""

    handle: str
    source: str
    target: str
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph of a model: the path of its file inside the model's folder, its hash (hex, None where
    unknown), and the names of its inputs and outputs."""

    file: str
    sha256: str | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What was opened. `backend` is "wasm", "webgpu" or "cpu"; `file`, `sha256`, `inputs` and `outputs` are
    those of the main graph (see `models.catalog.graph_files`), `graphs` has all of them by name; `versions`
    of the runtime that runs it; `card` see `models.catalog`; `note`: a sentence for a person about how it was
    opened (it fell back from the GPU), None when there is nothing to say."""

    id: str
    revision: str
    dtype: str
    file: str
    sha256: str | None
    backend: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)
    graphs: Mapping[str, Graph] = field(default_factory=dict)
    note: str | None = None


class Session(Protocol):
    """One open model. Runs one call at a time, in the order of the calls; callers may queue more."""

    @property
    def info(self) -> ModelInfo:
        """What was opened."""
        ...

    @property
    def files(self) -> Mapping[str, str]:
        """The text of the small files beside the weights that exist, by path: those in
        `models.catalog.SMALL_FILES`."""
        ...

    async def run(
        self, feeds: Feeds, want: Mapping[str, Want], keep: Keep | None = None, *, graph: str | None = None
    ) -> Outputs:
        """Run one of the model's graphs once, the main one unless `graph` names another. `feeds`: input name
        to array (int64 for ids and masks); `want`: output name to what to bring back. A cancelled call may go
        on in the worker; its answer is dropped.

        Raises `ModelCrashed` when the worker dies, `ModelGone` when the session is closed meanwhile,
        `KeptLost` (see `Keep`), `InvalidInput` when the model refuses the feeds, `OutOfMemory`."""
        ...

    async def free(self, handle: str) -> None:
        """Drop what `keep` holds under `handle`; an unknown handle is no error."""
        ...

    async def close(self) -> None:
        """Give the memory back. Pending runs fail with `ModelGone`. Closing twice is no error."""
        ...


class Runtime(Protocol):
    """Opens models."""

    @property
    def max_replicas(self) -> int:
        """How many sessions of one model may run side by side: half the cores, 1 to 4, in a browser; 1 in
        CPython."""
        ...

    async def open(
        self, model: str, *, replica: int = 0, on_progress: Callable[[Progress], None] | None = None
    ) -> Session:
        """Open a model by id (`org/name` or `org/name@revision`), fetching it first where needed. `replica`
        tells sessions of the same model apart (0 is the first). The engine never opens the same pair twice at
        the same time. A cancelled call stops the download and leaves nothing open.

        Raises `UnknownModel`, `UnsupportedModel`, `ModelDownloadFailed`, `ModelCorrupt`, `ModelCrashed`,
        `Offline`, `OutOfMemory`. (A model that cannot be stored is no error: it runs from memory.)"""
        ...
