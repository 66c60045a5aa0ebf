"""search: words (BM25) and meanings (embeddings) over the caller's documents, blended. What was read stays in
memory: a second query over the same documents tokenizes and embeds nothing but itself."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput, InvalidOption
from nearside.models.loaded import LoadedModel
from nearside.models.vectors import VectorCache
from nearside.retrieval.bm25 import Bm25
from nearside.retrieval.fusion import blend, ranking
from nearside.retrieval.hybrid import PASSAGE_TOKENS, closeness, index_of, worth_marking
from nearside.retrieval.words import mark
from nearside.tasks.embed import checked_text, checked_texts, cut_politely, vectors
from nearside.types import OnCount, SearchHit, SearchResults, Span, Usage, Vectors


@dataclass(frozen=True, slots=True)
class Request:
    """A checked search: `docs` well-formed for the tokenizer, `originals` as the caller gave them."""

    query: str
    docs: tuple[str, ...]
    originals: tuple[str, ...]
    top_k: int
    passages: bool


@dataclass(eq=False)
class Corpus:
    """Documents that were read: `pieces` of each (owner, place) that have a vector, in order; the index is
    over documents or, with passages, over pieces. `vectors` float32 [pieces, dimensions] once they are
    made."""

    originals: tuple[str, ...]
    docs: tuple[str, ...]
    pieces: list[tuple[int, Span]]
    texts: list[str]
    owners: NDArray[np.int64]
    index: Bm25 | None = None
    vectors: Vectors | None = None
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    listeners: list[OnCount] = field(default_factory=list)


class Corpora:
    """The corpora used last, found again by the documents themselves."""

    def __init__(self, most: int = 4, most_characters: int = 20_000_000) -> None:
        self._most = most
        self._most_characters = most_characters
        self._kept: dict[tuple[str, bool, tuple[str, ...]], Corpus] = {}

    def get(self, model: LoadedModel, request: Request) -> Corpus | None:
        """The corpus for these documents, None when it is not (or no longer) there."""
        key = (model.key, request.passages, request.docs)
        corpus = self._kept.pop(key, None)
        if corpus is not None:
            self._kept[key] = corpus  # at the end: used last
        return corpus

    def keep(self, model: LoadedModel, request: Request, corpus: Corpus) -> Corpus:
        """Keep a new corpus, and give it back, or the one that somebody else made meanwhile."""
        corpus = self._kept.setdefault((model.key, request.passages, request.docs), corpus)
        while len(self._kept) > 1 and (len(self._kept) > self._most or self._size() > self._most_characters):
            del self._kept[next(iter(self._kept))]
        return corpus

    def known(self, originals: tuple[str, ...]) -> tuple[str, ...] | None:
        """The same documents, checked, if they were used lately. (Comparing is much faster than checking.)"""
        return next((one.docs for one in self._kept.values() if one.originals == originals), None)

    def _size(self) -> int:
        return sum(len(text) for _, _, docs in self._kept for text in docs)


def checked(query: object, docs: object, top_k: object, passages: object, corpora: Corpora) -> Request:
    """The request, or `InvalidInput` / `InvalidOption` that says what is wrong with it."""
    text = checked_query(query)
    if isinstance(docs, str):
        raise InvalidInput("docs is one text.", hint="Give a list of texts.")
    originals = tuple(docs) if isinstance(docs, list | tuple) else tuple(checked_texts(docs, "docs"))
    ready = corpora.known(originals) or tuple(checked_texts(originals, "docs"))
    most = checked_top_k(top_k)
    if not isinstance(passages, bool):
        raise InvalidOption(f"passages is {passages!r:.40}.", hint="Give true or false.")
    return Request(text, ready, originals, most, passages)


def checked_query(query: object) -> str:
    """The query, ready for the tokenizer; `InvalidInput` when it is no text or empty."""
    text = checked_text(query, "query")
    if not text.strip():
        raise InvalidInput("The query is empty.", hint="Give at least one word.")
    return text


def checked_top_k(top_k: object) -> int:
    """How many results are wanted; `InvalidOption` for anything but a whole number from 1."""
    if isinstance(top_k, float) and top_k.is_integer():
        top_k = int(top_k)
    if isinstance(top_k, bool) or not isinstance(top_k, int) or top_k < 1:
        shown = "NaN" if isinstance(top_k, float) and math.isnan(top_k) else repr(top_k)[:40]
        raise InvalidOption(f"top_k is {shown}.", hint="Give a whole number from 1.")
    return top_k


async def search(
    model: LoadedModel,
    cache: VectorCache,
    corpora: Corpora,
    request: Request,
    on_progress: OnCount | None = None,
) -> SearchResults:
    """See `Client.search`. `on_progress` counts the pieces that the documents were cut into."""
    corpus = corpora.get(model, request) or corpora.keep(model, request, await _cut(model, request))
    query, usage = await _read(model, cache, corpus, request, on_progress)
    if not corpus.pieces:
        return SearchResults((), usage, model.used)
    assert corpus.vectors is not None and corpus.index is not None  # noqa: S101 (_read saw to it)
    close = closeness(corpus.vectors, query)
    if request.passages:
        best = np.arange(len(corpus.pieces))
        items = best
    else:  # a document is as close as its closest piece
        items, best = _best_pieces(corpus, close)
    words = corpus.index.scores(request.query)[items]
    scores = blend(close[best], words, corpus.index.bound(request.query))
    marks = worth_marking(corpus.index, request.query)
    hits = []
    for item in ranking(scores)[: request.top_k]:
        owner, place = corpus.pieces[best[item]]
        whole = request.originals[owner]
        text = whole[place.start : place.end] if request.passages else whole
        score = max(float(scores[item]), 0.0)
        hits.append(SearchHit(owner, score, text, place.start, place.end, mark(text, marks)))
    return SearchResults(tuple(hits), usage, model.used)


async def _cut(model: LoadedModel, request: Request) -> Corpus:
    limit = model.room("passage")
    if request.passages:
        limit = min(limit, PASSAGE_TOKENS)
    cuts = await cut_politely(request.docs, limit, model.tokenizer.count)
    pieces = [(owner, place) for owner, places in enumerate(cuts) for place in places]
    texts = [request.docs[owner][place.start : place.end] for owner, place in pieces]
    owners = np.asarray([owner for owner, _ in pieces], np.int64)
    return Corpus(request.originals, request.docs, pieces, texts, owners)


async def _read(
    model: LoadedModel, cache: VectorCache, corpus: Corpus, request: Request, on_progress: OnCount | None
) -> tuple[NDArray[np.float32], Usage]:
    """The query's vector, and what it cost to get that, the corpus's vectors and its index."""
    total = len(corpus.texts)
    if corpus.vectors is not None and corpus.index is not None:
        rows, usage = await vectors(model, cache, [request.query], kind="query")
        if on_progress is not None:
            on_progress(total, total)
        return rows[0], Usage(usage.tokens, total + 1, total + usage.cached)
    try:
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(vectors(model, cache, [request.query], kind="query"))
            reading = group.create_task(_fill(model, cache, corpus, on_progress))
            group.create_task(_index(corpus, corpus.texts if request.passages else request.docs))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    rows, usage = asking.result()
    read = reading.result()
    return rows[0], Usage(usage.tokens + read.tokens, total + 1, usage.cached + read.cached)


async def _fill(model: LoadedModel, cache: VectorCache, corpus: Corpus, on_progress: OnCount | None) -> Usage:
    """Make the vectors of a corpus. Searches over the same new documents wait for the first one instead of
    doing its work again; when that one is cancelled, the next goes on where it stopped."""
    if on_progress is not None:
        corpus.listeners.append(on_progress)

    def tell(done: int, total: int) -> None:
        for listener in corpus.listeners:
            listener(done, total)

    total = len(corpus.texts)
    try:
        async with corpus.reading:
            if corpus.vectors is not None:
                return Usage(0, total, total)
            made, usage = await vectors(model, cache, corpus.texts, tell, "passage")
            corpus.vectors = made
            return usage
    finally:
        if on_progress is not None:
            corpus.listeners.remove(on_progress)


async def _index(corpus: Corpus, texts: Sequence[str]) -> None:
    """Build the index, unless it is there."""
    if corpus.index is None:
        corpus.index = await index_of(texts)


def _best_pieces(corpus: Corpus, close: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The documents that have pieces, and for each the number of its closest piece: int64 [documents]
    twice."""
    order = np.lexsort((-close, corpus.owners))
    items, first = np.unique(corpus.owners[order], return_index=True)
    return items, order[first]
