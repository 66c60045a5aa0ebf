"""similarity: do the scores order pairs of sentences as people do? `DIR/similarity/pairs.jsonl`: s1, s2,
score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.engine.client import Client
from nearside.retrieval.words import terms
from nearside.types import OnCount
from nearside_server.evaluation.data import read_lines
from nearside_server.evaluation.metrics import interval, spearman


async def evaluate(
    client: Client, data: Path, limit: int | None, model: str | None, on_progress: OnCount | None
) -> dict[str, Any]:
    """Spearman's correlation of cosines and people's scores, and the same for tf-idf, its floor. `limit`: the
    first pairs only. Raises `BadData`, and what `Client.embed` raises."""
    number = (int, float)
    pairs = read_lines(data / "similarity", "pairs.jsonl", {"s1": str, "s2": str, "score": number})[:limit]
    people = np.asarray([pair["score"] for pair in pairs], np.float64)
    firsts, seconds = [pair["s1"] for pair in pairs], [pair["s2"] for pair in pairs]
    made = await client.embed([*firsts, *seconds], model=model, on_progress=on_progress)
    scores = np.sum(made.embeddings[: len(pairs)] * made.embeddings[len(pairs) :], axis=1)
    return {
        "suite": "similarity",
        "n": len(pairs),
        **_figure("spearman", people, scores),
        **_figure("tfidf_spearman", people, tfidf_cosines(firsts, seconds)),
        "model": made.model,
    }


def _figure(name: str, people: NDArray[np.floating], scores: NDArray[np.floating]) -> dict[str, Any]:
    return {
        name: spearman(people, scores),
        f"{name}_interval": interval(len(people), lambda chosen: spearman(people[chosen], scores[chosen])),
    }


def tfidf_cosines(firsts: list[str], seconds: list[str]) -> NDArray[np.float64]:
    """The cosine of each pair's word counts, weighted by ln(N / n): the floor that knows no meanings."""
    bags = [terms(text) for text in (*firsts, *seconds)]
    having: dict[str, int] = {}
    for bag in bags:
        for term in set(bag):
            having[term] = having.get(term, 0) + 1
    weight = {term: float(np.log(len(bags) / n)) for term, n in having.items()}
    made = []
    for a, b in zip(bags[: len(firsts)], bags[len(firsts) :], strict=True):
        x, y = (_weigh(bag, weight) for bag in (a, b))
        scale = np.sqrt(sum(v * v for v in x.values()) * sum(v * v for v in y.values()))
        made.append(sum(v * y.get(term, 0.0) for term, v in x.items()) / scale if scale > 0 else 0.0)
    return np.asarray(made, np.float64)


def _weigh(bag: list[str], weight: dict[str, float]) -> dict[str, float]:
    counts: dict[str, float] = {}
    for term in bag:
        counts[term] = counts.get(term, 0.0) + weight[term]
    return counts
