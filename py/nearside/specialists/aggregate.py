"""Tokens with scores put together to entities, as transformers' TokenClassificationPipeline does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Strategy = Literal["none", "simple", "first", "max", "average"]
STRATEGIES: tuple[Strategy, ...] = ("none", "simple", "first", "max", "average")

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of text (code points) with a label and how likely that is."""

    label: str
    score: float
    start: int
    end: int


def found(
    scores: Scores,
    offsets: NDArray[np.int64],
    names: Sequence[str],
    strategy: Strategy,
    continues: Callable[[int], bool],
) -> list[Found]:
    """The entities of a text. `scores` float64 [tokens, labels], `offsets` int64 [tokens, 2], `names` of the
    labels; `continues` says of a token whether it goes on with the word of the one before.

    "none": each token that is not "O", with its full label. "simple": neighbours of one type, with their mean
    score. "first", "max" and "average" give each word one label before that: its first token's, its surest
    token's, or the best of its tokens' mean."""
    if strategy in ("none", "simple"):
        pieces = list(_tokens(scores, offsets, names))
    else:
        pieces = list(_words(scores, offsets, names, strategy, continues))
    if strategy == "none":
        return [piece for piece in pieces if piece.label != "O"]
    return [group for group in _groups(pieces) if group.label != "O"]


def kind_of(label: str) -> str:
    """A label without its prefix: "PER" of "B-PER"."""
    return _parted(label)[1]


def _tokens(scores: Scores, offsets: NDArray[np.int64], names: Sequence[str]) -> Iterator[Found]:
    best = scores.argmax(axis=1)
    for number, (label, (start, end)) in enumerate(zip(best, offsets.tolist(), strict=True)):
        yield Found(names[label], float(scores[number, label]), start, end)


def _words(
    scores: Scores,
    offsets: NDArray[np.int64],
    names: Sequence[str],
    strategy: Strategy,
    continues: Callable[[int], bool],
) -> Iterator[Found]:
    begins = [i for i in range(len(scores)) if not i or not continues(i)]
    for begin, end in zip(begins, [*begins[1:], len(scores)], strict=True):
        rows = scores[begin:end]
        if strategy == "average":
            row = rows.mean(axis=0)
        else:
            row = rows[0 if strategy == "first" else int(rows.max(axis=1).argmax())]
        label = int(row.argmax())
        yield Found(names[label], float(row[label]), int(offsets[begin, 0]), int(offsets[end - 1, 1]))


def _groups(pieces: Sequence[Found]) -> Iterator[Found]:
    """Neighbours of one type together. A "B" or "S" begins a new one, an "E" or "S" ends it (the labels of
    BIOES); without a prefix neighbours of one label belong together (IO)."""
    group: list[Found] = []
    open_kind: str | None = None  # of the group, None when it has ended
    for piece in pieces:
        part, kind = _parted(piece.label)
        if group and (kind != open_kind or part in "BS"):
            yield _group(group)
            group = []
        group.append(piece)
        open_kind = None if part in "ES" else kind
    if group:
        yield _group(group)


def _group(pieces: Sequence[Found]) -> Found:
    mean = float(np.mean([piece.score for piece in pieces]))
    return Found(kind_of(pieces[0].label), mean, pieces[0].start, pieces[-1].end)


def _parted(label: str) -> tuple[str, str]:
    if len(label) > 2 and label[1] == "-" and label[0] in "BIES":
        return label[0], label[2:]
    return "I", label
