"""sentiment: is a text for or against? `DIR/sentiment/`: test and (for the taught figures) train (text,
label; 0 is negative and 1 positive, or words)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from nearside.engine.client import Client
from nearside.types import Classification, OnCount
from nearside_server.evaluation.data import BadData, read_lines
from nearside_server.evaluation.intents import centroids
from nearside_server.evaluation.metrics import mean_interval

NAMES = {"0": "negative", "1": "positive"}


async def evaluate(
    client: Client, data: Path, limit: int | None, model: str | None, on_progress: OnCount | None
) -> dict[str, Any]:
    """The accuracy of `Client.zero_shot` with the labels' names, and of the most frequent label, its floor;
    where there are training texts, that of `Client.teach` with all of them, and of the nearest centroid, its
    floor. `limit`: the first test texts only. Raises `BadData`, and what these calls raise."""
    test = load(data / "sentiment", "test.jsonl")[:limit]
    texts, wanted = [text for text, _ in test], [label for _, label in test]
    names = sorted(set(wanted))
    if len(names) < 2:
        raise BadData(f"{data / 'sentiment' / 'test.jsonl'} has one label only.")
    asked = await client.zero_shot(texts, names, model=model, on_progress=on_progress, mode="local-only")
    most = Counter(wanted).most_common(1)[0][0]
    hits = {"": _right(asked, wanted), "majority_": [label == most for label in wanted]}
    figures: dict[str, Any] = {"suite": "sentiment", "n": len(test)}
    if (data / "sentiment" / "train.jsonl").exists():
        train = load(data / "sentiment", "train.jsonl")
        figures["examples"] = len(train)
        classifier = await client.teach(train, name="eval", model=model)
        hits["taught_"] = _right(await classifier.classify(texts), wanted)
        await classifier.delete()
        rows = (await client.embed(texts, model=model)).embeddings
        vectors = (await client.embed([text for text, _ in train], model=model)).embeddings
        owners = [label for _, label in train]
        nearest = centroids(vectors, owners, sorted(set(owners)), rows)
        hits["centroid_"] = [found == label for found, label in zip(nearest, wanted, strict=True)]
    for prefix, values in hits.items():
        figures[f"{prefix}accuracy"] = float(np.mean(values))
        figures[f"{prefix}accuracy_interval"] = mean_interval(values)
    return {**figures, "model": asked.model}


def load(folder: Path, name: str) -> list[tuple[str, str]]:
    """Texts with their labels as words. Raises `BadData`."""
    lines = read_lines(folder, name, {"text": str, "label": (int, str)})
    return [(line["text"], NAMES.get(str(line["label"]), str(line["label"]))) for line in lines]


def _right(made: Classification, wanted: list[str]) -> list[bool]:
    return [found.labels[0] == label for found, label in zip(made.results, wanted, strict=True)]
