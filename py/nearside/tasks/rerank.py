"""rerank: texts ordered by how well they answer a query, by words and by meaning as in search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nearside.errors import InvalidInput
from nearside.models.loaded import LoadedModel
from nearside.models.vectors import VectorCache
from nearside.retrieval.fusion import blend, ranking
from nearside.retrieval.hybrid import closeness, index_of
from nearside.tasks.embed import checked_text, checked_texts, cut_politely, vectors
from nearside.tasks.options import whole_number
from nearside.types import OnCount, RankedText, Ranking, Usage


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request: `docs` well-formed for the tokenizer, `originals` as the caller gave them; without
    `top_k` all of them come back."""

    query: str
    docs: tuple[str, ...]
    originals: tuple[str, ...]
    top_k: int | None


def checked(query: object, docs: object, top_k: object = None) -> Request:
    """The request, or `InvalidInput` / `InvalidOption` that says what is wrong with it."""
    text = checked_text(query, "query")
    if not text.strip():
        raise InvalidInput("The query is empty.", hint="Give at least one word.")
    if isinstance(docs, str):
        raise InvalidInput("docs is one text.", hint="Give a list of texts.")
    ready = tuple(checked_texts(docs, "docs"))
    originals = tuple(docs) if isinstance(docs, list | tuple) else ready
    return Request(text, ready, originals, None if top_k is None else whole_number(top_k, "top_k"))


async def near(
    model: LoadedModel, cache: VectorCache, request: Request, on_progress: OnCount | None = None
) -> Ranking:
    """Every text with its score, best first: blank ones at the end, with 0. A long text is as close as its
    closest window. `on_progress` counts windows."""
    asked, cost = await vectors(model, cache, [request.query], kind="query")
    cuts = await cut_politely(request.docs, model.room("passage"), model.tokenizer.count)
    pieces = [
        text[span.start : span.end] for text, spans in zip(request.docs, cuts, strict=True) for span in spans
    ]
    rows, read = await vectors(model, cache, pieces, on_progress, "passage")
    usage = Usage(cost.tokens + read.tokens, len(request.docs) + 1, cost.cached + read.cached)
    index = await index_of(request.docs)
    owners = np.repeat(np.arange(len(cuts), dtype=np.intp), np.asarray([len(cut) for cut in cuts], np.intp))
    close = np.full(len(request.docs), -1.0, np.float32)
    if len(rows):
        np.maximum.at(close, owners, closeness(rows, asked[0]))
    scores = blend(close, index.scores(request.query), index.bound(request.query))
    results = [
        RankedText(int(item), min(max(float(scores[item]), 0.0), 1.0), request.originals[item])
        for item in ranking(scores)[: request.top_k]
    ]
    return Ranking(tuple(results), usage, model.used)
