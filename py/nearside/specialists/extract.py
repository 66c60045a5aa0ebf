"""extract: the values that a text gives for a schema, each with where it stands.

With a model that writes, the model fills the schema (its tokens are held to it), and the values are looked up
in the text again. Without one, what can be recognised is: by its looks and by what stands beside it, names by
a model for entities where there is one, and what is left by the sentence that answers best. Nothing is given
that does not fit its field."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from nearside.errors import InvalidInput
from nearside.models.loaded import LoadedModel, OpenModel
from nearside.models.vectors import VectorCache
from nearside.ports.cloud import Cloud
from nearside.specialists import schema as schemas
from nearside.specialists.evidence import Evidence, politely
from nearside.specialists.matching import Value, by_patterns, fitted
from nearside.specialists.patterns import Places
from nearside.specialists.schema import Field, Unfit
from nearside.specialists.words import entity_types, kinds, words
from nearside.tasks import answer as sentences
from nearside.tasks.asking import added, ask, parsed, unusable, used
from nearside.tasks.embed import checked_text
from nearside.types import Entity, Extraction, FieldSource, OnCount, Usage

_MOST_ITEMS = 1000  # of a list that a model wrote
_MOST_GIVEN = 10_000  # of those that are looked at
_SENTENCE = 0.25  # the least score of a sentence whose value is taken: it must have the field's word, too
_READ = 0.3  # the least score of an answer that a model for questions gives
_FREE = frozenset(("summary", "description", "subject", "reason", "topic", "note", "comment", "message"))
_TYPES = {"PERSON": "PER", "ORGANIZATION": "ORG", "ORGANISATION": "ORG", "LOCATION": "LOC", "GPE": "LOC"}
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")

_FAR = """You extract data from a text. The JSON object has "text" and "schema" (a JSON schema).
Answer with nothing but JSON: {"value": <an object that fits the schema>}. Copy strings from the text word for
word; dates as YYYY-MM-DD, numbers as JSON numbers. Leave out what the text does not say; never invent."""


class Engine(Protocol):
    """What is used of the engine (`engine.core.Core`): its vectors, and the other models on this device."""

    vectors: VectorCache
    choice: Any
    pipeline: Any

    async def model(self, told: Any) -> OpenModel:
        """The open model that `told` (an `engine.pipeline.Near`) names."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request: `text` well-formed for the tokenizer, `original` as the caller gave it; `given` is
    the schema as it came, `root` what it says."""

    text: str
    original: str
    given: Mapping[str, Any]
    root: Field


def checked(text: object, schema: object) -> Request:
    """The request, or `InvalidInput` / `InvalidOption` that says what is wrong with it."""
    ready = checked_text(text, "text")
    if not ready.strip():
        raise InvalidInput("The text is empty.", hint="Give the text to extract from.")
    root = schemas.checked(schema)
    return Request(ready, str(text), dict(schema) if isinstance(schema, Mapping) else {}, root)


async def near(
    core: Engine, model: OpenModel, told: Any, request: Request, on_progress: OnCount | None = None
) -> Extraction:
    """What this device finds. `on_progress` counts the schema's fields, lists as one.

    Raises `UnsupportedModel` for a model of another kind, and what `Lane.run` raises."""
    if model.kind == "generate":
        from nearside.specialists.filling import filled

        return await filled(model, request, on_progress)
    if not isinstance(model, LoadedModel):
        raise model.refuse("extraction")
    evidence = Evidence(request.text)
    made = await by_patterns(evidence, request.root)
    usage = Usage(0, 1, 0)
    total = sum(1 for _ in request.root.leaves())
    _tell(on_progress, request.root, made, total)
    found, cost = await _entities(core, told, request, made)
    made, usage = {**by_entities(request.root, found, made), **made}, added(usage, cost)
    _tell(on_progress, request.root, made, total)
    answered, cost = await _answers(core, model, told, evidence, request, made)
    made, usage = {**answered, **made}, added(usage, cost)
    if on_progress is not None:
        on_progress(total, total)
    return result(request, made, replace(usage, texts=1), model)


def _tell(on_progress: OnCount | None, root: Field, made: Mapping[str, Value], total: int) -> None:
    if on_progress is not None and total:
        on_progress(min(total - len(_missing(root, made)), total - 1), total)


def result(request: Request, made: Mapping[str, Value], usage: Usage, model: OpenModel) -> Extraction:
    """The extraction that these values make."""
    fields = {path: made[path].source for path in _ordered(request.root, made)}
    values = assembled({path: made[path].value for path in fields})
    return Extraction(values, fields, _missing(request.root, made), usage, model.used)


def _ordered(root: Field, made: Mapping[str, Value]) -> list[str]:
    order = {path: number for number, (path, _) in enumerate(root.leaves())}
    return sorted(made, key=lambda path: (order.get(path.split("[")[0], len(order)), _numbers(path)))


def _numbers(path: str) -> list[int]:
    return [int(number) for number in re.findall(r"\[(\d+)\]", path)]


def _missing(root: Field, made: Mapping[str, Value]) -> tuple[str, ...]:
    have = {path.split("[")[0] for path in made}
    return tuple(path for path, _ in root.leaves() if path not in have)


def assembled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by path ("items[0].price") as one object."""
    made: dict[str, Any] = {}
    for path, value in values.items():
        steps = [name if name else int(number) for name, number in _STEP.findall(path)]
        place: Any = made
        for step, after in zip(steps, [*steps[1:], None], strict=True):
            inner: Any = value if after is None else [] if isinstance(after, int) else {}
            if isinstance(step, int):
                if step >= len(place):
                    place.append(inner)
                place = place[step]
            else:
                place = place.setdefault(step, inner)
    return made


async def _entities(
    core: Engine, told: Any, request: Request, made: Mapping[str, Value]
) -> tuple[tuple[Entity, ...], Usage]:
    """The text's entities, where fields that are left could be one and a model on this device finds them."""
    left = [field for path, field in request.root.leaves() if path not in made]
    if not any(entity_types(field.item or field) for field in left):
        return (), Usage(0, 0, 0)
    model = await _other(core, told, "extractEntities", "entities")
    if model is None:
        return (), Usage(0, 0, 0)
    from nearside.specialists import entities

    found = await entities.near(model, entities.checked([request.text], "simple", None), None)
    return found.entities, found.usage


async def _other(core: Engine, told: Any, task: str, kind: Any) -> OpenModel | None:
    """Another model on this device, None where there is none of that kind."""
    id, _ = await core.choice.near_model(task, (kind,), None, core.pipeline.settings)
    return None if id is None else await core.model(replace(told, model=id))


def by_entities(root: Field, found: tuple[Entity, ...], made: Mapping[str, Value]) -> dict[str, Value]:
    """Entities as the values of fields that are left: of each type in their order, none twice; a list gets
    all of its type."""
    taken = Places((one.source.start or 0, one.source.end or 0) for one in made.values())
    left = [one for one in found if not taken.touch(one.start, one.end)]
    values: dict[str, Value] = {}
    for path, field in root.leaves():
        if path in made or any(place.startswith(f"{path}[") for place in made):
            continue
        types = entity_types(field.item or field)
        fits = [one for kind in types for one in left if _TYPES.get(one.type, one.type) == kind]
        if field.kind != "array":
            for one in fits[:1]:
                left = [other for other in left if other.text != one.text]
                values |= _entity(path, field, one)
            continue
        for one in {one.text: one for one in reversed(fits)}.values():
            number = sum(1 for place in values if place.startswith(f"{path}["))
            values |= _entity(f"{path}[{number}]", field.item or field, one)
    return values


def _entity(path: str, field: Field, one: Entity) -> dict[str, Value]:
    try:
        value = schemas.fit(field, one.text)
    except Unfit:
        return {}
    return {path: Value(path, value, FieldSource("entity", one.start, one.end, one.score))}


async def _answers(
    core: Engine,
    model: LoadedModel,
    told: Any,
    evidence: Evidence,
    request: Request,
    made: Mapping[str, Value],
) -> tuple[dict[str, Value], Usage]:
    """What the text answers to a question for each plain field that is left."""
    usage = Usage(0, 0, 0)
    left = [
        (path, field)
        for path, field in request.root.leaves()
        if path not in made and field.kind not in ("array", "boolean") and not field.choices
    ]
    if not left:
        return {}, usage
    reader = await _other(core, told, "answer", "answer")
    values: dict[str, Value] = {}
    for path, field in left:
        if reader is None and not kinds(field) and not words(field.name) & _FREE:
            continue  # a sentence is no name
        asked = sentences.checked(question(path, field), request.text, 1)
        if reader is None:
            told_ = await sentences.near(model, core.vectors, asked)
        else:
            from nearside.specialists import answer

            told_ = await answer.near(reader, asked, None)
        usage = added(usage, told_.usage)
        best = told_.best
        if best.score < (_SENTENCE if reader is None else _READ) or best.start is None or best.end is None:
            continue
        if reader is not None and (told_.no_answer or 0.0) > best.score:
            continue
        value = await _inside(
            evidence, path, field, best.start, best.end, best.score, whole=reader is not None
        )
        if value is not None and not _used(value, made, values):
            values[path] = value
    return values, usage


def _used(value: Value, *known: Mapping[str, Value]) -> bool:
    """Whether the place is another field's value."""
    start, end = value.source.start or 0, value.source.end or 0
    places = [(one.source.start or 0, one.source.end or 0) for made in known for one in made.values()]
    return any(a < end and start < b for a, b in places)


def question(path: str, field: Field) -> str:
    """What is asked for a field: its description where that is a question, else its name as one."""
    if field.description.rstrip().endswith("?"):
        return field.description
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", path).replace("_", " ").replace(".", " ").lower()
    more = f" ({field.description})" if field.description else ""
    return f"What is the {name}{more}?"


async def _inside(
    evidence: Evidence, path: str, field: Field, start: int, end: int, score: float, *, whole: bool
) -> Value | None:
    """The field's value inside an answer: the only find of its kind there, or all of it for free text."""
    wanted = kinds(field)
    if wanted:
        found = [one for one in await evidence.all(wanted[0]) if start <= one.start and one.end <= end]
        said = words(evidence.text[start:end])
        if len(found) != 1 or (not whole and not words(field.name) & said):
            return None
        start, end = found[0].start, found[0].end
    try:
        value = fitted(evidence, field, evidence.text[start:end])
    except Unfit:
        return None
    return Value(path, value, FieldSource("answer", start, end, round(score, 4)))


async def far(cloud: Cloud, alias: str, request: Request) -> Extraction:
    """A far model's extraction; a value's place is where it stands in the text. Raises as `Cloud.stream`;
    `CloudFailed` when the answer is not what was asked for."""
    text, usage = await ask(cloud, alias, _FAR, {"text": request.text, "schema": request.given})
    answer = parsed(text)
    value = answer.get("value")
    if not isinstance(value, dict):
        raise unusable()
    made = await taken(request, value, "model")
    fields = {path: made[path].source for path in _ordered(request.root, made)}
    values = assembled({path: made[path].value for path in fields})
    return Extraction(values, fields, _missing(request.root, made), usage, used(alias))


async def taken(request: Request, value: Mapping[str, Any], method: str) -> dict[str, Value]:
    """What fits the schema of an object that a model wrote, each value with its place in the text where it
    stands there; of a list without `maxItems` the first `_MOST_ITEMS`."""
    evidence = Evidence(request.text)
    made: dict[str, Value] = {}

    async def walk(field: Field, given: Any, path: str) -> None:
        if given is None:
            return
        if field.kind == "object":
            for inner in field.fields if isinstance(given, Mapping) else ():
                await walk(inner, given.get(inner.name), f"{path}.{inner.name}" if path else inner.name)
        elif field.kind == "array" and field.item is not None:
            number = 0
            most = _MOST_ITEMS if field.most is None else int(field.most)
            async for one in politely(given[:_MOST_GIVEN] if isinstance(given, list) else ()):
                if number >= most:
                    break
                before = len(made)
                await walk(field.item, one, f"{path}[{number}]")
                number += len(made) > before
        else:
            try:
                fits = fitted(evidence, field, given)
            except Unfit:
                return
            await asyncio.sleep(0)
            start, end = await _place(evidence, field, fits, given)
            made[path] = Value(path, fits, FieldSource(method, start, end, None))

    await walk(request.root, value, "")
    return made


async def _place(evidence: Evidence, field: Field, value: Any, given: Any) -> tuple[int | None, int | None]:
    """Where a value stands in the text, (None, None) where it does not."""
    if field.kind in ("number", "integer", "date"):
        return (await evidence.values(field.kind == "date")).get(value, (None, None))
    if field.kind == "boolean":
        return None, None
    return evidence.place(str(value)) or evidence.place(str(given)) or (None, None)
