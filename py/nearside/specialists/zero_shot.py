"""zeroShot with a model for entailment (NLI): does the text entail "This example is LABEL."?

As Yin, Hay & Roth 2019, "Benchmarking Zero-shot Text Classification", and the pipeline of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput
from nearside.models.loaded import OpenModel
from nearside.ports.runtime import Outputs
from nearside.specialists.classify import label_of, scores
from nearside.specialists.frame import Frame, Framed, Ids, frame_of
from nearside.specialists.windows import run_longest_first, tokens_of
from nearside.tasks.teach import best_first
from nearside.tasks.zero_shot import Request
from nearside.types import Classification, Labels, OnCount, Usage

TEMPLATE = "This example is {}."
"""The sentence that a label is put into unless the request has one."""

_SHORTEST = 8  # tokens of the text that a label has to leave room for


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Which of a model's outputs say that the text entails the sentence, and that it contradicts it."""

    entailment: int
    contradiction: int


async def near(model: OpenModel, request: Request, on_progress: OnCount | None = None) -> Classification:
    """Every label with every text, a pair per call. With one right label: the softmax of the labels'
    entailment; with several (or one label only): entailment against contradiction, for each label. A text
    that does not fit into the window beside the longest label is cut at its end. Each distinct text is read
    once; `on_progress` counts texts.

    Raises `UnsupportedModel` for a classifier that is not for entailment, `InvalidInput` for a label that
    leaves no room for the text, and what running the model may raise."""
    frame = frame_of(model)
    outcomes = outcomes_of(model)
    template = TEMPLATE if request.hypothesis is None else request.hypothesis
    hypotheses = await tokens_of(model, [template.replace("{}", label) for label in request.labels])
    room = [model.max_tokens - frame.around_two - len(ids) for ids in hypotheses]
    for label, left in zip(request.labels, room, strict=True):
        if left < _SHORTEST:
            raise InvalidInput(
                f"The label {label!r:.60} is too long: {model.info.id} reads {model.max_tokens} tokens.",
                hint="Give a word or a phrase.",
            )
    places: dict[str, list[int]] = {}
    for i, text in enumerate(request.texts):
        places.setdefault(text, []).append(i)
    each, count = list(places.values()), len(request.labels)
    premises = await tokens_of(model, list(places))
    inputs = _Pairs(frame, premises, hypotheses, room)
    sizes = [
        frame.around_two + min(len(premise), left) + len(hypothesis)
        for premise in premises
        for hypothesis, left in zip(hypotheses, room, strict=True)
    ]
    logits = np.zeros((len(places), count, 2), np.float64)
    missing = [count] * len(places)
    done = 0

    def finished(number: int, outputs: Outputs) -> None:
        nonlocal done
        owner, label = divmod(number, count)
        row = outputs["logits"][0]
        logits[owner, label] = row[outcomes.entailment], row[outcomes.contradiction]
        missing[owner] -= 1
        if not missing[owner]:
            done += len(each[owner])
            if on_progress is not None:
                on_progress(done, len(request.texts))

    tokens = await run_longest_first(model, inputs, ["logits"], finished, sizes)
    results = [Labels((), ())] * len(request.texts)
    for owner, numbers in enumerate(each):
        made = best_first(request.labels, judged(logits[owner], request.multi_label))
        for i in numbers:
            results[i] = made
    usage = Usage(tokens, len(request.texts), len(request.texts) - len(places))
    return Classification(tuple(results), usage, model.used)


class _Pairs(Sequence[Framed]):
    """Every text with every label, put together when it is read: a thousand labels for a hundred texts are
    gigabytes."""

    def __init__(
        self, frame: Frame, premises: Sequence[Ids], hypotheses: Sequence[Ids], room: Sequence[int]
    ) -> None:
        self._frame, self._premises, self._hypotheses, self._room = frame, premises, hypotheses, room

    def __len__(self) -> int:
        return len(self._premises) * len(self._hypotheses)

    def __getitem__(self, number: Any) -> Any:
        owner, label = divmod(number, len(self._hypotheses))
        return self._frame.pair(self._premises[owner][: self._room[label]], self._hypotheses[label])


def judged(logits: NDArray[np.float64], multi_label: bool) -> NDArray[np.float64]:
    """Scores of labels, float64 [labels], from the logits of entailment and contradiction [labels, 2]."""
    if multi_label or len(logits) == 1:
        return scores(logits, "softmax")[:, 0]
    return scores(logits[:, 0], "softmax")


def outcomes_of(model: OpenModel) -> Outcomes:
    """By the names of the outputs, in any case ("entailment", "not_entailment", "contradiction"). Where they
    have none, entailment is the last and contradiction the first, as in most models for MNLI.

    Raises `UnsupportedModel` when the names say that it is for something else, or there is only one."""
    known = model.config.get("id2label")
    count = len(known) if isinstance(known, dict) else int(model.config.get("num_labels") or 3)
    names = [label_of(model.config, i).lower() for i in range(count)]
    entails = next((i for i, name in enumerate(names) if name.startswith("entail")), None)
    named = any(name != f"label_{i}" for i, name in enumerate(names))
    if count < 2 or (entails is None and named):
        raise model.refuse("entailment (NLI)")
    entailment = count - 1 if entails is None else entails
    against = ("contradict", "not_entail", "not entail", "non_entail")
    denies = next((i for i, name in enumerate(names) if name.startswith(against)), None)
    return Outcomes(entailment, (count - 1 if entailment == 0 else 0) if denies is None else denies)
