"""intents: how well does a classifier do that was taught with few examples? `DIR/intents/`: train and test
(text, label)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.engine.client import Client
from nearside.types import OnCount
from nearside_server.evaluation.data import BadData, read_lines
from nearside_server.evaluation.metrics import mean_interval

SHOTS = (1, 4, 8, 16)
DRAWS = 3
"""How often examples are drawn for each figure, which is the mean: one draw of a single example a label says
little."""

_SEED = 20240229


async def evaluate(
    client: Client, data: Path, limit: int | None, model: str | None, on_progress: OnCount | None
) -> dict[str, Any]:
    """The accuracy of `Client.teach` with 1, 4, 8 and 16 examples of each label, and of the nearest centroid,
    its floor. `limit`: the first test texts only. Raises `BadData`, and what `Client.teach` raises."""
    train = read_lines(data / "intents", "train.jsonl", {"text": str, "label": str})
    test = read_lines(data / "intents", "test.jsonl", {"text": str, "label": str})[:limit]
    labels = sorted({item["label"] for item in train})
    if len(labels) < 2:
        raise BadData(f"{data / 'intents' / 'train.jsonl'} has one label only.")
    texts = [item["text"] for item in test]
    wanted = [item["label"] for item in test]
    rows = (await client.embed(texts, model=model, on_progress=on_progress)).embeddings
    figures: dict[str, Any] = {"suite": "intents", "n": len(test), "labels": len(labels)}
    used = None
    for shots in SHOTS:
        taught, floor = np.zeros(len(test)), np.zeros(len(test))
        for draw in range(DRAWS):
            examples = drawn([(item["text"], item["label"]) for item in train], shots, draw)
            classifier = await client.teach(examples, name="eval", model=model)
            made = await classifier.classify(texts)
            await classifier.delete()
            used = made.model
            taught += [found.labels[0] == label for found, label in zip(made.results, wanted, strict=True)]
            vectors = (await client.embed([text for text, _ in examples], model=model)).embeddings
            nearest = centroids(vectors, [label for _, label in examples], labels, rows)
            floor += [found == label for found, label in zip(nearest, wanted, strict=True)]
        for name, values in (("accuracy", taught / DRAWS), ("centroid_accuracy", floor / DRAWS)):
            figures[f"{name}_{shots}"] = float(values.mean())
            figures[f"{name}_{shots}_interval"] = mean_interval(values)
    return {**figures, "model": used}


def drawn(pairs: Sequence[tuple[str, str]], shots: int, draw: int) -> list[tuple[str, str]]:
    """So many examples of each label (or all there are), another choice for each `draw`, always the same."""
    chance = np.random.default_rng((_SEED, draw))
    order = chance.permutation(len(pairs))
    taken: dict[str, int] = {}
    chosen = []
    for i in order:
        label = pairs[i][1]
        if taken.get(label, 0) < shots:
            taken[label] = taken.get(label, 0) + 1
            chosen.append(pairs[i])
    return chosen


def centroids(
    vectors: NDArray[np.float32], owners: Sequence[str], labels: Sequence[str], rows: NDArray[np.float32]
) -> list[str]:
    """For each row the label whose examples' mean points most nearly its way."""
    names = np.asarray(owners)
    means = np.stack([vectors[names == label].mean(axis=0) for label in labels])
    means /= np.maximum(np.sqrt(np.square(means).sum(axis=1, keepdims=True)), 1e-12)
    return [labels[i] for i in np.argmax(rows @ means.T, axis=1)]
