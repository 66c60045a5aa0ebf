"""qa: does the chosen sentence hold the answer? `DIR/qa/`: paragraphs (id, text), questions (paragraph,
question, answers [{text, start}])."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nearside.engine.client import Client
from nearside.retrieval.sentences import sentences
from nearside.retrieval.words import terms
from nearside.types import OnCount, Span
from nearside_server.evaluation.data import BadData, read_lines
from nearside_server.evaluation.metrics import mean_interval


async def evaluate(
    client: Client, data: Path, limit: int | None, model: str | None, on_progress: OnCount | None
) -> dict[str, Any]:
    """How often the best sentence of `Client.answer` holds an answer, and those of its floors: embeddings
    alone, and the most words of the question. `limit`: the first questions only. Raises `BadData`, and what
    `Client.answer` raises."""
    texts, questions = load(data / "qa")
    questions = questions[:limit]
    places = {id: sentences(text) for id, text in texts.items()}
    asked = (await client.embed([item["question"] for item in questions], model=model)).embeddings
    hits: dict[str, list[bool]] = {"": [], "embeddings_": [], "words_": []}
    used = None
    for number, (item, vector) in enumerate(zip(questions, asked, strict=True)):
        context = texts[item["paragraph"]]
        found = await client.answer(item["question"], context, top_k=1, model=model, mode="local-only")
        used = found.model
        best = Span(found.best.start or 0, found.best.end or 0)
        hits[""].append(holds(best, item["answers"]))
        spans = places[item["paragraph"]]
        parts = [context[span.start : span.end] for span in spans]
        rows = (await client.embed(parts, model=model)).embeddings
        hits["embeddings_"].append(holds(spans[int(np.argmax(rows @ vector))], item["answers"]))
        hits["words_"].append(holds(spans[most_words(item["question"], parts)], item["answers"]))
        if on_progress is not None:
            on_progress(number + 1, len(questions))
    figures: dict[str, Any] = {"suite": "qa", "n": len(questions)}
    for prefix, values in hits.items():
        figures[f"{prefix}sentence_accuracy"] = float(np.mean(values))
        figures[f"{prefix}sentence_accuracy_interval"] = mean_interval(values)
    return {**figures, "model": used}


def load(folder: Path) -> tuple[dict[Any, str], list[dict[str, Any]]]:
    """The paragraphs by id, and the questions. Raises `BadData`, also for a question about a paragraph that
    is not there and for an answer without a text and a place."""
    identity = (int, str)
    paragraphs = read_lines(folder, "paragraphs.jsonl", {"id": identity, "text": str})
    questions = read_lines(
        folder, "questions.jsonl", {"paragraph": identity, "question": str, "answers": list}
    )
    texts = {paragraph["id"]: paragraph["text"] for paragraph in paragraphs}
    for item in questions:
        if not texts.get(item["paragraph"], "").strip():
            raise BadData(
                f"{folder / 'questions.jsonl'} asks about the paragraph {item['paragraph']!r}: no text."
            )
        for answer in item["answers"]:
            good = isinstance(answer, dict) and isinstance(answer.get("text"), str)
            if not good or not isinstance(answer.get("start"), int):
                raise BadData(f"{folder / 'questions.jsonl'} has the answer {answer!r:.60}.")
    return texts, questions


def holds(span: Span, answers: Sequence[dict[str, Any]]) -> bool:
    """Whether the whole of an answer is there."""
    return any(
        span.start <= answer["start"] and answer["start"] + len(answer["text"]) <= span.end
        for answer in answers
    )


def most_words(question: str, parts: Sequence[str]) -> int:
    """The number of the part with the most different words of the question; the first of equal ones."""
    wanted = set(terms(question))
    return int(np.argmax([len(wanted & set(terms(part))) for part in parts]))
