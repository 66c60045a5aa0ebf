"""Results of the tasks that need a model of their own, as the page knows them: see `shapes`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nearside.types import Entities, Entity, Extraction, Transcript, Translation
from nearside.wire.shapes import answered
from nearside.wire.utf16 import utf16_offsets


def _entities_of(found: Sequence[Entity], text: str) -> list[dict[str, Any]]:
    places = utf16_offsets(text, [place for one in found for place in (one.start, one.end)])
    return [
        {"text": one.text, "type": one.type, "start": start, "end": end, "score": one.score}
        for one, start, end in zip(found, places[::2], places[1::2], strict=True)
    ]


def entities(result: Entities, texts: str | Sequence[str]) -> dict[str, Any]:
    """The entities of one text, or those of each under `results`."""
    if isinstance(texts, str):
        return {"entities": _entities_of(result.results[0], texts), **answered(result)}
    pairs = zip(result.results, texts, strict=True)
    return {"results": [{"entities": _entities_of(*pair)} for pair in pairs], **answered(result)}


def extraction(result: Extraction, text: str) -> dict[str, Any]:
    """What a text gives for a schema."""
    fields = {}
    for path, source in result.fields.items():
        start, end = source.start, source.end
        if start is not None and end is not None:
            start, end = utf16_offsets(text, (start, end))
        fields[path] = {"method": source.method, "start": start, "end": end, "score": source.score}
    return {
        "value": dict(result.value),
        "fields": fields,
        "missing": list(result.missing),
        **answered(result),
    }


def translation(result: Translation) -> dict[str, Any]:
    """A translated text."""
    return {"text": result.text, "from": result.source, "to": result.target, **answered(result)}


def transcript(result: Transcript) -> dict[str, Any]:
    """What was said, in seconds from the beginning."""
    return {
        "text": result.text,
        "segments": [{"text": one.text, "start": one.start, "end": one.end} for one in result.segments],
        "language": result.language,
        "duration": result.duration,
        **answered(result),
    }
