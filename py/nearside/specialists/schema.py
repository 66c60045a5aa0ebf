"""The part of JSON Schema that extraction takes, and values made to fit it.

An object with properties, nested as deep as `MOST_LEVELS`: strings (`enum`, `const`, `format`, `pattern`,
`minLength`, `maxLength`), numbers and integers (`minimum`, `maximum`), booleans, dates, objects, and arrays
(`maxItems`) of any of these. Other keywords that change what is valid are refused, not ignored."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nearside.errors import InvalidOption
from nearside.specialists import values

Kind = Literal["string", "number", "integer", "boolean", "date", "object", "array"]

MOST_LEVELS = 6
_LARGEST = sys.float_info.max
MOST_FIELDS = 200

_KINDS: tuple[Kind, ...] = ("string", "number", "integer", "boolean", "date", "object", "array")
_FORMATS = ("date", "time", "date-time", "email", "uri", "url", "phone", "iban")
_SILENT = frozenset(
    ("$schema", "$id", "$comment", "title", "description", "default", "examples", "additionalProperties")
)
_KEYWORDS: Mapping[Kind, frozenset[str]] = {
    "string": frozenset(("enum", "const", "format", "pattern", "minLength", "maxLength")),
    "date": frozenset(("format",)),
    "number": frozenset(("enum", "const", "minimum", "maximum")),
    "integer": frozenset(("enum", "const", "minimum", "maximum")),
    "boolean": frozenset(),
    "object": frozenset(("properties", "required")),
    "array": frozenset(("items", "maxItems")),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One place of a schema. `fields` are an object's, `item` is an array's; `choices` those of `enum`."""

    name: str
    kind: Kind
    description: str = ""
    format: str | None = None
    pattern: re.Pattern[str] | None = None
    choices: tuple[Any, ...] = ()
    least: float | None = None
    most: float | None = None
    fields: tuple[Field, ...] = ()
    item: Field | None = None

    def leaves(self, path: str = "") -> Iterator[tuple[str, Field]]:
        """The paths of what can be missing ("customer.name"; an array is one), in the schema's order."""
        for field in self.fields:
            place = f"{path}.{field.name}" if path else field.name
            if field.kind == "object":
                yield from field.leaves(place)
            else:
                yield place, field


class Unfit(ValueError):
    """A value that its field does not take."""


def checked(schema: object) -> Field:
    """The schema's root. Raises `InvalidOption` that names the place."""
    root = _Reader().field(schema, "", "", 0)
    if root.kind != "object":
        raise _wrong("", f'has the type "{root.kind}"', 'Give {"type": "object", "properties": {...}}.')
    return root


class _Reader:
    def __init__(self) -> None:
        self.count = 0

    def field(self, given: object, name: str, path: str, level: int) -> Field:
        if not isinstance(given, Mapping):
            raise _wrong(path, "is no object", 'Give a JSON schema: {"type": "string"}.')
        if level > MOST_LEVELS:
            raise _wrong(path, "is nested too deep", f"The most is {MOST_LEVELS} levels.")
        self.count += 1
        if self.count > MOST_FIELDS:
            raise _wrong(path, "is one field too many", f"The most is {MOST_FIELDS}.")
        kind = _kind(given, path)
        unknown = [key for key in given if key not in _SILENT | _KEYWORDS[kind] | {"type"}]
        if unknown:
            hint = f"Known for {kind}: {', '.join(sorted(_KEYWORDS[kind])) or 'nothing more'}."
            raise _wrong(path, f'has "{unknown[0]!s:.40}", which is not supported', hint)
        fields: tuple[Field, ...] = ()
        item = None
        if kind == "object":
            fields = self._fields(given, path, level)
        if kind == "array":
            item = self.field(given.get("items", {"type": "string"}), name, f"{path}[]", level + 1)
            if item.kind == "array":
                raise _wrong(f"{path}[]", "is a list in a list", "Give objects or plain values as items.")
        least, most = _bounds(given, kind, path)
        return Field(
            name=name,
            kind=kind,
            description=str(given.get("description") or given.get("title") or ""),
            format=_format(given, kind, path),
            pattern=_pattern(given, path),
            choices=_choices(given, path),
            least=least,
            most=most,
            fields=fields,
            item=item,
        )

    def _fields(self, given: Mapping[str, Any], path: str, level: int) -> tuple[Field, ...]:
        properties = given.get("properties")
        if not isinstance(properties, Mapping) or not properties:
            raise _wrong(path, "has no properties", 'Name at least one: {"properties": {"name": {...}}}.')
        made = []
        for name, value in properties.items():
            if not isinstance(name, str) or not name:
                raise _wrong(path, "has a property without a name", "Give each one a name.")
            if set(name) & set(".[]"):
                raise _wrong(
                    path, f"has the property {name!r:.60}", "Points and brackets make paths: leave them out."
                )
            made.append(self.field(value, name, f"{path}.{name}" if path else name, level + 1))
        required = given.get("required", [])
        if not isinstance(required, list | tuple) or any(name not in properties for name in required):
            raise _wrong(path, "requires what it does not have", "`required` names properties.")
        return tuple(made)


def _wrong(path: str, what: str, hint: str) -> InvalidOption:
    return InvalidOption(f"The schema{f' of {path}' if path else ''} {what}.", hint=hint)


def _kind(given: Mapping[str, Any], path: str) -> Kind:
    named = given.get("type")
    if isinstance(named, list | tuple):
        rest = [one for one in named if one != "null"]
        named = rest[0] if len(rest) == 1 else named
    if named is None:
        named = "object" if "properties" in given else "array" if "items" in given else "string"
    found = next((kind for kind in _KINDS if kind == named), None)
    if found is None:
        raise _wrong(path, f"has the type {named!r:.40}", f"Give one of: {', '.join(_KINDS)}.")
    return "date" if found == "string" and given.get("format") == "date" else found


def _format(given: Mapping[str, Any], kind: Kind, path: str) -> str | None:
    named = given.get("format")
    if named is not None and named not in _FORMATS:
        raise _wrong(path, f"has the format {named!r:.40}", f"Give one of: {', '.join(_FORMATS)}.")
    if kind == "date" and named not in (None, "date"):
        raise _wrong(path, f"is a date with the format {named!r:.40}", 'Leave it out, or give "date".')
    return None if named is None else "url" if named == "uri" else str(named)


def _pattern(given: Mapping[str, Any], path: str) -> re.Pattern[str] | None:
    named = given.get("pattern")
    if named is None:
        return None
    try:
        return re.compile(named)
    except (re.error, TypeError) as error:
        raise _wrong(path, f"has a pattern that is none: {error}", "Give a regular expression.") from None


def _choices(given: Mapping[str, Any], path: str) -> tuple[Any, ...]:
    named = [given["const"]] if "const" in given else given.get("enum")
    if named is None:
        return ()
    if not isinstance(named, list | tuple) or not named:
        raise _wrong(path, "has an enum without values", "Give a list of values.")
    return tuple(named)


def _bounds(given: Mapping[str, Any], kind: Kind, path: str) -> tuple[float | None, float | None]:
    names = {
        "string": ("minLength", "maxLength"),
        "number": ("minimum", "maximum"),
        "integer": ("minimum", "maximum"),
        "array": (None, "maxItems"),
    }.get(kind, (None, None))
    made = [None if name is None else given.get(name) for name in names]
    if any(one is not None and (isinstance(one, bool) or not isinstance(one, int | float)) for one in made):
        raise _wrong(path, "has a bound that is no number", "Give a number.")
    return made[0], made[1]


def fit(field: Field, value: object, decimal: str | None = None, day_first: bool | None = None) -> Any:
    """The value as its field wants it: "1.234,50 €" as 1234.5, "5 March 2024" as "2024-03-05", "yes" as True,
    the choice that differs in its capitals only. `decimal` and `day_first`: see `values.number` and
    `values.day`. Only for fields that are no objects or arrays.

    Raises `Unfit`."""
    made = _fitted(field, value, decimal, day_first)
    if field.choices:
        same = [one for one in field.choices if one == made or _folded(one) == _folded(made)]
        if not same:
            raise Unfit(field.name)
        return same[0]
    size = len(made) if isinstance(made, str) and field.kind == "string" else made
    if field.kind in ("string", "number", "integer") and not _between(field, size):
        raise Unfit(field.name)
    if field.pattern is not None and isinstance(made, str) and field.pattern.search(made) is None:
        raise Unfit(field.name)
    return made


def _between(field: Field, size: float) -> bool:
    return (field.least is None or size >= field.least) and (field.most is None or size <= field.most)


def _fitted(field: Field, value: object, decimal: str | None, day_first: bool | None) -> Any:
    made: Any = None
    if field.kind == "boolean":
        made = value if isinstance(value, bool) else values.boolean(str(value))
    elif isinstance(value, bool) or not isinstance(value, str | int | float):
        pass
    elif field.kind in ("number", "integer"):
        made = value if isinstance(value, int | float) else values.number(value, decimal)
        if made is not None and not abs(made) <= _LARGEST:  # NaN, too
            made = None
        if field.kind == "integer" and made is not None:
            made = int(made) if made == int(made) else None
        elif isinstance(made, int) and abs(made) >= 2**53:
            made = float(made)
    elif field.kind == "date":
        made = values.day(str(value), day_first)
    elif field.kind == "string":
        made = _text(field, str(value), day_first)
    if made is None:
        raise Unfit(field.name)
    return made


def _text(field: Field, value: str, day_first: bool | None) -> str | None:
    text = value.strip()
    if not text:
        return None
    if field.format == "time":
        return values.clock(text)
    if field.format == "date-time":
        first = values.day(text, day_first)
        rest = re.search(r"[T\s,]+(?:at\s+)?(\d{1,2}[:.h]\d{2}.*)$", text) if len(text) < 100 else None
        at = values.clock(rest[1]) if rest is not None else None
        return None if first is None or at is None else f"{first}T{at if len(at) > 5 else at + ':00'}"
    if field.format in ("email", "url", "phone", "iban"):
        from nearside.specialists.patterns import is_whole  # (the patterns know formats, not schemas)

        return text if is_whole(field.format, text) else None
    return text


def _folded(value: object) -> str:
    return " ".join(str(value).casefold().replace("_", " ").replace("-", " ").split())
