"""zeroShot: how well labels of the caller's own fit a text, without any example."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput, InvalidOption
from nearside.models.loaded import LoadedModel
from nearside.models.vectors import VectorCache
from nearside.ports.cloud import Cloud
from nearside.routing.facts import weight
from nearside.tasks.asking import added, ask, parsed, share, unusable, used
from nearside.tasks.embed import checked_text, checked_texts, vectors
from nearside.tasks.options import yes_or_no
from nearside.tasks.teach import best_first
from nearside.types import Classification, Labels, OnCount, Usage, Vectors

TEMPLATES = ("{}", "This text is about {}.", "The topic is {}.")
"""A label's vector is the mean of these sentences': on topics, intents and sentiment together that is better
than any one of them. A `hypothesis` takes their place."""

SHARPNESS = 20.0
"""The cosines are multiplied by this before the softmax. It makes the scores about as sure as they are right
(the least log loss on 2, 15 and 150 labels: 15 to 25)."""

HALFWAY = 0.2
STEEPNESS = 15.0
"""With several labels at a time: the cosine at which a label is as likely as not, and how fast that
changes."""

MAX_LABELS = 1000

_BATCH = 20  # texts in one question to the far side
_BATCH_CHARACTERS = 60_000
_FAR = """You classify texts. The JSON object has "texts" (a list) and "labels" (an object from numbers to
labels). For every text give how likely each label fits, as numbers from 0 to 1{}.
Answer with nothing but JSON: {{"results": [{{"<number of a label>": <score>, ...}}, ...]}}, one object for
each text in the same order; labels whose score is 0 may be left out."""
_HYPOTHESIS = """
A label fits a text when the sentence "hypothesis", with the label in place of {}, is true of it."""
_ONE = "; exactly one label is right, so that a text's scores sum to 1"
_MANY = "; any number of labels can be right, each is judged on its own"


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    multi_label: bool
    hypothesis: str | None


def checked(texts: object, labels: object, multi_label: object = False, hypothesis: object = None) -> Request:
    """The request, or `InvalidInput` / `InvalidOption` that says what is wrong with it."""
    ready = checked_texts(texts)
    if not ready:
        raise InvalidInput("There are no texts.", hint="Give at least one.")
    if isinstance(labels, str):
        raise InvalidInput("labels is one text.", hint="Give a list of labels.")
    names = [label.strip() for label in checked_texts(labels, "labels")]
    if not names:
        raise InvalidInput("There are no labels.", hint="Give at least one.")
    if len(names) > MAX_LABELS:
        raise InvalidInput(f"There are {len(names):,} labels; the most is {MAX_LABELS:,}.")
    for i, name in enumerate(names):
        if not name:
            raise InvalidInput(f"labels[{i}] is empty.", hint="Give a word or a phrase.")
        if name in names[:i]:
            raise InvalidInput(f"labels[{i}] is there already: {name!r:.60}.", hint="Give each label once.")
    many = yes_or_no(multi_label, "multi_label")
    if hypothesis is not None and (not isinstance(hypothesis, str) or hypothesis.count("{}") != 1):
        raise InvalidOption(
            "The hypothesis has no place for the label.",
            hint='Put {} where the label goes, once: "This text is about {}."',
        )
    sentence = None if hypothesis is None else checked_text(hypothesis, "hypothesis")
    return Request(tuple(ready), tuple(names), many, sentence)


async def near(
    model: LoadedModel, cache: VectorCache, request: Request, on_progress: OnCount | None = None
) -> Classification:
    """Scores from how close a text and each label are in meaning. `on_progress` counts texts."""
    sides, asked = await _sides(model, cache, request)
    rows, read = await vectors(model, cache, request.texts, on_progress)
    results: list[Labels] = []
    for number, row in enumerate(rows):
        if number % 64 == 63:
            await asyncio.sleep(0)
        cosines = np.einsum("ld,d->l", sides, row).astype(np.float64)
        results.append(best_first(request.labels, scores(cosines, request.multi_label)))
    usage = Usage(asked.tokens + read.tokens, read.texts, read.cached)
    return Classification(tuple(results), usage, model.used)


def scores(cosines: NDArray[np.float64], multi_label: bool) -> NDArray[np.float64]:
    """Of each label, from its cosine with the text: they sum to 1, or with `multi_label` each stands
    alone."""
    if multi_label:
        alone: NDArray[np.float64] = 1 / (1 + np.exp(-STEEPNESS * (cosines - HALFWAY)))
        return alone
    odds = np.exp(SHARPNESS * (cosines - cosines.max()))
    made: NDArray[np.float64] = odds / odds.sum()
    return made


async def _sides(model: LoadedModel, cache: VectorCache, request: Request) -> tuple[Vectors, Usage]:
    """A vector for each label, float32 [labels, dimensions]."""
    templates = TEMPLATES if request.hypothesis is None else (request.hypothesis,)
    sentences = [template.replace("{}", label) for label in request.labels for template in templates]
    rows, usage = await vectors(model, cache, sentences)
    means = rows.reshape(len(request.labels), len(templates), -1).mean(axis=1)
    lengths = np.sqrt(np.square(means).sum(axis=1, keepdims=True))
    return (means / np.maximum(lengths, 1e-12)).astype(np.float32), usage


async def far(cloud: Cloud, alias: str, request: Request) -> Classification:
    """A far model's judgement, some texts at a time. Raises as `Cloud.stream`; `CloudFailed` when the answer
    is not what was asked for."""
    instructions = _FAR.format(_MANY if request.multi_label else _ONE)
    if request.hypothesis is not None:
        instructions += _HYPOTHESIS
    shown: dict[str, Any] = {"labels": {str(i): label for i, label in enumerate(request.labels)}}
    if request.hypothesis is not None:
        shown["hypothesis"] = request.hypothesis
    usage = Usage(0, 0, 0)
    results: list[Labels] = []
    for texts in batches(request.texts):
        text, cost = await ask(cloud, alias, instructions, {**shown, "texts": texts})
        usage = added(usage, Usage(cost.tokens, len(texts), 0, cost.written))
        given = parsed(text).get("results")
        if not isinstance(given, list) or len(given) != len(texts):
            raise unusable()
        results += [_labels(request, item) for item in given]
    return Classification(tuple(results), usage, used(alias))


def _labels(request: Request, given: Any) -> Labels:
    if not isinstance(given, dict) or not set(given) <= {str(i) for i in range(len(request.labels))}:
        raise unusable()
    made = np.asarray([share(given.get(str(i), 0)) for i in range(len(request.labels))], np.float64)
    if not request.multi_label:
        if made.sum() <= 0:
            raise unusable()
        made = made / made.sum()
    return best_first(request.labels, made)


def largest_question(request: Request) -> int:
    """The weight (see `routing.facts`) of the longest question that the far side would be asked."""
    labels = sum(map(weight, request.labels))
    return labels + max((sum(map(weight, batch)) for batch in batches(request.texts)), default=0)


def batches(texts: Sequence[str]) -> list[list[str]]:
    """Texts in their order, as many together as one question to the far side holds."""
    made: list[list[str]] = []
    size = 0
    for text in texts:
        if not made or len(made[-1]) >= _BATCH or size + len(text) > _BATCH_CHARACTERS:
            made.append([])
            size = 0
        made[-1].append(text)
        size += len(text)
    return made
