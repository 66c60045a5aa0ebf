"""Which form of a file a request wants, and whether it has it already (RFC 9110, sections 12.5.3 and 13)."""

from __future__ import annotations

from collections.abc import Mapping


def accepted_encodings(header: str | None) -> dict[str, float]:
    """Read an Accept-Encoding header into weights by lower-case coding; malformed entries count as 0."""
    weights: dict[str, float] = {}
    for entry in (header or "").split(","):
        coding, _, parameters = entry.partition(";")
        name = coding.strip().lower()
        if name:
            weights[name] = _weight(parameters)
    return weights


def choose_encoding(header: str | None, sizes: Mapping[str, int]) -> str | None:
    """Return the coding of `sizes` (bytes by coding) that the header likes best, None for the plain form.

    Of codings with the same weight the smaller file wins; the plain form is taken when no other is wanted.
    """
    weights = accepted_encodings(header)
    rest = weights.get("*", 0.0)
    wanted = {coding: weights.get(coding, rest) for coding in sizes}
    best = min(sizes, key=lambda coding: (-wanted[coding], sizes[coding]), default=None)
    if best is None or wanted[best] <= 0 or weights.get("identity", 0.0) > wanted[best]:
        return None
    return best


def matches_etag(header: str | None, etag: str) -> bool:
    """Say whether an If-None-Match header names `etag` (the weak comparison)."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    return etag in (candidate.strip().removeprefix("W/") for candidate in header.split(","))


def _weight(parameters: str) -> float:
    """Return the `q` of an entry's parameters: 1 when not given, 0 when it is not a weight."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0.0 <= weight <= 1.0 else 0.0
    return 1.0
