"""One open embedding model: its session, its tokenizer, and how to read the vector out of its graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nearside.errors import UnsupportedModel
from nearside.models.catalog import DEFAULT_MAX_TOKENS, Card, make_card, parse_card
from nearside.ports.runtime import Feeds, ModelInfo, Outputs, Session, Want
from nearside.ports.tokenizers import Tokenizer, Tokenizers
from nearside.types import ModelUsed

_OUTPUTS = ("sentence_embedding", "last_hidden_state", "token_embeddings")
_FILLED = {"attention_mask": 1, "token_type_ids": 0}
_INPUTS = frozenset(("input_ids", *_FILLED))


class Lane(Protocol):
    """The way to run one open model (see `engine.scheduler`)."""

    async def run(self, feeds: Feeds, want: Mapping[str, Want]) -> Outputs:
        """One call that somebody waits for: goes before bulk work."""
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

    async def close(self) -> None:
        """Close the sessions. Calls that run or wait fail with `ModelGone`."""
        ...


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """An open embedding model. `key` names its weights; `max_tokens` is the window, of which `special` tokens
    are taken by [CLS] and the like; `output` the graph's output to read and `want` the same for
    `Session.run`; `filled` the inputs that are the same number for every token."""

    info: ModelInfo
    card: Card
    tokenizer: Tokenizer
    lane: Lane
    used: ModelUsed
    key: str
    max_tokens: int
    special: int
    output: str
    want: Mapping[str, Want]
    filled: tuple[tuple[str, int], ...]

    def feeds(self, ids: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """The inputs for one text: ids int64 [length], special tokens included, as a batch of one."""
        feeds: dict[str, NDArray[Any]] = {"input_ids": ids.reshape(1, -1)}
        for name, value in self.filled:
            feeds[name] = _filled(value, len(ids))
        return feeds

    def vector(self, outputs: Outputs) -> NDArray[np.float32]:
        """The text's vector, float32 [dimensions], length 1, from what the graph gave for a batch of one:
        either [1, dimensions] or one row per token [1, length, dimensions], which is averaged or whose first
        is taken."""
        got = outputs[self.output]
        vector = got[0]
        if got.ndim == 3:
            vector = vector[0] if self.card.pooling == "cls" else vector.mean(axis=0)
        return unit(np.asarray(vector, dtype=np.float32))


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


def describe(session: Session, tokenizers: Tokenizers, lane: Lane) -> LoadedModel:
    """Put an open session's parts together.

    Raises `UnsupportedModel` when the graph does not turn token ids into a vector, `ModelCorrupt` when the
    card or the tokenizer cannot be read."""
    info, files = session.info, session.files
    made = make_card(info.id, {}, files)
    card = parse_card({**info.card, "id": info.id} if info.card else made)
    output = next((name for name in _OUTPUTS if name in info.outputs), None)
    if output is None or "input_ids" not in info.inputs or not _INPUTS.issuperset(info.inputs):
        raise UnsupportedModel(
            f"{info.id} does not turn a text into a vector: its graph takes {', '.join(info.inputs)} "
            f"and gives {', '.join(info.outputs)}.",
            hint="Choose a model for embeddings.",
        )
    tokenizer = tokenizers.load(files)
    return LoadedModel(
        info=info,
        card=card,
        tokenizer=tokenizer,
        lane=lane,
        used=ModelUsed(info.id, info.revision, info.dtype, info.backend, info.sha256),
        key=info.sha256 or f"{info.id}@{info.revision}/{info.file}",
        max_tokens=card.max_tokens or made["maxTokens"] or DEFAULT_MAX_TOKENS,
        special=len(tokenizer.encode([""])[0]),
        output=output,
        want={output: "all"},
        filled=tuple((name, _FILLED[name]) for name in info.inputs if name in _FILLED),
    )
