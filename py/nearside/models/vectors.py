"""Vectors that were made already, kept in memory: a text is not embedded twice by the same model."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

CACHE_BYTES = 32_000_000
"""About 18,000 vectors of 384 numbers."""

_LONG = 256  # characters from which a text's hash stands for it
_OVERHEAD = 250  # bytes of a dict entry, a str and an array header, roughly


class VectorCache:
    """The most recently used vectors, by model and text, up to a number of bytes."""

    def __init__(self, max_bytes: int = CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._vectors: dict[tuple[str, str | bytes], NDArray[np.float32]] = {}

    def __len__(self) -> int:
        return len(self._vectors)

    def get(self, model: str, text: str) -> NDArray[np.float32] | None:
        """The vector, float32 [dimensions], not to be written to; None when it is not (or no longer)
        known."""
        key = _key(model, text)
        vector = self._vectors.get(key)
        if vector is not None:  # a dict keeps the order of insertion: the last is the one used last
            del self._vectors[key]
            self._vectors[key] = vector
        return vector

    def put(self, model: str, text: str, vector: NDArray[np.float32]) -> None:
        """Keep a vector. `model` names the weights (their hash), not only the model."""
        key = _key(model, text)
        old = self._vectors.pop(key, None)
        if old is not None:
            self._bytes -= _size(key, old)
        self._vectors[key] = vector
        self._bytes += _size(key, vector)
        while self._bytes > self._max_bytes and self._vectors:
            oldest = next(iter(self._vectors))
            self._bytes -= _size(oldest, self._vectors.pop(oldest))


def _key(model: str, text: str) -> tuple[str, str | bytes]:
    if len(text) < _LONG:
        return model, text
    return model, blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _size(key: tuple[str, str | bytes], vector: NDArray[np.float32]) -> int:
    return _OVERHEAD + 4 * len(key[1]) + vector.nbytes
