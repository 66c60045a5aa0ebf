"""Python counts a text in code points, JavaScript in UTF-16 code units: an emoji is 1 here and 2 there."""

from __future__ import annotations

from collections.abc import Sequence


def utf16_offsets(text: str, offsets: Sequence[int]) -> list[int]:
    """Code point offsets in `text` as UTF-16 code unit offsets, in the order given (any order is right,
    rising order is fast). A lone surrogate is one unit, as in JavaScript."""
    if text.isascii() or not offsets:
        return list(offsets)
    made: list[int] = []
    place, extra = 0, 0  # extra: how many code points before `place` take two units
    for offset in offsets:
        if offset < place:
            place, extra = 0, 0
        piece = text[place:offset]
        if not piece.isascii():
            extra += len(piece.encode("utf-16-le", "surrogatepass")) // 2 - len(piece)
        place = offset
        made.append(offset + extra)
    return made
