"""Results as the page knows them: camelCase names, UTF-16 offsets. Numpy arrays stay numpy arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nearside.models.catalog import ModelEntry
from nearside.types import (
    Answer,
    AnswerSpan,
    Citation,
    Classification,
    ClassifierInfo,
    Decision,
    DocumentHit,
    DocumentInfo,
    Generated,
    Labels,
    Language,
    ModelUsed,
    SearchHit,
    Span,
    Summary,
    Usage,
)
from nearside.wire.utf16 import utf16_offsets

if TYPE_CHECKING:  # these come with the second wheel
    from nearside.models.check import Check
    from nearside.models.recommend import Recommendation


def used(model: ModelUsed) -> dict[str, Any]:
    """Who answered."""
    return {
        "id": model.id,
        "revision": model.revision,
        "dtype": model.dtype,
        "backend": model.backend,
        "sha256": model.sha256,
    }


def usage(used: Usage) -> dict[str, Any]:
    """What a call cost."""
    return {"tokens": used.tokens, "texts": used.texts, "cached": used.cached, "written": used.written}


def decision(made: Decision | None) -> dict[str, Any] | None:
    """Which side answered and why."""
    if made is None:
        return None
    escalated = made.escalated_from
    return {
        "id": made.id,
        "tier": made.tier,
        "model": made.model,
        "mode": made.mode,
        "reasons": [{"rule": reason.rule, "text": reason.text} for reason in made.reasons],
        "explanation": made.explanation,
        "candidates": [
            {"tier": one.tier, "model": one.model, "removedBy": one.removed_by} for one in made.candidates
        ],
        "escalatedFrom": None
        if escalated is None
        else {"tier": escalated.tier, "code": escalated.code, "message": escalated.message},
        "cost": made.cost,
        "saved": made.saved,
        "policy": made.policy,
    }


def answered(result: Any) -> dict[str, Any]:
    """What every result says beside its own: usage, decision, model."""
    return {
        "usage": usage(result.usage),
        "decision": decision(result.decision),
        "model": used(result.model),
    }


def _spans(text: str, spans: Sequence[Span]) -> list[dict[str, int]]:
    marks = utf16_offsets(text, [place for span in spans for place in (span.start, span.end)])
    return [{"start": a, "end": b} for a, b in zip(marks[::2], marks[1::2], strict=True)]


def search_hit(hit: SearchHit, docs: Sequence[str]) -> dict[str, Any]:
    """A find in the texts given."""
    start, end = utf16_offsets(docs[hit.index], (hit.start, hit.end))
    return {
        "index": hit.index,
        "score": hit.score,
        "text": hit.text,
        "start": start,
        "end": end,
        "highlights": _spans(hit.text, hit.highlights),
    }


def document_hit(hit: DocumentHit, text: str) -> dict[str, Any]:
    """A find in a kept document, whose whole text is `text`."""
    start, end = utf16_offsets(text, (hit.start, hit.end))
    return {
        "id": hit.id,
        "name": hit.name,
        "score": hit.score,
        "text": hit.text,
        "start": start,
        "end": end,
        "highlights": _spans(hit.text, hit.highlights),
    }


def document(info: DocumentInfo) -> dict[str, Any]:
    """A kept document."""
    return {
        "id": info.id,
        "name": info.name,
        "kind": info.kind,
        "characters": info.units,
        "passages": info.passages,
        "added": round(info.added * 1000),
        "current": info.current,
    }


def labels(one: Labels) -> dict[str, Any]:
    """Labels of one text."""
    return {"labels": list(one.labels), "scores": list(one.scores)}


def classification(result: Classification, single: bool) -> dict[str, Any]:
    """The labels of one text, or of each under `results`."""
    if single:
        return {**labels(result.results[0]), **answered(result)}
    return {"results": [labels(one) for one in result.results], **answered(result)}


def classifier(info: ClassifierInfo) -> dict[str, Any]:
    """A taught classifier."""
    return {
        "id": info.id,
        "name": info.name,
        "labels": list(info.labels),
        "examples": info.examples,
        "model": info.model,
        "created": round(info.created * 1000),
    }


def summary(result: Summary, text: str) -> dict[str, Any]:
    """A summary of `text`."""
    places = utf16_offsets(text, [place for one in result.sentences for place in (one.start, one.end)])
    sentences = [
        {"text": one.text, "start": start, "end": end, "score": one.score}
        for one, start, end in zip(result.sentences, places[::2], places[1::2], strict=True)
    ]
    return {"summary": result.summary, "sentences": sentences, **answered(result)}


def _answer_span(span: AnswerSpan, context: str) -> dict[str, Any]:
    start, end = span.start, span.end
    if start is not None and end is not None:
        start, end = utf16_offsets(context, (start, end))
    return {"answer": span.answer, "score": span.score, "start": start, "end": end}


def answer(result: Answer, context: str) -> dict[str, Any]:
    """An answer from `context`."""
    return {
        **_answer_span(result.best, context),
        "alternatives": [_answer_span(span, context) for span in result.alternatives],
        "noAnswer": result.no_answer,
        **answered(result),
    }


def language(result: Language) -> dict[str, Any]:
    """A text's language."""
    return {
        "language": result.language,
        "name": result.name,
        "confidence": result.confidence,
        "alternatives": [
            {"language": code, "confidence": confidence} for code, confidence in result.alternatives
        ],
        "decision": decision(result.decision),
    }


def citations(made: Sequence[Citation], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Where an answer's sentences stand; `texts` are the cited documents by id."""
    shown = []
    for one in made:
        start, end = utf16_offsets(texts.get(one.id, ""), (one.start, one.end))
        shown.append(
            {
                "number": one.number,
                "id": one.id,
                "name": one.name,
                "text": one.text,
                "start": start,
                "end": end,
                "score": one.score,
            }
        )
    return shown


def generated(result: Generated, texts: Mapping[str, str]) -> dict[str, Any]:
    """An answer to a prompt."""
    return {
        "text": result.text,
        "finishReason": result.finish_reason,
        "citations": citations(result.citations, texts),
        "found": result.found,
        **answered(result),
    }


def model_entry(entry: ModelEntry) -> dict[str, Any]:
    """A line of `models.list`."""
    return {
        "id": entry.id,
        "revision": entry.revision,
        "task": entry.task,
        "bytes": entry.bytes,
        "stored": entry.stored,
        "loaded": entry.loaded,
        "dtype": entry.dtype,
        "backend": entry.backend,
        "license": entry.license,
        "languages": list(entry.languages),
        "source": entry.source,
        "starter": entry.starter,
        "lastUsed": None if entry.last_used is None else round(entry.last_used * 1000),
    }


def check(made: Check) -> dict[str, Any]:
    """Whether and how a model runs here."""
    return {
        "id": made.id,
        "verdict": made.verdict,
        "dtype": made.dtype,
        "backend": made.backend,
        "bytes": made.bytes,
        "exact": made.exact,
        "memory": made.memory,
        "stored": made.stored,
        "window": made.window,
        "languages": list(made.languages),
        "license": made.license,
        "reasons": list(made.reasons),
        "smaller": made.smaller,
        "thinks": made.thinks,
    }


def recommendation(made: Recommendation) -> dict[str, Any]:
    """Which model to use for a task."""
    return {
        "task": made.task,
        "model": None if made.model is None else check(made.model),
        "others": [check(one) for one in made.others],
        "reasons": list(made.reasons),
    }


def camel(value: Any) -> Any:
    """A record's plain values with camelCase keys."""
    if isinstance(value, Mapping):
        return {_camel_name(name): camel(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [camel(one) for one in value]
    return value


def _camel_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
