"""Documents that were read and cut, in memory: a search over them needs nothing but its query."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nearside.retrieval.bm25 import Bm25, Counts, Vocabulary
from nearside.retrieval.chunking import slices
from nearside.retrieval.fusion import blend, ranking
from nearside.retrieval.hybrid import closeness, worth_marking
from nearside.retrieval.words import mark
from nearside.types import DocumentHit, Span, Vectors


@dataclass(slots=True, eq=False)
class Read:
    """A document with its passages: `rows` float32 [passages, dimensions], the vectors that the weights
    `model` gave them, None when they cannot be used. `version` is another one whenever something changed.
    `words` are counted when it first becomes part of a corpus."""

    id: str
    name: str
    text: str
    spans: Sequence[Span]
    version: str
    model: str
    rows: Vectors | None
    words: Counts | None = None

    def passages(self) -> list[str]:
        """The texts of the passages, in order."""
        return [self.text[span.start : span.end] for span in self.spans]


class Corpus:
    """A fixed set of documents, with the index of their passages."""

    def __init__(self, documents: Sequence[Read], index: Bm25) -> None:
        self.documents = documents
        self._index = index
        self._places = [(document, span) for document in documents for span in document.spans]
        self._stacked: tuple[str, Vectors, NDArray[np.intp]] | None = None

    @classmethod
    async def of(cls, documents: Sequence[Read], vocabulary: Vocabulary) -> Corpus:
        """The corpus of documents, all of whose words `vocabulary` counts; others have their turns
        meanwhile."""
        await _count([document for document in documents if document.words is None], vocabulary)
        index = Bm25(vocabulary=vocabulary)
        for document in documents:
            assert document.words is not None  # noqa: S101 (counted above)
            index.add_counts(document.words)
        index.finish()
        return cls(documents, index)

    def __len__(self) -> int:
        return len(self._places)

    def best(self, query: str, row: NDArray[np.float32], model: str, top_k: int) -> list[DocumentHit]:
        """The best passages, best first. `row` is the query's vector by the weights `model`; passages whose
        vectors others gave (or nobody) are found by their words alone."""
        if not self._places:
            return []
        rows, numbers = self._rows(model, len(row))
        close = np.zeros(len(self._places), np.float32)
        close[numbers] = closeness(rows, row)
        words = self._index.scores(query)
        found = words > 0
        found[numbers] = True
        scores = blend(close, words, self._index.bound(query))
        marks = worth_marking(self._index, query)
        hits = []
        for item in ranking(scores, found)[:top_k]:
            document, span = self._places[item]
            text = document.text[span.start : span.end]
            score = min(max(float(scores[item]), 0.0), 1.0)
            places = mark(text, marks)
            hits.append(DocumentHit(document.id, document.name, score, text, span.start, span.end, places))
        return hits

    def _rows(self, model: str, dimensions: int) -> tuple[Vectors, NDArray[np.intp]]:
        """The vectors that `model` made, float32 [m, dimensions], and the numbers of their passages [m]."""
        if self._stacked is not None and self._stacked[0] == model:
            return self._stacked[1:]
        rows: list[Vectors] = []
        numbers: list[int] = []
        usable: list[Read] = []
        at = 0
        for document in self.documents:
            if document.model == model and document.rows is not None and document.rows.shape[1] == dimensions:
                rows.append(document.rows)
                numbers += range(at, at + len(document.spans))
                usable.append(document)
            at += len(document.spans)
        stack = np.concatenate(rows) if rows else np.zeros((0, dimensions), np.float32)
        at = 0
        for document in usable:  # one copy in memory, not two
            document.rows = stack[at : at + len(document.spans)]
            at += len(document.spans)
        self._stacked = (model, stack, np.asarray(numbers, np.intp))
        return self._stacked[1:]


async def _count(documents: Sequence[Read], vocabulary: Vocabulary) -> None:
    for numbers in slices([document.text for document in documents]):
        some = documents[numbers.start : numbers.stop]
        counts = vocabulary.count([text for document in some for text in document.passages()])
        for document, words in zip(some, counts.split([len(one.spans) for one in some]), strict=True):
            document.words = words
        await asyncio.sleep(0)
