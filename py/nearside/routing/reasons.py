"""Why the far side does some requests better, as data: each row is a test of a request and a sentence. In the
balanced mode one that holds makes the far side the first to be asked (see `policy`)."""

from __future__ import annotations

from collections.abc import Sequence


def zero_shot(labels: Sequence[str], multi_label: bool) -> tuple[str, ...]:
    """Why a classification by labels of the caller's own is hard."""
    return ()


def summarize(characters: int) -> tuple[str, ...]:
    """Why a summary of so many characters (see `facts.weight`) is hard."""
    return ()


def answer(question: str, characters: int) -> tuple[str, ...]:
    """Why a question about so many characters is hard."""
    return ()


def entities(types: Sequence[str] | None) -> tuple[str, ...]:
    """Why finding entities of these types is hard."""
    return ()


def translate(source: str | None, target: str) -> tuple[str, ...]:
    """Why this pair of languages is hard."""
    return ()


def transcribe(noise: float | None) -> tuple[str, ...]:
    """Why this sound is hard; `noise`: its share of noise, 0 to 1, None where unknown."""
    return ()
