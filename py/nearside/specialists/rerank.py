"""rerank with a cross-encoder: query and document are read together."""

from __future__ import annotations

import numpy as np

from nearside.models.loaded import OpenModel
from nearside.ports.runtime import Outputs
from nearside.specialists.classify import sigmoid
from nearside.specialists.frame import Framed, frame_of
from nearside.specialists.windows import run_longest_first, sliding, tokens_of
from nearside.tasks.rerank import Request
from nearside.types import OnCount, RankedText, Ranking, Usage

OVERLAP = 64
"""Tokens that two windows of a long document share, at most half of one."""


async def near(model: OpenModel, request: Request, on_progress: OnCount | None = None) -> Ranking:
    """Every text with its score, best first; blank ones at the end, with 0. A model with one output gives its
    logit, which a sigmoid makes a score of; of two outputs the second is the one for "relevant": its logit
    less the other's is taken, so that the score is its probability.

    A query takes at most half of the window, the rest of it is cut off. A document that is too long for what
    is left is read in overlapping windows, and is as good as its best one. Each distinct document is read
    once; `on_progress` counts documents.

    Raises `UnsupportedModel` for a classifier with more outputs, and what running the model may raise."""
    known = model.config.get("id2label")
    if isinstance(known, dict) and len(known) > 2:
        raise model.refuse("reranking, with one output or two")
    frame = frame_of(model)
    room = model.max_tokens - frame.around_two
    query = (await tokens_of(model, [request.query]))[0][: room // 2]
    room -= len(query)
    places: dict[str, list[int]] = {}
    for i, text in enumerate(request.docs):
        if text.strip():
            places.setdefault(text, []).append(i)
    blank = len(request.docs) - sum(map(len, places.values()))
    each = list(places.values())
    inputs: list[Framed] = []
    owners: list[int] = []
    for owner, ids in enumerate(await tokens_of(model, list(places))):
        for start, end in sliding(len(ids), room, min(OVERLAP, room // 2)):
            inputs.append(frame.pair(query, ids[start:end]))
            owners.append(owner)
    best = np.full(len(places), -np.inf)
    missing = np.bincount(owners, minlength=len(places))
    done = blank
    tell = on_progress or (lambda done, total: None)
    if done or not request.docs:
        tell(done, len(request.docs))

    def finished(number: int, outputs: Outputs) -> None:
        nonlocal done
        row = np.asarray(outputs["logits"][0], np.float64)
        if len(row) > 2:
            raise model.refuse("reranking, with one output or two")
        owner = owners[number]
        best[owner] = max(best[owner], row[0] if len(row) == 1 else row[1] - row[0])
        missing[owner] -= 1
        if not missing[owner]:
            done += len(each[owner])
            tell(done, len(request.docs))

    tokens = await run_longest_first(model, inputs, ["logits"], finished)
    logits = np.full(len(request.docs), -np.inf)
    for owner, numbers in enumerate(each):
        logits[numbers] = best[owner]
    scores = sigmoid(logits)
    results = [
        RankedText(
            int(i), float(scores[i]), request.originals[i], float(logits[i]) if logits[i] > -np.inf else None
        )
        for i in np.argsort(-logits, kind="stable")[: request.top_k]
    ]
    read = len(request.docs) - blank
    return Ranking(tuple(results), Usage(tokens, len(request.docs) + 1, read - len(places)), model.used)
