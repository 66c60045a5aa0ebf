"""answer: the sentence of a text that answers a question, with its place. Near, it is one of the text's own;
far, a model words it.

A sentence's score is half how close its meaning is and half how much of the question's words it has, each
weighed by how rare it is among the text's sentences. On questions over one paragraph and over a hundred this
was better than either alone; the neighbours' words and the kind of thing that is asked for (a date, a name)
added nothing."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput, NothingFound
from nearside.models.loaded import LoadedModel
from nearside.models.vectors import VectorCache
from nearside.ports.cloud import Cloud
from nearside.retrieval.fusion import blend, ranking
from nearside.retrieval.hybrid import closeness
from nearside.retrieval.words import terms
from nearside.tasks.asking import ask, parsed, share, unusable, used
from nearside.tasks.embed import checked_text, vectors
from nearside.tasks.options import whole_number
from nearside.tasks.reading import sentences_of
from nearside.types import Answer, AnswerSpan, OnCount, Usage

_TURN = 500  # sentences between two turns of others
_FAR = """You answer a question from a text. The JSON object has "question", "context" and "most".
Use nothing but the context. Answer with nothing but JSON:
{"answers": [{"answer": "...", "confidence": 0.9}, ...]}, the best one first, at most as many as "most" says,
each copied from the context word for word where that answers the question. If the context does not say it:
{"answers": []}."""


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request: `context` well-formed for the tokenizer, `original` as the caller gave it."""

    question: str
    context: str
    original: str
    top_k: int


def checked(question: object, context: object, top_k: object = 3) -> Request:
    """The request, or `InvalidInput` / `InvalidOption` that says what is wrong with it."""
    asked = checked_text(question, "question")
    if not asked.strip():
        raise InvalidInput("The question is empty.", hint="Ask something.")
    text = checked_text(context, "context")
    if not text.strip():
        raise InvalidInput("The context is empty.", hint="Give the text that holds the answer.")
    return Request(asked, text, str(context), whole_number(top_k, "top_k"))


async def near(
    model: LoadedModel, cache: VectorCache, request: Request, on_progress: OnCount | None = None
) -> Answer:
    """The best sentence, and the next `top_k` - 1 as alternatives. `on_progress` counts sentences."""
    asked, cost = await vectors(model, cache, [request.question], kind="query")
    spans = await sentences_of(model, request.context)
    texts = [request.context[span.start : span.end] for span in spans]
    rows, read = await vectors(model, cache, texts, on_progress, "passage")
    scores = blend(closeness(rows, asked[0]), await shared_words(request.question, texts), 1.0)
    made = [
        AnswerSpan(
            request.original[spans[item].start : spans[item].end],
            min(max(float(scores[item]), 0.0), 1.0),
            spans[item].start,
            spans[item].end,
        )
        for item in ranking(scores)[: request.top_k]
    ]
    usage = Usage(cost.tokens + read.tokens, len(texts) + 1, cost.cached + read.cached)
    return Answer(made[0], tuple(made[1:]), usage, model.used)


async def shared_words(question: str, texts: Sequence[str]) -> NDArray[np.float64]:
    """How much of the question's words each text has, 0 to 1: a word weighs its idf among the texts, and
    counts once however often it comes. (Sentences are too short for BM25's counting, which did worse.)"""
    wanted = list(dict.fromkeys(terms(question)))
    having = np.zeros((len(wanted), len(texts)), np.bool_)
    for number, text in enumerate(texts):
        if number % _TURN == _TURN - 1:
            await asyncio.sleep(0)
        bag = set(terms(text))
        having[:, number] = [word in bag for word in wanted]
    counts = having.sum(axis=1)
    weights = [math.log1p((len(texts) - int(n) + 0.5) / (int(n) + 0.5)) for n in counts]
    found = np.zeros(len(texts), np.float64)
    for weight, row in zip(weights, having, strict=True):
        found[row] += weight
    total = sum(weights)
    return found / total if total > 0 else found


async def far(cloud: Cloud, alias: str, request: Request) -> Answer:
    """A far model's answer, with its place where it stands in the context word for word.

    Raises as `Cloud.stream`; `NothingFound` when the context does not say it; `CloudFailed` when the answer
    is not what was asked for."""
    data = {"question": request.question, "context": request.context, "most": request.top_k}
    text, usage = await ask(cloud, alias, _FAR, data)
    given = parsed(text).get("answers")
    if not isinstance(given, list):
        raise unusable()
    if not given:
        raise NothingFound("The text does not answer the question.", hint="Give a text that says it.")
    made = [_span(request, item) for item in given[: request.top_k]]
    return Answer(made[0], tuple(made[1:]), usage, used(alias))


def _span(request: Request, given: Any) -> AnswerSpan:
    if not isinstance(given, dict) or not isinstance(given.get("answer"), str):
        raise unusable()
    answer = given["answer"].strip()
    if not answer:
        raise unusable()
    score = share(given.get("confidence"))
    start = request.context.find(answer)
    if start < 0:
        return AnswerSpan(answer, score, None, None)
    end = start + len(answer)
    return AnswerSpan(request.original[start:end], score, start, end)
