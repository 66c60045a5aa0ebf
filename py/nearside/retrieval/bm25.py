"""BM25 over a fixed set of texts, with the weight of every (word, text) pair computed once.

    score(q, d) = sum over words w of q:  idf(w) * tf * (k1 + 1) / (tf + k1 * (1 - b + b * |d| / average))
    idf(w) = ln(1 + (N - n + 0.5) / (n + 0.5))

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf that
stays positive (as in Lucene) and the constants that Anserini found good over many collections (k1 0.9, b
0.4).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nearside.retrieval.words import run_terms, runs, terms

K1 = 0.9
B = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """The words of some texts: entry i says that the text with the number `texts[i]` has the term `terms[i]`
    `counts[i]` times; in order of the texts. `lengths` are the texts' lengths in terms. All int32."""

    texts: NDArray[np.int32]
    terms: NDArray[np.int32]
    counts: NDArray[np.int32]
    lengths: NDArray[np.int32]

    def split(self, sizes: Sequence[int]) -> Iterator[Counts]:
        """The counts of the first `sizes[0]` texts, of the next `sizes[1]`, and so on."""
        ends = np.cumsum([0, *sizes])
        places = np.searchsorted(self.texts, ends)
        for i in range(len(sizes)):
            place = slice(places[i], places[i + 1])
            yield Counts(
                self.texts[place] - np.int32(ends[i]),
                self.terms[place],
                self.counts[place],
                self.lengths[ends[i] : ends[i + 1]],
            )


class Vocabulary:
    """Numbers for terms. It only grows, so that what was counted with it stays true."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._known: dict[str, tuple[int, ...]] = {}  # raw word to the numbers of its terms

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, term: str) -> int | None:
        """The term's number, None when it was never counted."""
        return self._numbers.get(term)

    def count(self, texts: Sequence[str]) -> Counts:
        """Count the words of texts."""
        known = self._known
        rows: list[int] = []
        lengths: list[int] = []
        for text in texts:
            before = len(rows)
            for run in runs(text):
                numbers = known.get(run)
                if numbers is None:
                    numbers = known[run] = tuple(self._add(term) for term in run_terms(run))
                rows += numbers
            lengths.append(len(rows) - before)
        # repeat and bincount take no int64 where numpy is 32-bit
        owners = np.repeat(np.arange(len(lengths), dtype=np.int64), np.asarray(lengths, np.intp))
        width = max(len(self._numbers), 1)
        pairs, counts = np.unique(owners * width + np.asarray(rows, np.int64), return_counts=True)
        owner, term = np.divmod(pairs, width)
        return Counts(
            owner.astype(np.int32),
            term.astype(np.int32),
            counts.astype(np.int32),
            np.asarray(lengths, np.int32),
        )

    def _add(self, term: str) -> int:
        return self._numbers.setdefault(term, len(self._numbers))


class Bm25:
    """Built by `add` or `add_counts` (as many times as wanted) and `finish`; then `scores` is a handful of
    numpy calls. With a `vocabulary` of the caller's, what it counted can go into other indexes too."""

    def __init__(self, k1: float = K1, b: float = B, vocabulary: Vocabulary | None = None) -> None:
        self._k1 = k1
        self._b = b
        self._vocabulary = Vocabulary() if vocabulary is None else vocabulary
        self._parts: list[Counts] = []
        self._length = 0
        self._starts: NDArray[np.int64] = np.zeros(1, np.int64)
        self._texts: NDArray[np.int32] = np.zeros(0, np.int32)
        self._weights: NDArray[np.float32] = np.zeros(0, np.float32)

    def __len__(self) -> int:
        return self._length

    def add(self, texts: Sequence[str]) -> None:
        """Count the words of more texts."""
        self.add_counts(self._vocabulary.count(texts))

    def add_counts(self, counts: Counts) -> None:
        """Add texts whose words the vocabulary has counted."""
        self._parts.append(counts)
        self._length += len(counts.lengths)

    def finish(self) -> None:
        """Make the postings: for each term, the texts that have it and the weight there."""
        n, words = self._length, len(self._vocabulary)
        parts = self._parts or [self._vocabulary.count([])]
        firsts = np.cumsum([0, *(len(part.lengths) for part in parts[:-1])])
        shifts = np.repeat(firsts, np.asarray([len(part.texts) for part in parts], np.intp)).astype(np.int32)
        texts = np.concatenate([part.texts for part in parts]) + shifts
        terms = np.concatenate([part.terms for part in parts])
        lengths = np.concatenate([part.lengths for part in parts])
        order = _by_term(terms)
        terms, texts = terms[order], texts[order]
        counts = np.concatenate([part.counts for part in parts])[order]
        having = np.bincount(terms.astype(np.intp), minlength=words)
        average = max(float(lengths.mean()), 1.0) if n else 1.0
        idf = np.log1p((n - having + 0.5) / (having + 0.5))
        damp = self._k1 * (1 - self._b + self._b * lengths / average)
        self._weights = (idf[terms] * counts * (self._k1 + 1) / (counts + damp[texts])).astype(np.float32)
        self._texts = texts
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(having, dtype=np.int64)])
        self._parts = []

    def _place(self, term: str) -> slice:
        """Where the postings of a term are; an empty slice when no text has it."""
        number = self._vocabulary.number(term)
        if number is None or number + 1 >= len(self._starts):  # counted after this index was made
            return slice(0, 0)
        return slice(int(self._starts[number]), int(self._starts[number + 1]))

    def scores(self, query: str) -> NDArray[np.float32]:
        """The score of every text for a query, float32 [n]; 0 means that they share no word. A word that
        comes twice in the query counts twice."""
        scores = np.zeros(self._length, np.float32)
        for term in terms(query):
            place = self._place(term)
            scores[self._texts[place]] += self._weights[place]
        return scores

    def share(self, term: str) -> float:
        """How much of the texts have a term, 0 to 1."""
        place = self._place(term)
        return float(place.stop - place.start) / max(self._length, 1)

    def bound(self, query: str) -> float:
        """What no text's score for a query can exceed: every word of the query infinitely often in it. Words
        that no text has count too, as much as the rarest."""
        total = 0.0
        for term in terms(query):
            place = self._place(term)
            total += _idf(self._length, place.stop - place.start)
        return total * (self._k1 + 1)


def _by_term(terms: NDArray[np.int32]) -> NDArray[np.intp]:
    """The order of the terms' numbers, equal ones as they come. In two steps of 16 bits, which numpy sorts in
    linear time."""
    order = np.argsort((terms & 0xFFFF).astype(np.uint16), kind="stable")
    high = (terms >> 16).astype(np.uint16)
    return order[np.argsort(high[order], kind="stable")] if high.any() else order


def _idf(n: int, having: int) -> float:
    return math.log1p((n - having + 0.5) / (having + 0.5))
