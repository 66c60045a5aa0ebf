"""teach: a classifier from labelled examples. Logistic regression on the texts' vectors: of centroids, ridge,
linear discriminants and this it was the best from 4 examples a label on, and level with them below.

A label's own words count as one more example of it, which helps most where there are few ("book a flight"
says as much as a text that was labelled so)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput
from nearside.models.classifiers import MAX_LABEL, MAX_LABELS, Classifier, Classifiers, from_file
from nearside.models.loaded import LoadedModel
from nearside.models.vectors import VectorCache
from nearside.tasks.embed import checked_text, vectors
from nearside.tasks.logistic import regression
from nearside.types import Classification, Labels, OnCount, Usage

__all__ = ["Classifier", "Classifiers", "Request", "checked", "classify", "fit", "from_file"]

MAX_EXAMPLES = 50_000

_SEPARATORS = re.compile(r"[\s_\-./:]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Request:
    """Checked examples: `labels` in alphabetical order, `owners` the number of each text's label."""

    texts: tuple[str, ...]
    owners: tuple[int, ...]
    labels: tuple[str, ...]


def checked(examples: object) -> Request:
    """The request, or `InvalidInput` that says what is wrong with it."""
    hint = 'Give a list of (text, label) pairs, such as ("Where is my parcel?", "delivery").'
    if isinstance(examples, str | bytes) or not isinstance(examples, Sequence):
        raise InvalidInput("The examples are no list.", hint=hint)
    if len(examples) > MAX_EXAMPLES:
        raise InvalidInput(f"There are {len(examples):,} examples; the most is {MAX_EXAMPLES:,}.")
    texts: list[str] = []
    names: list[str] = []
    for i, example in enumerate(examples):
        if isinstance(example, str) or not isinstance(example, Sequence) or len(example) != 2:
            raise InvalidInput(f"examples[{i}] is no pair of a text and a label.", hint=hint)
        text = checked_text(example[0], f"The text of examples[{i}]")
        label = checked_text(example[1], f"The label of examples[{i}]").strip()
        if not text.strip():
            raise InvalidInput(f"The text of examples[{i}] is empty.", hint="Leave it out.")
        if not label or len(label) > MAX_LABEL:
            raise InvalidInput(
                f"The label of examples[{i}] is empty or too long.", hint="Give a word or two."
            )
        texts.append(text)
        names.append(label)
    labels = sorted(set(names))
    if len(labels) < 2:
        raise InvalidInput(
            f"There {'is one label' if labels else 'are no examples'}: nothing to tell apart.",
            hint="Give examples of at least two labels.",
        )
    if len(labels) > MAX_LABELS:
        raise InvalidInput(f"There are {len(labels):,} labels; the most is {MAX_LABELS:,}.")
    number = {label: i for i, label in enumerate(labels)}
    return Request(tuple(texts), tuple(number[name] for name in names), tuple(labels))


def phrase(label: str) -> str:
    """A label as a person would say it ("book_flight": "book flight"); empty when it is but a code ("B2")."""
    words = " ".join(_SEPARATORS.sub(" ", _CAMEL.sub(" ", label)).split())
    letters = [sign for sign in words if sign.isalpha()]
    says_something = len(letters) >= 3 or any(not letter.isascii() for letter in letters)
    return words if says_something else ""


async def fit(
    model: LoadedModel, cache: VectorCache, request: Request, on_progress: OnCount | None = None
) -> tuple[Classifier, Usage]:
    """Learn from the examples; the same ones always give the same classifier. `on_progress` counts texts that
    were read."""
    phrases = [(phrase(label), i) for i, label in enumerate(request.labels)]
    extra = [(words, i) for words, i in phrases if words]
    texts = [*request.texts, *(words for words, _ in extra)]
    owners = np.asarray([*request.owners, *(i for _, i in extra)], np.intp)
    rows, usage = await vectors(model, cache, texts, on_progress)
    weights, bias = await regression(rows, owners, len(request.labels))
    made = Classifier(request.labels, weights, bias, model.info.id, model.key, len(request.texts))
    return made, usage


async def classify(
    model: LoadedModel,
    cache: VectorCache,
    classifier: Classifier,
    texts: Sequence[str],
    on_progress: OnCount | None = None,
) -> Classification:
    """The labels of checked texts with their probabilities, best first. Raises `UnsupportedModel` for another
    model than the classifier's."""
    classifier.check_model(model)
    rows, usage = await vectors(model, cache, texts, on_progress)
    results = []
    for number, row in enumerate(rows):
        if number % 64 == 63:
            await asyncio.sleep(0)
        results.append(best_first(classifier.labels, classifier.probabilities(row)))
    return Classification(tuple(results), usage, model.used)


def best_first(labels: Sequence[str], scores: NDArray[np.float64]) -> Labels:
    """Labels by falling score; equal ones in the order given."""
    order = np.argsort(-scores, kind="stable")
    return Labels(tuple(labels[i] for i in order), tuple(float(scores[i]) for i in order))
