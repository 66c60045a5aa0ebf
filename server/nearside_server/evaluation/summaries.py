"""summaries: how near is the one sentence chosen to what people wrote? `DIR/summaries/texts.jsonl`: source,
targets (references)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nearside.engine.client import Client
from nearside.retrieval.sentences import sentences
from nearside.types import OnCount
from nearside_server.evaluation.data import BadData, read_lines
from nearside_server.evaluation.metrics import mean_interval
from nearside_server.evaluation.rouge import rouge_l, rouge_n


async def evaluate(
    client: Client, data: Path, limit: int | None, model: str | None, on_progress: OnCount | None
) -> dict[str, Any]:
    """ROUGE-1, -2 and -L (0 to 100, the best over the references) of `Client.summarize` in the style
    "headline", and of the first sentence, its floor. `limit`: the first texts only. Raises `BadData`, and
    what `Client.summarize` raises."""
    items = load(data / "summaries")[:limit]
    made, first = [], []
    used = None
    for number, (source, targets) in enumerate(items):
        summary = await client.summarize(source, style="headline", model=model, mode="local-only")
        used = summary.model
        made.append(scores(summary.summary, targets))
        lead = sentences(source)[0]
        first.append(scores(source[lead.start : lead.end], targets))
        if on_progress is not None:
            on_progress(number + 1, len(items))
    figures: dict[str, Any] = {"suite": "summaries", "n": len(items)}
    for prefix, rows in (("", made), ("lead1_", first)):
        for name, values in zip(("rouge1", "rouge2", "rougeL"), np.asarray(rows).T, strict=True):
            figures[prefix + name] = float(values.mean())
            figures[f"{prefix}{name}_interval"] = mean_interval(values)
    return {**figures, "model": used}


def load(folder: Path) -> list[tuple[str, list[str]]]:
    """Sources with their references; a source may be a list of sentences. Raises `BadData`."""
    items = []
    for line in read_lines(folder, "texts.jsonl", {"source": (str, list), "targets": list}):
        source = line["source"] if isinstance(line["source"], str) else " ".join(map(str, line["source"]))
        targets = [target for target in line["targets"] if isinstance(target, str) and target.strip()]
        if not source.strip() or not targets:
            raise BadData(f"{folder / 'texts.jsonl'} has a line without a text or without a reference.")
        items.append((source, targets))
    return items


def scores(made: str, targets: Sequence[str]) -> tuple[float, float, float]:
    """ROUGE-1, -2 and -L in per cent, each the best over the references."""
    return (
        100 * max(rouge_n(target, made, 1) for target in targets),
        100 * max(rouge_n(target, made, 2) for target in targets),
        100 * max(rouge_l(target, made) for target in targets),
    )
