"""Byte ranges (RFC 9110, section 14): one range per request; lists of ranges get the whole file."""

from __future__ import annotations

import re

from nearside_server.errors import RangeNotSatisfiable

_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})[ \t]*", re.IGNORECASE)


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the range that a Range header asks of a file of `size` bytes, as [start, end).

    None when the header is to be ignored, as the standard wants for other units and malformed ranges, and
    for lists of ranges. Raises RangeNotSatisfiable when the range lies outside the file.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or (not match["first"] and not match["last"]):
        return None
    if match["first"]:
        start = int(match["first"])
        last = int(match["last"]) if match["last"] else size - 1
        if match["last"] and last < start:
            return None
        end = min(last + 1, size)
    else:
        start, end = max(size - int(match["last"]), 0), size
    if start >= size:
        raise RangeNotSatisfiable(f"The range {header!r} is not in this file of {size} bytes.", size=size)
    return start, end
