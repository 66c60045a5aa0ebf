"""One open model: its session, its tokenizer, what it is for; and for embeddings how to read the vector out
of its graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nearside.errors import ModelCorrupt, ModelGone, UnsupportedModel
from nearside.models.architectures import KINDS, Kind, kind_of
from nearside.models.catalog import (
    DEFAULT_MAX_TOKENS,
    Card,
    first_position,
    make_card,
    parse_card,
    read_json,
)
from nearside.models.prefixes import TextKind, prefixes
from nearside.models.vectors import VectorCache
from nearside.ports.runtime import Feeds, Keep, ModelInfo, Outputs, Session, Want
from nearside.ports.tokenizers import Tokenizer, Tokenizers
from nearside.types import ModelUsed

_OUTPUTS = ("sentence_embedding", "last_hidden_state", "token_embeddings")
_FILLED = {"attention_mask": 1, "token_type_ids": 0}


class Lane(Protocol):
    """The way to run one open model (see `engine.scheduler`)."""

    async def run(
        self,
        feeds: Feeds,
        want: Mapping[str, Want],
        *,
        graph: str | None = None,
        keep: Keep | None = None,
    ) -> Outputs:
        """One call that somebody waits for: goes before bulk work. Calls with the same `keep.handle` go to
        the same session; such a call is not made again when the worker dies (`ModelCrashed`), as what was
        kept died with it. See `Session.run`."""
        ...

    async def free(self, handle: str) -> None:
        """Drop what is kept under `handle`; an unknown handle is no error. It does not wait for the call that
        runs, and whoever is cancelled meanwhile has freed it, too."""
        ...

    async def run_each(
        self,
        count: int,
        feeds: Callable[[int], Feeds],
        want: Mapping[str, Want],
        done: Callable[[int, Outputs], None],
    ) -> None:
        """Many calls in the order given, several at a time; `done(i, outputs)` after each. The first failure
        (or the caller's cancellation) drops the rest."""
        ...

    async def close(self, reason: ModelGone | None = None) -> None:
        """Close the sessions. Calls that run or wait fail with `reason`, or else `ModelGone`."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class OpenModel:
    """An open model of any kind. `config` is its config.json, `files` the text of its small files by path;
    `key` names all that its outputs depend on; `max_tokens` is the window."""

    info: ModelInfo
    card: Card
    kind: Kind
    config: Mapping[str, Any]
    files: Mapping[str, str]
    text: Tokenizer | None
    lane: Lane
    used: ModelUsed
    key: str
    max_tokens: int

    @property
    def tokenizer(self) -> Tokenizer:
        """Its tokenizer. Raises `ModelCorrupt` for a model without one."""
        if self.text is None:
            raise ModelCorrupt(f"{self.info.id} has no tokenizer.json.")
        return self.text

    def json(self, path: str) -> dict[str, Any]:
        """The JSON object in one of its small files, {} where there is none. Raises `ModelCorrupt`."""
        return read_json(self.files, path)

    def refuse(self, wanted: str) -> UnsupportedModel:
        """The error for a task that this model is not for; `wanted` says what it would need."""
        return UnsupportedModel(
            f"{self.info.id} is a model for {KINDS[self.kind]}; this needs one for {wanted}.",
            hint="Choose another model: `models.recommend` names some.",
        )


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel(OpenModel):
    """An open embedding model. Of its window `special` tokens are taken by [CLS] and the like; `output` is
    the graph's output to read and `want` the same for `Session.run`; `filled` are the inputs that are the
    same number for every token; `first` is the number of the first token's position, None where the graph
    counts itself; `prefixes` go before texts of a kind."""

    special: int
    output: str
    want: Mapping[str, Want]
    filled: tuple[tuple[str, int], ...]
    first: int | None
    prefixes: Mapping[TextKind | None, str]

    def prefix(self, kind: TextKind | None) -> str:
        """What goes before texts of a kind, often nothing."""
        return self.prefixes.get(kind, "")

    def room(self, kind: TextKind | None) -> int:
        """How many tokens of a text of a kind one window holds."""
        prefix = self.prefix(kind)
        return self.max_tokens - self.special - (self.tokenizer.count([prefix])[0] if prefix else 0)

    def feeds(self, ids: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """The inputs for one text: ids int64 [length], special tokens included, as a batch of one."""
        feeds: dict[str, NDArray[Any]] = {"input_ids": ids.reshape(1, -1)}
        for name, value in self.filled:
            feeds[name] = _filled(value, len(ids))
        if self.first is not None:
            feeds["position_ids"] = np.arange(self.first, self.first + len(ids), dtype=np.int64)[None]
        return feeds

    def vector(self, outputs: Outputs) -> NDArray[np.float32]:
        """The text's vector, float32 [dimensions], length 1, from what the graph gave for a batch of one:
        either [1, dimensions] or one row per token [1, length, dimensions], of which the mean, the first, the
        last or the largest numbers are taken."""
        got = outputs[self.output]
        vector = got[0]
        if got.ndim == 3:
            vector = _POOL.get(self.card.pooling, _mean)(vector)
        return unit(np.asarray(vector, dtype=np.float32))

    def cut(self, rows: NDArray[np.float32], dimensions: int) -> NDArray[np.float32]:
        """The first `dimensions` of vectors [n, m], at length 1 again (Kusupati et al. 2022, Matryoshka
        Representation Learning). Nomic's are normalised as a layer before that, as their card says (its
        epsilon changes the length only)."""
        if self.config.get("model_type") == "nomic_bert":
            rows = rows - rows.mean(axis=1, keepdims=True)
        rows = rows[:, :dimensions]
        lengths = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
        return np.asarray(rows / np.maximum(lengths, np.float32(1e-12)), np.float32)


def _mean(rows: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(rows.mean(axis=0))


_POOL: Mapping[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "mean": _mean,
    "cls": lambda rows: rows[0],
    "last": lambda rows: rows[-1],
    "max": lambda rows: rows.max(axis=0),
}


@lru_cache(maxsize=1024)
def _filled(value: int, length: int) -> NDArray[np.int64]:
    """int64 [1, length] of one value; not to be written to."""
    row = np.full((1, length), value, np.int64)
    row.flags.writeable = False
    return row


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector at length 1; a zero vector stays as it is."""
    norm = float(np.sqrt(np.dot(vector, vector)))
    return vector / np.float32(norm) if norm > 0 else vector


class Beside(Protocol):
    """What a task may use beside the model that answers: `engine.core.Core`, as seen from below."""

    vectors: VectorCache

    async def find(self, task: str, kinds: tuple[Kind, ...]) -> OpenModel | None:
        """A model on this device for another task, opened; None when there is none."""
        ...


def describe(session: Session, tokenizers: Tokenizers, lane: Lane) -> OpenModel:
    """Put an open session's parts together: a `LoadedModel` where it is for embeddings.

    Raises `UnsupportedModel` when it is of no kind that is known here, `ModelCorrupt` when the card, a small
    file or the tokenizer cannot be read."""
    info, files = session.info, session.files
    made = make_card(info.id, {}, files)
    told = {**info.card, "id": info.id, "task": info.card.get("task") or made["task"]}
    card = parse_card(told if info.card else made)
    config = read_json(files, "config.json")
    kind = kind_of(info, config)
    shown = prefixes(info.id, read_json(files, "config_sentence_transformers.json"))
    window = card.max_tokens or made["maxTokens"] or DEFAULT_MAX_TOKENS
    parts: dict[str, Any] = {
        "info": info,
        "card": card,
        "kind": kind,
        "config": config,
        "files": files,
        "text": None if kind == "voice" else tokenizers.load(files),
        "lane": lane,
        "used": ModelUsed(info.id, info.revision, info.dtype, info.backend, info.sha256),
        "key": _key(info, files, repr((card.pooling, window, shown if kind == "embed" else info.id))),
        "max_tokens": window,
    }
    if kind != "embed":
        return OpenModel(**parts)
    output = next(name for name in _OUTPUTS if name in info.outputs)
    return LoadedModel(
        **parts,
        special=len(parts["text"].encode([""])[0]),
        output=output,
        want={output: "all"},
        filled=tuple((name, _FILLED[name]) for name in info.inputs if name in _FILLED),
        first=first_position(config) if "position_ids" in info.inputs else None,
        prefixes=shown,
    )


def _key(info: ModelInfo, files: Mapping[str, str], told: str) -> str:
    """The weights' name with a hash of what else decides on the outputs: the tokenizer, the settings, and
    `told`."""
    made = blake2b(told.encode(), digest_size=8)
    for path in ("config.json", "generation_config.json", "tokenizer.json"):
        made.update(b"\0" + files.get(path, "").encode("utf-8", "surrogatepass"))
    return f"{info.sha256 or f'{info.id}@{info.revision}/{info.file}'}+{made.hexdigest()}"
