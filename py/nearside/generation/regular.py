"""Regular languages over bytes, by derivatives (Brzozowski 1964; Owens, Reppy, Turon 2009): an expression
is a state, its derivative by a byte the next one. Equal expressions are the same object, so that there are
few of them; one that matches nothing is always `NEVER`, so that every other one can be completed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce
from weakref import WeakValueDictionary

ALL = (1 << 256) - 1
"""The set of all bytes; a set of bytes is a number with a bit for each."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Expression:
    """One expression. `kind`: "never", "empty" (only the empty text), "bytes" (one byte of the set `least`),
    "then" (`parts[0]`, then `parts[1]`), "either" (one of `parts`), "repeat" (`parts[0]`, from `least` to
    `most` times, None: without end). `empty`: whether it matches the empty text."""

    kind: str
    parts: tuple[Expression, ...] = ()
    least: int = 0
    most: int | None = 0
    empty: bool = False


_known: WeakValueDictionary[tuple[object, ...], Expression] = WeakValueDictionary()


def _one(
    kind: str,
    parts: tuple[Expression, ...] = (),
    least: int = 0,
    most: int | None = 0,
    *,
    empty: bool = False,
) -> Expression:
    key = (kind, tuple(map(id, parts)), least, most)
    found = _known.get(key)
    if found is None:
        found = _known[key] = Expression(kind, parts, least, most, empty)
    return found


NEVER = Expression("never")
EMPTY = Expression("empty", empty=True)


def one_of(members: int) -> Expression:
    """One byte of a set."""
    return _one("bytes", (), members) if members else NEVER


def then(*parts: Expression) -> Expression:
    """One after the other."""
    return reduce(lambda after, before: _pair(before, after), reversed(parts), EMPTY)


def _pair(first: Expression, second: Expression) -> Expression:
    if first is NEVER or second is NEVER:
        return NEVER
    if first is EMPTY:
        return second
    if second is EMPTY:
        return first
    spine = []  # always nested to the right, so that equal ones look equal; a long text is a long chain
    while first.kind == "then":
        spine.append(first.parts[0])
        first = first.parts[1]
    for one in (first, *reversed(spine)):
        second = _one("then", (one, second), empty=one.empty and second.empty)
    return second


def either(parts: Iterable[Expression]) -> Expression:
    """One of several."""
    flat: dict[int, Expression] = {}
    members = 0
    for part in parts:
        for one in part.parts if part.kind == "either" else (part,):
            if one.kind == "bytes":
                members |= one.least
            elif one is not NEVER:
                flat[id(one)] = one
    if members:
        one = one_of(members)
        flat[id(one)] = one
    if len(flat) <= 1:
        return next(iter(flat.values()), NEVER)
    chosen = tuple(flat[number] for number in sorted(flat))
    return _one("either", chosen, empty=any(one.empty for one in chosen))


def repeat(part: Expression, least: int = 0, most: int | None = None) -> Expression:
    """From `least` to `most` times; without a `most` as often as one likes."""
    if most == 0 or part is EMPTY:
        return EMPTY
    if part is NEVER:
        return EMPTY if least == 0 else NEVER
    if (least, most) == (1, 1):
        return part
    return _one("repeat", (part,), least, most, empty=least == 0 or part.empty)


def optional(part: Expression) -> Expression:
    """Once or not at all."""
    return either((EMPTY, part))


def text(value: str | bytes) -> Expression:
    """Exactly these bytes (UTF-8)."""
    data = value.encode() if isinstance(value, str) else value
    return then(*(one_of(1 << byte) for byte in data))


def over(expression: Expression, alphabet: int) -> Expression:
    """The same, of the bytes of `alphabet` only."""

    @cache
    def made(one: Expression) -> Expression:
        if one.kind == "bytes":
            return one_of(one.least & alphabet)
        if one.kind == "either":
            return either(map(made, one.parts))
        if one.kind == "repeat":
            return repeat(made(one.parts[0]), one.least, one.most)
        if one.kind != "then":
            return one
        spine = []  # a long text is a long chain
        while one.kind == "then":
            spine.append(made(one.parts[0]))
            one = one.parts[1]
        return then(*spine, made(one))

    return made(expression)


def clipped(expression: Expression, most: int) -> Expression:
    """The same as far as texts of up to `most` bytes are concerned: repetitions beyond them count as endless.
    Tokens see no difference, and there are fewer states."""

    @cache
    def made(one: Expression) -> Expression:
        if one.kind == "either":
            return either(map(made, one.parts))
        if one.kind == "repeat":
            far = one.most is not None and one.most > most
            return repeat(made(one.parts[0]), min(one.least, most), None if far else one.most)
        if one.kind != "then":
            return one
        spine: list[Expression] = []
        while one.kind == "then" and len(spine) <= most:  # no further than a token reaches
            spine.append(made(one.parts[0]))
            one = one.parts[1]
        return then(*spine, one)

    return made(expression)


class Derivatives:
    """The derivatives of expressions, kept."""

    def __init__(self) -> None:
        self._classes: dict[Expression, tuple[int, ...]] = {}
        self._made: dict[tuple[Expression, int], Expression] = {}

    def row(self, expression: Expression) -> list[tuple[int, Expression]]:
        """What may follow: sets of bytes, disjoint, each with the expression after any byte of it."""
        found = []
        for members in self._split(expression):
            after = self._by(expression, (members & -members).bit_length() - 1)
            if after is not NEVER:
                found.append((members, after))
        return found

    def _split(self, one: Expression) -> tuple[int, ...]:
        """Sets of bytes, disjoint and all together, within which all bytes lead to the same."""
        made = self._classes.get(one)
        if made is None:
            if one.kind == "bytes":
                made = tuple(members for members in (one.least, ALL & ~one.least) if members)
            elif one.kind == "then" and not one.parts[0].empty:
                made = self._split(one.parts[0])
            elif one.parts:
                made = reduce(_crossed, map(self._split, one.parts))
            else:
                made = (ALL,)
            self._classes[one] = made
        return made

    def _by(self, one: Expression, byte: int) -> Expression:
        if one.kind == "bytes":
            return EMPTY if one.least >> byte & 1 else NEVER
        if not one.parts:
            return NEVER
        key = (one, byte)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._derived(one, byte)
        return made

    def _derived(self, one: Expression, byte: int) -> Expression:
        if one.kind == "either":
            return either(self._by(part, byte) for part in one.parts)
        if one.kind == "repeat":
            rest = repeat(one.parts[0], max(0, one.least - 1), None if one.most is None else one.most - 1)
            return _pair(self._by(one.parts[0], byte), rest)
        first, second = one.parts
        made = _pair(self._by(first, byte), second)
        return either((made, self._by(second, byte))) if first.empty else made


def _crossed(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """The finest common division."""
    return tuple(both for a in one for b in other if (both := a & b))
