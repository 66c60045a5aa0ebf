"""classify: how likely each label is that a model was trained for; far, each of the caller's own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput, InvalidOption
from nearside.models.loaded import OpenModel
from nearside.ports.cloud import Cloud
from nearside.ports.runtime import Outputs
from nearside.specialists.frame import Framed, frame_of
from nearside.specialists.windows import even, run_longest_first, tokens_of
from nearside.tasks import zero_shot
from nearside.tasks.embed import checked_texts
from nearside.tasks.options import whole_number
from nearside.tasks.teach import best_first
from nearside.types import Classification, Labels, OnCount, Usage

Scoring = Literal["softmax", "sigmoid", "none"]


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request; None means: not asked for."""

    texts: tuple[str, ...]
    top_k: int | None
    threshold: float | None
    labels: tuple[str, ...] | None


def checked(texts: object, top_k: object = None, threshold: object = None, labels: object = None) -> Request:
    """The request, or `InvalidInput` / `InvalidOption` that says what is wrong with it."""
    ready = tuple(checked_texts(texts))
    if not ready:
        raise InvalidInput("There are no texts.", hint="Give at least one.")
    most = None if top_k is None else whole_number(top_k, "top_k")
    if threshold is not None and (
        isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 <= threshold <= 1
    ):
        raise InvalidOption(f"threshold is {threshold!r:.40}.", hint="Give a number from 0 to 1.")
    least = None if threshold is None else float(threshold)
    names = None if labels is None else zero_shot.checked(ready, labels).labels
    return Request(ready, most, least, names)


async def near(model: OpenModel, request: Request, on_progress: OnCount | None = None) -> Classification:
    """The model's own labels with their scores, as `scoring` says. A text that is longer than the window is
    read in windows of about equal length, whose scores are averaged by their tokens. Of `labels` only those
    come back, spelled as the caller does. Each distinct text is read once; `on_progress` counts texts.

    Raises `InvalidOption` for a label that the model does not know, and what running it may raise."""
    kept = _known(model, request.labels)
    frame = frame_of(model)
    places: dict[str, list[int]] = {}
    for i, text in enumerate(request.texts):
        places.setdefault(text, []).append(i)
    room = model.max_tokens - frame.around_one
    inputs: list[Framed] = []
    owners: list[int] = []
    weights: list[int] = []
    for owner, ids in enumerate(await tokens_of(model, list(places))):
        for start, end in even(len(ids), room):
            inputs.append(frame.single(ids[start:end]))
            owners.append(owner)
            weights.append(max(end - start, 1))
    rows: list[NDArray[np.float64] | None] = [None] * len(inputs)
    missing = np.bincount(owners, minlength=len(places))
    each = list(places.values())
    done = 0

    def finished(number: int, outputs: Outputs) -> None:
        nonlocal done
        logits = outputs["logits"][0]
        rows[number] = scores(logits, scoring(model.config, len(logits)))
        owner = owners[number]
        missing[owner] -= 1
        if not missing[owner]:
            done += len(each[owner])
            if on_progress is not None:
                on_progress(done, len(request.texts))

    tokens = await run_longest_first(model, inputs, ["logits"], finished)
    sums: dict[int, NDArray[np.float64]] = {}
    totals: dict[int, int] = {}
    for owner, weight, row in zip(owners, weights, rows, strict=True):
        if row is not None:
            sums[owner] = sums.get(owner, 0) + weight * row
            totals[owner] = totals.get(owner, 0) + weight
    results: list[Labels] = [Labels((), ())] * len(request.texts)
    for owner, numbers in enumerate(each):
        made = _labels(model.config, sums[owner] / totals[owner], kept)
        for i in numbers:
            results[i] = _chosen(made, request)
    usage = Usage(tokens, len(request.texts), len(request.texts) - len(places))
    return Classification(tuple(results), usage, model.used)


async def far(cloud: Cloud, alias: str, request: Request) -> Classification:
    """A far model's judgement of the labels given. Raises as `Cloud.stream`; `InvalidOption` without labels;
    `CloudFailed` when the answer is not what was asked for."""
    if request.labels is None:
        raise InvalidOption(
            "The far side does not know which labels to choose from.", hint="Give them as `labels`."
        )
    asked = zero_shot.Request(request.texts, request.labels, False, None)
    made = await zero_shot.far(cloud, alias, asked)
    results = tuple(_chosen(result, request) for result in made.results)
    return Classification(results, made.usage, made.model)


def scoring(config: Mapping[str, Any], count: int) -> Scoring:
    """What makes scores of `count` logits, as transformers decides: nothing for a regression, each on its own
    (sigmoid) with several labels at a time or with only one, else all together (softmax)."""
    problem = config.get("problem_type")
    if problem == "regression":
        return "none"
    return "sigmoid" if problem == "multi_label_classification" or count == 1 else "softmax"


def scores(logits: NDArray[Any], how: Scoring) -> NDArray[np.float64]:
    """Scores of logits [..., labels]: float64 of the same shape."""
    values = np.asarray(logits, np.float64)
    if how == "softmax":
        odds = np.exp(values - values.max(axis=-1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=-1, keepdims=True))
    return sigmoid(values) if how == "sigmoid" else values


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)), for any x."""
    small = np.exp(-np.abs(values))
    return np.asarray(np.where(values >= 0, 1, small) / (1 + small), np.float64)


def label_of(config: Mapping[str, Any], number: int) -> str:
    """The name of an output, by id2label."""
    names = config.get("id2label")
    name = names.get(str(number)) if isinstance(names, Mapping) else None
    return name if isinstance(name, str) else f"LABEL_{number}"


def _known(model: OpenModel, labels: Sequence[str] | None) -> dict[str, str] | None:
    """The model's labels that are wanted, with the caller's spelling."""
    if labels is None:
        return None
    names = model.config.get("id2label")
    theirs = {name.lower(): name for name in names.values()} if isinstance(names, Mapping) else {}
    strange = [label for label in labels if label.lower() not in theirs]
    if strange:
        raise InvalidOption(
            f"{model.info.id} does not know the label {strange[0]!r:.60}.",
            hint=f"It knows {', '.join(list(theirs.values())[:20]) or 'none by name'}; "
            "zeroShot takes labels of your own.",
        )
    return {theirs[label.lower()]: label for label in labels}


def _labels(config: Mapping[str, Any], row: NDArray[np.float64], kept: Mapping[str, str] | None) -> Labels:
    names = [label_of(config, number) for number in range(len(row))]
    if kept is None:
        return best_first(names, row)
    wanted = [number for number, name in enumerate(names) if name in kept]
    return best_first([kept[names[number]] for number in wanted], row[wanted])


def _chosen(made: Labels, request: Request) -> Labels:
    """The best `top_k` that reach the threshold."""
    least = -math.inf if request.threshold is None else request.threshold
    count = sum(score >= least for score in made.scores)
    most = count if request.top_k is None else min(count, request.top_k)
    return Labels(made.labels[:most], made.scores[:most])
