"""The sections of a Markdown text, so that no passage goes from the end of one into the next."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nearside.types import Span

_LINE = re.compile(r"[^\n]*(?:\n|\Z)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*$")


def sections(text: str) -> list[Span]:
    """The pieces (code points) that together are the text, each but the first beginning with a heading.
    Headings with nothing between them begin one section: a heading alone would be no passage worth
    finding."""
    starts = [0]
    body = False  # whether the section that is being read says something beside its headings
    for start, end, heading in _lines(text):
        if heading:
            if body and start > starts[-1]:
                starts.append(start)
            body = False
        elif text[start:end].strip():
            body = True
    return [Span(a, b) for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """Each line's place, and whether it is (part of) a heading. An underlined heading is one line of two."""
    fence = ""
    blank = True  # whether the line before is blank: only then a line can be an underlined heading
    matches = [match.span() for match in _LINE.finditer(text) if match.end() > match.start()]
    number = 0
    while number < len(matches):
        start, end = matches[number]
        line = text[start:end].rstrip("\r\n")
        mark = _FENCE.match(line)
        number += 1
        if fence:
            closing = mark is not None and mark[1].startswith(fence) and not mark[2].strip()
            fence = "" if closing else fence
            yield start, end, False
        elif mark is not None and not (mark[1][0] == "`" and "`" in mark[2]):
            fence = mark[1]
            yield start, end, False
        elif _HEADING.match(line):
            yield start, end, True
            blank = True
            continue
        elif blank and line.strip() and number < len(matches) and _underlined(text, matches[number]):
            yield start, matches[number][1], not _UNDERLINE.match(line)
            number += 1
            blank = True
            continue
        else:
            yield start, end, False
        blank = not line.strip()


def _underlined(text: str, place: tuple[int, int]) -> bool:
    return _UNDERLINE.match(text[place[0] : place[1]].rstrip("\r\n")) is not None
