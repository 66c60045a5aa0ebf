"""Extraction with a model that writes: its tokens are held to the schema, and what it wrote is checked and
looked up in the text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nearside.generation import instructed
from nearside.models.loaded import OpenModel
from nearside.specialists.extract import Request, result, taken
from nearside.specialists.schema import Field
from nearside.tasks.embed import cut_politely
from nearside.types import Extraction, OnCount, Usage

_TASK = """Extract data from the text of the user. Copy strings word for word. Leave out what the text does
not say; never invent."""
_MORE = 160  # tokens of the task beside the schema, and of the template
_MOST_ITEMS = 100
_LONGEST = 500  # characters of a string
_PER_FIELD = 60  # tokens that a field's value takes at most, on the average


async def filled(model: OpenModel, request: Request, on_progress: OnCount | None = None) -> Extraction:
    """What the model finds. A text that is longer than its window is read in parts: a field keeps the first
    value, lists grow. `on_progress` counts the parts. Raises what `instructed.write` raises."""
    schema = form(request.root)
    room = instructed.room(model, model.tokenizer.count([json.dumps(schema)])[0] + _MORE)
    spans = (await cut_politely([request.text], room, model.tokenizer.count))[0]
    asked = {"name": "extraction", "schema": schema}
    parameters = {"response_format": {"type": "json_schema", "json_schema": asked}}
    limit = _PER_FIELD * (2 + sum(1 for _ in request.root.leaves()))
    value: dict[str, Any] = {}
    read = written = 0
    for number, span in enumerate(spans):
        text = request.text[span.start : span.end]
        one = await instructed.write(model, _TASK, text, limit, parameters=parameters)
        read, written = read + one.read, written + one.written
        value = merged(value, parsed(one.text))
        if on_progress is not None:
            on_progress(number + 1, len(spans))
    return result(request, await taken(request, value, "model"), Usage(read, 1, 0, written), model)


def form(field: Field) -> dict[str, Any]:
    """The schema that a model's answer is held to: the same fields, each of which it may leave out. What else
    they ask for (patterns, bounds, other formats than dates) is checked afterwards."""
    made: dict[str, Any] = {}
    if field.choices:
        made = {"enum": list(field.choices)}
    elif field.kind == "object":
        properties = {one.name: form(one) for one in field.fields}
        made = {"type": "object", "properties": properties, "additionalProperties": False}
    elif field.kind == "array" and field.item is not None:
        most = _MOST_ITEMS if field.most is None else int(field.most)
        made = {"type": "array", "items": form(field.item), "maxItems": most}
    elif field.kind == "date":
        made = {"type": "string", "format": "date"}
    elif field.kind == "string":
        made = {"type": "string", "maxLength": _LONGEST}
    else:
        made = {"type": field.kind}
    return {**made, "description": field.description} if field.description else made


def parsed(text: str) -> dict[str, Any]:
    """The JSON object in an answer; of one that was cut off what is complete; {} where there is none."""
    start = text.find("{")
    if start < 0:
        return {}
    for attempt in (text[start : text.rfind("}") + 1], closed(text[start:])):
        try:
            made = json.loads(attempt)
        except (ValueError, RecursionError):
            continue
        if isinstance(made, dict):
            return made
    return {}


def closed(text: str) -> str:
    """JSON that breaks off, without its last member and with the brackets that are open closed."""
    stack: list[str] = []
    complete, quoted, escaped = "{}", False, False
    for place, char in enumerate(text):
        if quoted:
            escaped, quoted = char == "\\" and not escaped, char != '"' or escaped
        elif char == '"':
            quoted = True
        elif char in "{[":
            stack.append("}" if char == "{" else "]")
            complete = text[: place + 1] + "".join(reversed(stack))
        elif char in "}]" and stack:
            stack.pop()
            complete = text[: place + 1] + "".join(reversed(stack))
        elif char == ",":
            complete = text[:place] + "".join(reversed(stack))
    return complete


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both objects: lists joined, objects merged, of plain values the first."""
    made = dict(one)
    for key, value in other.items():
        known = made.get(key)
        if isinstance(known, list) and isinstance(value, list):
            made[key] = [*known, *value]
        elif isinstance(known, Mapping) and isinstance(value, Mapping):
            made[key] = merged(known, value)
        elif known is None:
            made[key] = value
    return made
