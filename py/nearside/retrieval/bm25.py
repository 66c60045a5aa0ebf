"""BM25 over a fixed set of texts, with the weight of every (word, text) pair computed once.

    score(q, d) = sum over words w of q:  idf(w) * tf * (k1 + 1) / (tf + k1 * (1 - b + b * |d| / average))
    idf(w) = ln(1 + (N - n + 0.5) / (n + 0.5))

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf that
stays positive (as in Lucene) and the constants that Anserini found good over many collections (k1 0.9, b
0.4).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nearside.retrieval.words import run_terms, runs, terms

K1 = 0.9
B = 0.4


class Bm25:
    """Built by `add` (as many times as wanted) and `finish`; then `scores` is a handful of numpy calls."""

    def __init__(self, k1: float = K1, b: float = B) -> None:
        self._k1 = k1
        self._b = b
        self._numbers: dict[str, int] = {}  # term to its number
        self._known: dict[str, tuple[int, ...]] = {}  # raw word to the numbers of its terms
        self._rows: list[int] = []  # the term numbers of all texts, one after the other
        self._lengths: list[int] = []
        self._starts: NDArray[np.int64] = np.zeros(1, np.int64)
        self._texts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._weights: NDArray[np.float32] = np.zeros(0, np.float32)

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, texts: Sequence[str]) -> None:
        """Count the words of more texts."""
        known, rows = self._known, self._rows
        for text in texts:
            before = len(rows)
            for run in runs(text):
                numbers = known.get(run)
                if numbers is None:
                    numbers = known[run] = tuple(self._number(term) for term in run_terms(run))
                rows += numbers
            self._lengths.append(len(rows) - before)

    def _number(self, term: str) -> int:
        return self._numbers.setdefault(term, len(self._numbers))

    def finish(self) -> None:
        """Make the postings: for each term, the texts that have it and the weight there."""
        n, words = len(self._lengths), len(self._numbers)
        lengths = np.asarray(
            self._lengths, np.intp
        )  # repeat and bincount take no int64 where numpy is 32-bit
        owner = np.repeat(np.arange(n, dtype=np.int64), lengths)
        pairs, counts = np.unique(np.asarray(self._rows, np.int64) * max(n, 1) + owner, return_counts=True)
        term, text = np.divmod(pairs, max(n, 1))
        having = np.bincount(term.astype(np.intp), minlength=words)
        average = max(float(lengths.mean()), 1.0) if n else 1.0
        idf = np.log1p((n - having + 0.5) / (having + 0.5))
        damp = self._k1 * (1 - self._b + self._b * lengths / average)
        self._weights = (idf[term] * counts * (self._k1 + 1) / (counts + damp[text])).astype(np.float32)
        self._texts = text
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(having, dtype=np.int64)])
        self._known, self._rows = {}, []

    def scores(self, query: str) -> NDArray[np.float32]:
        """The score of every text for a query, float32 [n]; 0 means that they share no word. A word that
        comes twice in the query counts twice."""
        scores = np.zeros(len(self._lengths), np.float32)
        for term in terms(query):
            number = self._numbers.get(term)
            if number is not None:
                place = slice(self._starts[number], self._starts[number + 1])
                scores[self._texts[place]] += self._weights[place]
        return scores

    def share(self, term: str) -> float:
        """How much of the texts have a term, 0 to 1."""
        number = self._numbers.get(term)
        if number is None:
            return 0.0
        return int(self._starts[number + 1] - self._starts[number]) / len(self._lengths)

    def bound(self, query: str) -> float:
        """What no text's score for a query can exceed: every word of the query infinitely often in it. Words
        that no text has count too, as much as the rarest."""
        n = len(self._lengths)
        total = 0.0
        for term in terms(query):
            number = self._numbers.get(term)
            having = 0 if number is None else int(self._starts[number + 1] - self._starts[number])
            total += _idf(n, having)
        return total * (self._k1 + 1)


def _idf(n: int, having: int) -> float:
    return math.log1p((n - having + 0.5) / (having + 0.5))
