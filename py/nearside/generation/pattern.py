"""JSON schema's `pattern`, the part of ECMA 262's regular expressions without assertions and references."""

from __future__ import annotations

from collections.abc import Callable

from nearside.generation.characters import ANY, Ranges, common, others, union
from nearside.generation.regular import Expression, either, repeat, then

LONGEST = 500
MOST_TIMES = 1000

Character = Callable[[Ranges], Expression]
"""One character of a set, as it is written."""

_DIGITS: Ranges = ((48, 57),)
_WORDS: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_BLANKS: Ranges = ((9, 10), (12, 13), (32, 32))
# What any dialect takes for a space, so that \S means no space in all of them.
_ALL_BLANKS: Ranges = (
    *((0, 0x20), (0x7F, 0xA0), (0x1680, 0x1680), (0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F)),
    *((0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)  # fmt: skip
_ASCII: Ranges = ((0, 127),)
_SETS: dict[str, Ranges] = {
    "d": _DIGITS,
    "w": _WORDS,
    "s": _BLANKS,
    # Dialects differ in what counts as a digit or a word's character beyond ASCII.
    "D": common(others(_DIGITS), _ASCII),
    "W": common(others(_WORDS), _ASCII),
    "S": others(_ALL_BLANKS),
}
_CONTROLS = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "0": 0}
_DOT = others(union([(10, 10), (13, 13), (0x2028, 0x2029)]))


class NotSupported(ValueError):
    """A part of a pattern that is not known here, in words."""


def parse(pattern: str, character: Character) -> Expression:
    """What a pattern finds something in: all of the text where it has ^ and $, else with anything around.
    Raises `NotSupported`."""
    if len(pattern) > LONGEST:
        raise NotSupported(f"more than {LONGEST} characters")
    return _Parser(pattern, character).whole()


class _Parser:
    def __init__(self, pattern: str, character: Character) -> None:
        self._text = pattern
        self._place = 0
        self._character = character

    def whole(self) -> Expression:
        anything = repeat(self._character(ANY))
        branches = []
        while True:
            start = self._take("^")
            branch = self._sequence(top=True)
            end = self._take("$")
            parts = (branch,) if start else (anything, branch)
            branches.append(then(*parts) if end else then(*parts, anything))
            if not self._take("|"):
                break
        if self._place < len(self._text):
            raise NotSupported(f"{self._text[self._place]!r} at {self._place}")
        return either(branches)

    def _alternatives(self) -> Expression:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return either(branches)

    def _sequence(self, *, top: bool = False) -> Expression:
        parts = []
        while self._place < len(self._text) and self._text[self._place] not in ("|)$" if top else "|)"):
            parts.append(self._times(self._atom()))
        return then(*parts)

    def _atom(self) -> Expression:
        sign = self._next()
        if sign == "(":
            if self._take("?") and not self._take(":"):
                raise NotSupported("(? other than (?:")
            inner = self._alternatives()
            if not self._take(")"):
                raise NotSupported("( without )")
            return inner
        if sign == "[":
            return self._character(self._class())
        if sign == ".":
            return self._character(_DOT)
        if sign == "\\":
            return self._character(self._escape())
        if sign in "^$*+?{":
            raise NotSupported(f"{sign!r} at {self._place - 1}")
        return self._character(((ord(sign), ord(sign)),))

    def _times(self, one: Expression) -> Expression:
        least, most = 1, 1
        if self._take("*"):
            least, most = 0, -1
        elif self._take("+"):
            least, most = 1, -1
        elif self._take("?"):
            least, most = 0, 1
        elif self._take("{"):
            least = self._number()
            most = (-1 if self._peek() == "}" else self._number()) if self._take(",") else least
            if not self._take("}") or most > MOST_TIMES or least > MOST_TIMES or 0 <= most < least:
                raise NotSupported(f"a number of times at {self._place}")
        else:
            return one
        self._take("?")  # a lazy one finds the same texts
        return repeat(one, least, None if most < 0 else most)

    def _class(self) -> Ranges:
        negated = self._take("^")
        ranges: list[tuple[int, int]] = []
        loose = False
        while self._peek() != "]":
            low, named = self._member(negated)
            loose = loose or named in ("d", "w", "D", "W")
            single = named is None
            if single and self._peek() == "-" and self._text[self._place + 1 : self._place + 2] != "]":
                self._next()
                high, named = self._member(negated)
                if named is not None or high[0][0] < low[0][0]:
                    raise NotSupported(f"a range at {self._place}")
                low = ((low[0][0], high[0][0]),)
            ranges.extend(low)
        self._next()
        made = union(ranges)
        if not negated:
            return common(made, ANY)
        return common(others(made), _ASCII) if loose else others(made)

    def _member(self, negated: bool) -> tuple[Ranges, str | None]:
        """One member of a class, and the letter of a named set."""
        sign = self._next()
        if sign == "\\":
            named = self._peek()
            if named in _SETS:
                self._next()
                return (_ALL_BLANKS if named == "s" and negated else _SETS[named]), named
            return self._escape(), None
        return ((ord(sign), ord(sign)),), None

    def _escape(self) -> Ranges:
        sign = self._next()
        if sign in _SETS:
            return _SETS[sign]
        code = _CONTROLS.get(sign)
        if sign in "xu":
            size = 2 if sign == "x" else 4
            digits = self._text[self._place : self._place + size]
            self._place += size
            try:
                code = int(digits, 16)
            except ValueError:
                raise NotSupported(f"\\{sign} at {self._place}") from None
        elif code is None and sign.isalnum():
            raise NotSupported(f"\\{sign}")
        code = ord(sign) if code is None else code
        return ((code, code),)

    def _number(self) -> int:
        start = self._place
        while self._peek().isdecimal():
            self._place += 1
        if start == self._place or self._place - start > 6:
            raise NotSupported(f"a number of times at {start}")
        return int(self._text[start : self._place])

    def _peek(self) -> str:
        if self._place >= len(self._text):
            raise NotSupported("that it ends in the middle")
        return self._text[self._place]

    def _next(self) -> str:
        sign = self._peek()
        self._place += 1
        return sign

    def _take(self, sign: str) -> bool:
        if self._text[self._place : self._place + 1] != sign:
            return False
        self._place += 1
        return True
