"""summarize: the sentences that say most of a text, in their order. Near they are the text's own; far a model
writes.

A sentence counts for how close it is to the whole (the cosine with the mean of all sentences) and for how
early it comes: the first sentence alone is a summary that is hard to beat, more so in news and descriptions
than in abstracts, where closeness finds better ones. What says the same as a sentence already chosen is left
out (maximal marginal relevance, Carbonell and Goldstein, 1998)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput, InvalidOption
from nearside.models.loaded import LoadedModel
from nearside.models.vectors import VectorCache
from nearside.ports.cloud import Cloud
from nearside.retrieval.hybrid import closeness
from nearside.retrieval.words import terms
from nearside.tasks.asking import ask, unusable, used
from nearside.tasks.embed import checked_text, cut_politely, vectors
from nearside.tasks.options import whole_number
from nearside.tasks.reading import sentences_of
from nearside.types import OnCount, Span, Summary, SummarySentence, Vectors

STYLES = {"headline": 1, "brief": 3, "detailed": 7, "bullets": 5}
"""How many sentences a summary of each style has."""

LEAD = 0.15
"""What the first sentence gets on top of its closeness; the second a half of that, the third a third. Tuned
on three sets (abstracts, and two where the reference resembles a title): more suits the latter, less the
first."""

REPETITION = 0.3
"""What is taken off for being close to a sentence already chosen."""

_SAME = 0.97  # the cosine from which two sentences say the same
_SHORT = 5  # words; what has less is a heading, a label, a list's crumb
_UNSPACED_END = re.compile(r"[。！？｡．」』）】]$")
_BULLET = "- "

_FAR = """You summarize a text. The JSON object has "text".
Answer with the summary alone, in the text's own language, without any introduction: {}.{}"""
SHAPES = {
    "headline": "one sentence of at most 25 words",
    "brief": "one paragraph of at most 3 sentences",
    "detailed": "one or two paragraphs of at most 7 sentences",
    "bullets": 'at most 5 lines, each beginning with "- " and holding one point',
}
"""What a model that writes is asked for, for each style."""


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request: `text` well-formed for the tokenizer, `original` as the caller gave it."""

    text: str
    original: str
    style: str
    max_tokens: int | None


def checked(text: object, style: object = "brief", max_tokens: object = None) -> Request:
    """The request, or `InvalidInput` / `InvalidOption` that says what is wrong with it."""
    ready = checked_text(text, "text")
    if not ready.strip():
        raise InvalidInput("The text is empty.", hint="Give the text to summarize.")
    if not isinstance(style, str) or style not in STYLES:
        raise InvalidOption(f"style is {style!r:.40}.", hint=f"Give one of: {', '.join(STYLES)}.")
    most = None if max_tokens is None else whole_number(max_tokens, "max_tokens")
    return Request(ready, str(text), style, most)


async def near(
    model: LoadedModel, cache: VectorCache, request: Request, on_progress: OnCount | None = None
) -> Summary:
    """The chosen sentences. `on_progress` counts the text's sentences."""
    spans = await sentences_of(model, request.text)
    worth = [span for span in spans if len(terms(request.text[span.start : span.end])) >= _SHORT] or spans
    texts = [request.text[span.start : span.end] for span in worth]
    rows, usage = await vectors(model, cache, texts, on_progress)
    marks = importance(rows)
    prefix = _BULLET if request.style == "bullets" else ""
    sizes = model.tokenizer.count([prefix + text for text in texts])
    chosen = choose(rows, marks, STYLES[request.style], sizes, request.max_tokens)
    places = {item: worth[item] for item in chosen}
    if not chosen and request.max_tokens is not None:  # no sentence fits: a part of the best
        best = int(np.argmax(marks))
        room = max(request.max_tokens - (model.tokenizer.count([prefix])[0] if prefix else 0), 1)
        part = (await cut_politely([texts[best]], room, model.tokenizer.count))[0][0]
        places = {best: Span(worth[best].start + part.start, worth[best].start + part.end)}
    made = tuple(
        SummarySentence(
            request.original[places[item].start : places[item].end],
            places[item].start,
            places[item].end,
            min(max(float(marks[item]) / (1 + LEAD), 0.0), 1.0),
        )
        for item in sorted(places)
    )
    return Summary(_written(made, prefix), made, usage, model.used)


def importance(rows: Vectors) -> NDArray[np.float64]:
    """What each sentence counts, float64 [n]."""
    middle = rows.mean(axis=0)
    length = float(np.sqrt(np.dot(middle, middle)))
    close = closeness(rows, middle / np.float32(length if length > 0 else 1)).astype(np.float64)
    return close + LEAD / (1 + np.arange(len(rows)))


def choose(
    rows: Vectors, marks: NDArray[np.float64], most: int, sizes: Sequence[int], max_tokens: int | None
) -> list[int]:
    """The numbers of at most `most` sentences, the most important first, of together at most `max_tokens`."""
    left = np.ones(len(rows), np.bool_)
    nearest = np.zeros(len(rows), np.float64)  # the cosine with the closest one that was chosen
    room = float("inf") if max_tokens is None else max_tokens
    chosen: list[int] = []
    while len(chosen) < most:
        left &= np.asarray(sizes) <= room
        left &= nearest < _SAME
        if not left.any():
            break
        item = int(np.argmax(np.where(left, marks - REPETITION * nearest, -np.inf)))
        chosen.append(item)
        left[item] = False
        room -= sizes[item]
        nearest = np.maximum(nearest, closeness(rows, rows[item]))
    return chosen


def _written(sentences: Sequence[SummarySentence], prefix: str) -> str:
    lines = [prefix + " ".join(sentence.text.split()) for sentence in sentences]
    if prefix:
        return "\n".join(lines)
    text = ""
    for line in lines:
        text += line if not text or _UNSPACED_END.search(text) else f" {line}"
    return text


async def far(cloud: Cloud, alias: str, request: Request) -> Summary:
    """A far model's summary; it has no sentences of the source. Raises as `Cloud.stream`, and `CloudFailed`
    for an empty answer."""
    most = request.max_tokens
    bound = "" if most is None else f" It must not have more than {max(most * 3 // 4, 1)} words."
    instructions = _FAR.format(SHAPES[request.style], bound)
    text, usage = await ask(cloud, alias, instructions, {"text": request.text}, max_tokens=most)
    if request.style == "bullets":
        lines = [line.strip().lstrip("-*•").strip() for line in text.splitlines()]
        text = "\n".join(_BULLET + line for line in lines if line)
    if not text.strip():
        raise unusable()
    return Summary(text, (), usage, used(alias))
