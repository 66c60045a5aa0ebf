"""Sets of characters, and texts of them: as UTF-8, and as JSON writes them between quotes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nearside.generation.regular import EMPTY, Expression, either, one_of, text, then

Ranges = tuple[tuple[int, int], ...]
"""Code points: sorted ranges, both ends included, apart from each other."""

LAST = 0x10FFFF
ANY: Ranges = ((0, 0xD7FF), (0xE000, LAST))
"""Every character; surrogates are none."""

_ENDS = (0x7F, 0x7FF, 0xFFFF, LAST)  # of the code points of 1, 2, 3, 4 bytes
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_RAW: Ranges = ((0x20, 0x21), (0x23, 0x5B), (0x5D, 0xD7FF), (0xE000, LAST))  # what needs no escape in JSON


def union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Ranges in any order, as a set."""
    made: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if made and low <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(made[-1][1], high))
        else:
            made.append((low, high))
    return tuple(made)


def common(one: Ranges, other: Ranges) -> Ranges:
    """What is in both."""
    return union((max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) <= min(b, d))


def others(ranges: Ranges) -> Ranges:
    """All other characters."""
    made, start = [], 0
    for low, high in ranges:
        if low > start:
            made.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        made.append((start, LAST))
    return common(union(made), ANY)


def utf8(ranges: Ranges) -> Expression:
    """One character of a set, as its bytes."""
    parts = []
    for low, high in common(ranges, ANY):
        start = low
        for end in _ENDS:
            if start <= end and start <= high:
                last = min(end, high)
                parts.append(_between(chr(start).encode(), chr(last).encode()))
                start = last + 1
    return either(parts)


def _between(low: bytes, high: bytes) -> Expression:
    """Every text of as many bytes from `low` to `high`, whose later bytes are 80 to BF."""
    if not low:
        return EMPTY
    if low[0] == high[0]:
        return then(_bytes(low[0], low[0]), _between(low[1:], high[1:]))
    size = len(low) - 1
    first, last = b"\x80" * size, b"\xbf" * size
    return either(
        (
            then(_bytes(low[0], low[0]), _between(low[1:], last)),
            then(_bytes(low[0] + 1, high[0] - 1), _between(first, last)),
            then(_bytes(high[0], high[0]), _between(first, high[1:])),
        )
    )


def _bytes(low: int, high: int) -> Expression:
    return one_of(sum(1 << byte for byte in range(low, high + 1)))


def quoted(ranges: Ranges) -> Expression:
    """One character of a set as it stands in a JSON string: itself, or the short escape of one that needs it;
    where the set has all characters, also \\uXXXX (no surrogates: what they make is written as itself)."""
    parts = [utf8(common(ranges, _RAW))]
    parts += [
        text(escape) for sign, escape in _ESCAPED.items() if any(a <= ord(sign) <= b for a, b in ranges)
    ]
    if ranges == ANY:
        digit = _members("0123456789abcdefABCDEF")
        # D800 to DFFF are halves.
        whole = then(_members("0123456789abcABCefEF"), digit, digit, digit)
        rest = then(_members("dD"), _members("01234567"), digit, digit)
        parts.append(then(text("\\u"), either((whole, rest))))
    return either(parts)


def _members(signs: Sequence[str]) -> Expression:
    return one_of(sum(1 << ord(sign) for sign in signs))
