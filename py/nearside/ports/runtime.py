"""The port to whatever runs a model: a model worker in the browser, onnxruntime in CPython."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from nearside.types import Progress

Want = Literal["all", "last"] | int
"""What to bring back of an output: all of it, its last position only, or (an int k) the k best (value, id)
pairs of the last position, returned as `<name>.values` float32 [k] and `<name>.ids` int64 [k], best first."""

Feeds = Mapping[str, NDArray[Any]]
Outputs = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Keep:
    """Outputs whose name starts with `source` stay in the session under `handle` and are fed as `target*`
    next time (a KV cache: Keep("chat-1", "present.", "past_key_values."))."""

    handle: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What was opened. `backend` is "wasm", "webgpu" or "cpu"; `file` the weights file's path inside the
    model's folder; `sha256` its hash (hex, None where unknown); `versions` of the runtime that runs it;
    `card` see `models.catalog`."""

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


class Session(Protocol):
    """One open model. Runs one call at a time, in the order of the calls; callers may queue more."""

    @property
    def info(self) -> ModelInfo:
        """What was opened."""
        ...

    @property
    def files(self) -> Mapping[str, str]:
        """The text of the small files beside the weights that exist: tokenizer.json, tokenizer_config.json,
        config.json."""
        ...

    async def run(self, feeds: Feeds, want: Mapping[str, Want], keep: Keep | None = None) -> Outputs:
        """Run the model once. `feeds`: input name to array (int64 for ids and masks); `want`: output name to
        what to bring back. A cancelled call may go on in the worker; its answer is dropped.

        Raises `ModelCrashed` when the worker dies, `ModelGone` when the session is closed meanwhile,
        `InvalidInput` when the model refuses the feeds, `OutOfMemory`."""
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
