"""Options that several tasks have, checked."""

from __future__ import annotations

import math

from nearside.errors import InvalidOption


def whole_number(value: object, name: str, least: int = 1) -> int:
    """A whole number from `least`; 3.0 is one too, as JavaScript has no other. Raises `InvalidOption`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        shown = "NaN" if isinstance(value, float) and math.isnan(value) else repr(value)[:40]
        raise InvalidOption(f"{name} is {shown}.", hint=f"Give a whole number from {least}.")
    return value


def yes_or_no(value: object, name: str) -> bool:
    """True or false. Raises `InvalidOption`."""
    if not isinstance(value, bool):
        raise InvalidOption(f"{name} is {value!r:.40}.", hint="Give true or false.")
    return value
