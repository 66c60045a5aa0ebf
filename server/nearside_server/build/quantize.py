"""Symmetric 8-bit integers for weights, one scale per column or per row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST = 1e-8  # keeps the scale of an all-zero column from being 0


def columns(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return (int8 [in, out], float32 scales [out]) for a weight [in, out]; product with scales ~ weight."""
    return _symmetric(weight, axis=0)


def rows(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return (int8 [rows, width], float32 scales [rows, 1]) for a table of embeddings."""
    values, scales = _symmetric(table, axis=1)
    return values, scales[:, None]


def _symmetric(values: NDArray[Any], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    largest = np.maximum(np.abs(values).max(axis=axis), SMALLEST)
    scales = (largest / np.float32(127)).astype(np.float32)
    steps = np.rint(values / np.expand_dims(scales, axis))
    return np.clip(steps, -127, 127).astype(np.int8), scales
