"""Joining rankings: reciprocal rank fusion (Cormack, Clarke, Buettcher 2009), which needs no comparable
scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K = 60
"""The constant of the paper: how little the first places differ from the next."""


def ranking(scores: NDArray[np.floating], found: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """Item numbers, best score first (ties: the lower number); only items that are `found`, where given."""
    order = np.argsort(-scores, kind="stable").astype(np.int64)
    return order if found is None else order[found[order]]


def fuse(rankings: Sequence[NDArray[np.int64]], n: int, k: int = K) -> NDArray[np.float64]:
    """Each of n items' sum of 1 / (k + rank) over the rankings that have it (rank from 1), scaled so that an
    item that is first in all of them has 1: float64 [n], 0 for items in none."""
    scores = np.zeros(n, np.float64)
    for order in rankings:
        scores[order] += 1.0 / (k + 1 + np.arange(len(order), dtype=np.float64))
    return scores * ((k + 1) / max(len(rankings), 1))
