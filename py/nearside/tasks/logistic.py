"""Multinomial logistic regression in numpy, in steps that let others have their turn: L-BFGS (Nocedal,
"Updating quasi-Newton matrices with limited storage", 1980) with a backtracking line search."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

PENALTY = 0.1
"""Half of this times the squared weights is added to the examples' summed losses. Between 0.03 and 0.3
nothing changes much; more costs accuracy with many labels."""

_STEPS = 60
_CLOSE = 0.01  # the share of the first gradient at which it is over: less changes hardly a label
_MEMORY = 8
_WORK = 4_000_000  # multiplications between two turns of others: some 30 ms in Pyodide


async def regression(rows: Rows, owners: NDArray[np.intp], labels: int) -> tuple[Rows, Rows]:
    """Weights float32 [labels, dimensions] and bias float32 [labels] from examples: `rows` float32 [n,
    dimensions] of length 1, `owners` the label's number of each. Every label weighs the same, however many
    examples it has."""
    counts = np.bincount(owners, minlength=labels).astype(np.float32)
    share = (len(rows) / labels / np.maximum(counts, 1))[owners].astype(np.float32)
    middle = rows.mean(axis=0)
    centred = rows - middle
    dimensions = rows.shape[1]
    height = max(_WORK // (dimensions * labels), 16)

    async def loss(point: Rows) -> tuple[float, Rows]:
        weights, bias = point[:, :-1], point[:, -1]
        total = PENALTY / 2 * float(np.square(weights).sum(dtype=np.float64))
        slope = np.zeros_like(point)
        slope[:, :-1] = PENALTY * weights
        for first in range(0, len(centred), height):
            part = slice(first, first + height)
            scores = centred[part] @ weights.T + bias
            scores -= scores.max(axis=1, keepdims=True)
            odds = np.exp(scores)
            sums = odds.sum(axis=1, keepdims=True)
            picked = np.arange(len(scores)), owners[part]
            right = scores[picked] - np.log(sums[:, 0])
            total -= float((share[part] * right).sum(dtype=np.float64))
            odds /= sums
            odds[picked] -= 1
            odds *= share[part][:, None]
            slope[:, :-1] += odds.T @ centred[part]
            slope[:, -1] += odds.sum(axis=0)
            await asyncio.sleep(0)
        return total, slope

    point = await minimum(loss, np.zeros((labels, dimensions + 1), np.float32))
    weights = np.ascontiguousarray(point[:, :-1])
    return weights, (point[:, -1] - weights @ middle).astype(np.float32)


async def minimum(loss: Callable[[Rows], Coroutine[None, None, tuple[float, Rows]]], point: Rows) -> Rows:
    """Where a convex loss (its value and slope at a point) is least, nearly; the search begins at `point`."""
    value, slope = await loss(point)
    enough = _CLOSE * float(np.abs(slope).max())
    past: list[tuple[Rows, Rows, float]] = []
    for _ in range(_STEPS):
        if float(np.abs(slope).max()) <= enough:
            break
        way = _direction(slope, past)
        fall = _dot(way, slope)
        length = 1.0
        while True:
            there = point - np.float32(length) * way
            lower, after = await loss(there)
            if lower <= value - 1e-4 * length * fall:
                break
            length /= 2
            if length < 1e-6:  # as far as float32 can tell, this is the bottom
                return point
        step, bend = there - point, after - slope
        curve = _dot(step, bend)
        if curve > 1e-10:
            past = [*past[1 - _MEMORY :], (step, bend, 1 / curve)]
        point, value, slope = there, lower, after
    return point


def _direction(slope: Rows, past: list[tuple[Rows, Rows, float]]) -> Rows:
    """The two-loop recursion: the slope, corrected by how it bent in the last steps."""
    way = slope.copy()
    shares: list[float] = []
    for step, bend, scale in reversed(past):
        shares.append(scale * _dot(step, way))
        way -= np.float32(shares[-1]) * bend
    if past:
        step, bend, scale = past[-1]
        way *= np.float32(1 / (scale * _dot(bend, bend)))
    else:
        way *= np.float32(1 / max(float(np.sqrt(_dot(slope, slope))), 1e-12))
    for (step, bend, scale), share in zip(past, reversed(shares), strict=True):
        way += np.float32(share - scale * _dot(bend, way)) * step
    return way


def _dot(a: Rows, b: Rows) -> float:
    return float(np.multiply(a, b).sum(dtype=np.float64))
