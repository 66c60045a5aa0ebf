"""JSON schemas as regular languages: the texts that are JSON and fit a schema (the JSON that models write,
with little white space)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from nearside.errors import InvalidOption
from nearside.generation.characters import ANY, quoted
from nearside.generation.pattern import NotSupported, parse
from nearside.generation.regular import EMPTY, Expression, either, one_of, optional, repeat, text, then

DEPTH = 4
"""How deep a value is nested that may be of any shape."""

INDENT = 16
"""The most spaces at the beginning of a line."""

DIGITS = 15
"""The most digits of a whole number and of a fraction: more are not exact as a float."""

MOST = 100_000
"""The largest number of items or characters that a schema may name."""

PARTS = 5000
"""The most schemas within a schema."""

Json = Mapping[str, Any]

_NOTES = frozenset(
    (
        *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
        *("$schema", "$id", "$comment", "$defs", "definitions"),
    )
)
_KEYWORDS: Mapping[str, frozenset[str]] = {
    "object": frozenset(("properties", "required", "additionalProperties")),
    "array": frozenset(("items", "minItems", "maxItems")),
    "string": frozenset(("minLength", "maxLength", "pattern", "format")),
    "number": frozenset(),
    "integer": frozenset(),
    "boolean": frozenset(),
    "null": frozenset(),
}
_PYTHON: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def of_schema(schema: object) -> Expression:
    """The texts that fit a schema. Raises `InvalidOption` that names the keyword which is not supported, or
    says that the schema is too large."""
    if not isinstance(schema, dict | bool):
        raise InvalidOption("The schema is no object.", hint='Give {"type": "object", "properties": {...}}.')
    try:
        return _Schemas(schema if isinstance(schema, dict) else {}).value(schema, ())
    except RecursionError:
        raise too_large() from None


def too_large() -> InvalidOption:
    """The error for a schema that nobody could wait for."""
    return InvalidOption(
        "The schema is too large, or nested too deep.",
        hint=f"Give one with at most {PARTS:,} parts, those counted each time that a $ref names them.",
    )


@cache
def any_object() -> Expression:
    """Any JSON object, nested up to `DEPTH` deep."""
    return _object_of(_any_value(DEPTH - 1))


def _digit(first: str = "0") -> Expression:
    return one_of(sum(1 << code for code in range(ord(first), ord("9") + 1)))


@cache
def _scalar(kind: str) -> Expression:
    if kind == "null":
        return text("null")
    if kind == "boolean":
        return either((text("true"), text("false")))
    if kind == "string":
        return _string(repeat(quoted(ANY)))
    whole = either((text("0"), then(_digit("1"), repeat(_digit(), 0, DIGITS - 1))))
    whole = then(optional(text("-")), whole)
    if kind == "integer":
        return whole
    fraction = then(text("."), repeat(_digit(), 1, DIGITS))
    sign = either((EMPTY, text("+"), text("-")))
    power = then(either((text("e"), text("E"))), sign, repeat(_digit(), 1, 2))
    return then(whole, optional(fraction), optional(power))


def _string(inner: Expression) -> Expression:
    return then(text('"'), inner, text('"'))


@cache
def _break() -> Expression:
    """White space between values: none, a space, or a new line with its indent."""
    return either((EMPTY, text(" "), then(text("\n"), repeat(text(" "), 0, INDENT))))


@cache
def _any_value(depth: int) -> Expression:
    kinds = [_scalar(kind) for kind in ("string", "number", "boolean", "null")]
    if depth > 0:
        inner = _any_value(depth - 1)
        kinds += [_array_of(inner, 0, None), _object_of(inner)]
    return either(kinds)


def _array_of(item: Expression, least: int, most: int | None) -> Expression:
    rest = repeat(then(text(","), _break(), item), max(0, least - 1), None if most is None else most - 1)
    full = then(text("["), _break(), item, rest, _break(), text("]"))
    if most == 0:
        return text("[]")
    return full if least else either((text("[]"), full))


def _object_of(value: Expression) -> Expression:
    member = then(_scalar("string"), _colon(), value)
    more = repeat(then(text(","), _break(), member))
    return either((text("{}"), then(text("{"), _break(), member, more, _break(), text("}"))))


def _colon() -> Expression:
    return then(text(":"), optional(text(" ")))


def literal(value: object) -> Expression:
    """One value, as JSON without white space."""
    try:
        return text(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    except (TypeError, ValueError):
        raise InvalidOption("A value in the schema is no JSON.", hint="See its enum and const.") from None


class _Schemas:
    """One schema document."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._parts = 0

    def value(self, schema: object, inside: tuple[str, ...]) -> Expression:
        """A value that fits; `inside` are the references that led here."""
        self._parts += 1
        if self._parts > PARTS:
            raise too_large()
        if schema is True or schema == {}:
            return _any_value(DEPTH)
        if not isinstance(schema, dict):
            raise InvalidOption("A part of the schema is no object that fits something.")
        for word, method in (
            ("$ref", self._reference),
            ("enum", self._enum),
            ("const", self._const),
            ("anyOf", self._any_of),
            ("oneOf", self._one_of),
        ):
            if word in schema:
                allowed = {word, "type"} if word in ("enum", "const") else {word}
                _only(schema, allowed)
                return method(schema, inside)
        kinds = _types(schema)
        _only(schema, {"type"}.union(*(_KEYWORDS[kind] for kind in kinds)))
        return either(self._of_kind(kind, schema, inside) for kind in kinds)

    def _of_kind(self, kind: str, schema: Json, inside: tuple[str, ...]) -> Expression:
        if kind == "object":
            return self._object(schema, inside)
        if kind == "array":
            least, most = _bounds(schema, "minItems", "maxItems")
            return _array_of(self.value(schema.get("items", True), inside), least, most)
        return _text_of(schema) if kind == "string" else _scalar(kind)

    def _object(self, schema: Json, inside: tuple[str, ...]) -> Expression:
        """The properties in the schema's order, those that are not required or not."""
        more = schema.get("additionalProperties", True)
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if not isinstance(more, bool):
            raise _unsupported("additionalProperties other than true or false")
        if not isinstance(properties, dict) or not isinstance(required, list):
            raise InvalidOption("properties is no object, or required no list.")
        if not properties and not required and more:
            return _object_of(_any_value(DEPTH - 1))
        names = [*properties, *(name for name in required if name not in properties)]
        if not more and any(name not in properties for name in required):
            raise InvalidOption("required names what is no property.")
        comma = then(text(","), _break())
        end = text("}")
        alone, later = end, then(_break(), end)  # what follows when no member came before, and when one did
        for name in reversed(names):
            member = then(literal(name), _colon(), self.value(properties.get(name, True), inside))
            after = then(member, later)
            first, following = then(_break(), after), then(comma, after)
            # Behind "{" the white space belongs to the first member that is there.
            alone = first if name in required else either((first, alone))
            later = following if name in required else either((following, later))
        return then(text("{"), alone)

    def _reference(self, schema: Json, inside: tuple[str, ...]) -> Expression:
        target = schema["$ref"]
        if not isinstance(target, str) or not target.startswith("#/"):
            raise _unsupported("$ref other than #/$defs/NAME")
        if target in inside:
            raise _unsupported("$ref that leads back to itself")
        found: object = self._root
        for name in target[2:].split("/"):
            key = name.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or key not in found:
                raise InvalidOption(f"The schema has no {target}.")
            found = found[key]
        return self.value(found, (*inside, target))

    def _const(self, schema: Json, inside: tuple[str, ...]) -> Expression:
        return self._enum({**schema, "enum": [schema["const"]]}, inside)

    def _enum(self, schema: Json, _inside: tuple[str, ...]) -> Expression:
        values = schema["enum"]
        if "type" in schema and isinstance(values, list):
            kinds = _types(schema)
            values = [value for value in values if any(_PYTHON[kind](value) for kind in kinds)]
        if not isinstance(values, list) or not values:
            raise InvalidOption("enum or const has no value of its type.")
        return either(map(literal, values))

    def _any_of(self, schema: Json, inside: tuple[str, ...], word: str = "anyOf") -> Expression:
        parts = schema[word]
        if not isinstance(parts, list) or not parts:
            raise InvalidOption(f"{word} is no list of schemas.")
        return either(self.value(part, inside) for part in parts)

    def _one_of(self, schema: Json, inside: tuple[str, ...]) -> Expression:
        made = self._any_of(schema, inside, "oneOf")
        for one, other in itertools.combinations(schema["oneOf"], 2):
            if not self._apart(one, other):
                raise _unsupported("oneOf whose parts may both fit (use anyOf)")
        return made

    def _apart(self, one: object, other: object) -> bool:
        """Whether no value fits both, as far as types and fixed values tell."""
        one, other = self._resolved(one), self._resolved(other)
        values, more = _fixed(one), _fixed(other)
        if values is not None and more is not None:
            return not any(_same(a, b) for a in values for b in more)
        if values is None and more is None:
            kinds = [
                {"number" if kind == "integer" else kind for kind in _types(part)} for part in (one, other)
            ]
            if not kinds[0] & kinds[1]:
                return True
            return kinds[0] == kinds[1] == {"object"} and self._marked(one, other)
        fixed, free = (values, other) if values is not None else (more, one)
        kinds_of_free = _types(free)
        return not any(_PYTHON[kind](value) for kind in kinds_of_free for value in fixed or ()) and not (
            "integer" in kinds_of_free and any(isinstance(value, float) for value in fixed or ())
        )

    def _marked(self, one: Json, other: Json) -> bool:
        """Whether a required property tells two objects apart."""
        shared = set(one.get("required", ())) & set(other.get("required", ()))
        for name in shared & set(one.get("properties", ())) & set(other.get("properties", ())):
            values = [_fixed(self._resolved(part["properties"][name])) for part in (one, other)]
            if None not in values and not any(_same(a, b) for a in values[0] or () for b in values[1] or ()):
                return True
        return False

    def _resolved(self, schema: object) -> Json:
        found = schema
        for _ in range(100):
            if not isinstance(found, dict) or not isinstance(found.get("$ref"), str):
                break
            target: object = self._root
            for name in found["$ref"][2:].split("/"):
                target = (
                    target.get(name.replace("~1", "/").replace("~0", "~"))
                    if isinstance(target, dict)
                    else None
                )
            found = target
        return found if isinstance(found, dict) else {}


def _same(one: object, other: object) -> bool:
    """Whether JSON schema takes two values for equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def _fixed(schema: Json) -> Sequence[Any] | None:
    """The values of an enum or a const."""
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else None


def _types(schema: Json) -> list[str]:
    """The types that a schema allows; one that names none is for the type that its keywords are about."""
    named = schema.get("type")
    if named is None:
        found = [kind for kind, words in _KEYWORDS.items() if words & schema.keys()]
        kinds = found if len(found) == 1 else list(_KEYWORDS)
        return [kind for kind in kinds if kind != "integer"] if len(kinds) > 1 else kinds
    kinds = named if isinstance(named, list) else [named]
    for kind in kinds:
        if not isinstance(kind, str) or kind not in _KEYWORDS:
            raise InvalidOption(
                f"The schema has a type {kind!r:.40}.", hint=f"Known: {', '.join(_KEYWORDS)}."
            )
    if not kinds:
        raise InvalidOption("The schema has an empty list of types.")
    return kinds


def _text_of(schema: Json) -> Expression:
    least, most = _bounds(schema, "minLength", "maxLength")
    pattern, kind = schema.get("pattern"), schema.get("format")
    if sum((pattern is not None, kind is not None, "minLength" in schema or "maxLength" in schema)) > 1:
        raise _unsupported("pattern, format and minLength or maxLength together")
    if kind is not None:
        if kind != "date":
            raise _unsupported(f"format {kind!r:.40}")
        return _string(parse(_DATE, quoted))
    if pattern is not None:
        try:
            return _string(parse(str(pattern), quoted))
        except NotSupported as error:
            raise _unsupported(f"pattern with {error}") from error
    return _string(repeat(quoted(ANY), least, most))


_LEAP = "([12][0-9](0[48]|[2468][048]|[13579][26])|(12|16|20|24|28)00)-02-29"
_DAYS = (
    "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])"
)
_DATE = f"^({_LEAP}|[12][0-9][0-9][0-9]-({_DAYS}))$"
"""The dates of the years 1000 to 2999 (RFC 3339, full-date)."""


def _bounds(schema: Json, least: str, most: str) -> tuple[int, int | None]:
    low, high = schema.get(least, 0), schema.get(most)
    for name, value in ((least, low), (most, high)):
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST
        if value is not None and not whole:
            raise InvalidOption(f"{name} is {value!r:.40}.", hint=f"Give a whole number from 0 to {MOST:,}.")
    if high is not None and high < low:
        raise InvalidOption(f"{most} is less than {least}.")
    return low, high


def _only(schema: Json, words: set[str] | frozenset[str]) -> None:
    """Raises `InvalidOption` for a keyword that would be ignored."""
    for word in schema:
        if word not in words and word not in _NOTES:
            raise _unsupported(word)


def _unsupported(what: str) -> InvalidOption:
    known = (
        "type, properties, required, items, minItems, maxItems, enum, const, pattern, minLength, maxLength"
    )
    return InvalidOption(
        f"A schema with {what} cannot be kept to here.",
        hint=f"Known are: {known}, format date, additionalProperties, anyOf, oneOf and $ref to $defs.",
    )
