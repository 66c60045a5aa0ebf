"""The shapes that tasks take and give: plain frozen dataclasses. Offsets are code points (`wire` makes UTF-16
of them)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32 [n, dimensions], rows of length 1."""

OnCount = Callable[[int, int], None]
"""Called with (done, total) texts, at least once with done == total."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the loading of a model is. `loaded` and `total` are bytes; `total` is None while unknown."""

    phase: Literal["download", "prepare", "ready"]
    loaded: int = 0
    total: int | None = None


OnProgress = Callable[[Progress], None]
"""Called while a model loads; `loaded` never goes back, the last call has phase "ready"."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call cost: `tokens` that the model read (special ones included), `texts` given, and how many of
    them were `cached`: answered without running the model."""

    tokens: int
    texts: int
    cached: int


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """Which model answered. `sha256` is that of the weights file (hex), None where it is not known."""

    id: str
    revision: str
    dtype: str
    backend: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text, in code points: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One row per text, float32 [n, dimensions], each of length 1."""

    embeddings: Vectors
    usage: Usage
    model: ModelUsed


@dataclass(frozen=True, slots=True)
class Similarity:
    """The cosine of two texts' vectors, -1 to 1."""

    score: float
    usage: Usage
    model: ModelUsed


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One find. `index` is the place in the `docs` given. With passages `text` is `docs[index][start:end]`;
    without, `text` is the whole document and `start:end` its best passage. `highlights` are query words in
    `text`. `score` is 0 to 1: half of it is how close the meanings are, half how much of
    the query's words is there."""

    index: int
    score: float
    text: str
    start: int
    end: int
    highlights: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The finds, best first."""

    results: tuple[SearchHit, ...]
    usage: Usage
    model: ModelUsed
