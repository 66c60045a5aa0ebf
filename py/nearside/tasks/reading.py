"""A text as its sentences, short enough to be shown and read one by one."""

from __future__ import annotations

import asyncio

from nearside.models.loaded import LoadedModel
from nearside.retrieval.sentences import prose, splitting
from nearside.tasks.embed import cut_politely
from nearside.types import Span

MAX_TOKENS = 128
"""A longer sentence (a table, a transcript without full stops) is cut, so that nobody gets a page for one."""

_CERTAINLY_SHORT = 100  # characters; no tokenizer makes more tokens than these of it
_TURN = 500  # sentences between two turns of others


async def sentences_of(model: LoadedModel, text: str) -> list[Span]:
    """The places of the text's sentences (code points), in order; long ones in parts, headings left out."""
    found: list[Span] = []
    for span in splitting(text):
        found.append(span)
        if len(found) % _TURN == 0:
            await asyncio.sleep(0)
    found = prose(text, found)
    long = [i for i, span in enumerate(found) if span.end - span.start > _CERTAINLY_SHORT]
    limit = max(min(MAX_TOKENS, model.max_tokens - model.special), 1)
    texts = [text[found[i].start : found[i].end] for i in long]
    parts = dict(zip(long, await cut_politely(texts, limit, model.tokenizer.count), strict=True))
    return [
        Span(span.start + part.start, span.start + part.end)
        for i, span in enumerate(found)
        for part in parts.get(i, (Span(0, span.end - span.start),))
    ]
