"""What every search over texts shares: an index built politely, closeness, and which words to mark."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nearside.retrieval.bm25 import Bm25
from nearside.retrieval.chunking import slices
from nearside.retrieval.words import marking_terms
from nearside.types import Vectors

PASSAGE_TOKENS = 128
"""The length of a passage: what fits a screen, and what small embedding models were trained on."""

_MOST = 0.5  # the share of texts from which a word is so common that it is not marked
_SOME = 5  # the number of texts from which such a share means something


async def index_of(texts: Sequence[str]) -> Bm25:
    """The index of texts, a slice at a time, so that the engine answers others meanwhile."""
    index = Bm25()
    for numbers in slices(texts):
        if numbers.start:
            await asyncio.sleep(0)
        index.add(texts[numbers.start : numbers.stop])
    index.finish()
    return index


def closeness(rows: Vectors, query: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosine of each row with the query, float32 [n]."""
    # Not `@`: BLAS sums some rows in another order than others, and equal texts would not be equally close.
    close: NDArray[np.float32] = np.einsum("ij,j->i", rows, query)
    return close


def worth_marking(index: Bm25, query: str) -> frozenset[str]:
    """The terms of a query to mark in what was found (see `words.mark`): not those that most texts have."""
    some = len(index) >= _SOME
    return marking_terms(query, lambda term: some and index.share(term) > _MOST)
