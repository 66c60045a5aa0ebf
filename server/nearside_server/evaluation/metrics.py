"""The figures: rank correlation, ranking quality, and how sure they are. numpy only."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 2000
SEED = 20240229  # any number will do, always the same one


def ranks(values: ArrayLike) -> NDArray[np.float64]:
    """The rank of each value, from 1, lowest first; equal values share the mean of their ranks."""
    array = np.asarray(values, np.float64)
    _, group, counts = np.unique(array, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + 1 + last) / 2)[group].astype(np.float64)


def spearman(a: ArrayLike, b: ArrayLike) -> float:
    """Spearman's rank correlation with ties (Pearson's correlation of the ranks); NaN when one side is
    constant."""
    x, y = ranks(a), ranks(b)
    x, y = x - x.mean(), y - y.mean()
    scale = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / scale if scale > 0 else math.nan


def ndcg(ranked: Sequence[Hashable], gains: Mapping[Any, float], k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first k: sum of gain / log2(rank + 1), over that of the
    best possible order (Järvelin and Kekäläinen, 2002, with linear gains). 0 when nothing has a gain."""
    best = sum(_discounted(i, gain) for i, gain in enumerate(sorted(gains.values(), reverse=True)[:k]))
    got = sum(_discounted(i, gains.get(item, 0.0)) for i, item in enumerate(ranked[:k]))
    return got / best if best > 0 else 0.0


def _discounted(i: int, gain: float) -> float:
    return gain / math.log2(i + 2)


def mrr(ranked: Sequence[Hashable], gains: Mapping[Any, float], k: int = 10) -> float:
    """The reciprocal rank of the first item with a gain among the first k, 0 when there is none."""
    return next((1 / (i + 1) for i, item in enumerate(ranked[:k]) if gains.get(item, 0) > 0), 0.0)


def interval(
    n: int, figure: Callable[[NDArray[np.int64]], float], resamples: int = RESAMPLES
) -> tuple[float, float]:
    """The 95 % interval of a figure over n cases, by the percentile bootstrap: `figure(chosen)` is given the
    numbers of the cases drawn, with repetition. Always the same draws. Draws whose figure is NaN are left
    out."""
    draw = np.random.default_rng(SEED)
    figures = np.asarray([figure(draw.integers(0, n, n)) for _ in range(resamples)])
    figures = figures[~np.isnan(figures)]
    if not len(figures):
        return math.nan, math.nan
    low, high = np.percentile(figures, (2.5, 97.5))
    return float(low), float(high)


def mean_interval(values: ArrayLike) -> tuple[float, float]:
    """The 95 % interval of a mean; see `interval`."""
    array = np.asarray(values, np.float64)
    return interval(len(array), lambda chosen: float(array[chosen].mean()))
