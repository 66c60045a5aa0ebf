"""What a text offers for the fields of a schema: finds with what names them there, and rows of tables."""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from nearside.specialists import values
from nearside.specialists.patterns import Found, Places, finding
from nearside.specialists.words import words

_LABEL = 60  # characters before a find that may name it
_BREAK = re.compile(r"[.;!?](?=\s)|\s{2,}|[|\t\n]|,(?=\s)")
_CELLS = re.compile(r"\s{0,40}\|\s{0,40}|\t+|[ \u00a0]{2,}|\s{0,40};\s{1,40}")
_HEADING = re.compile(
    r"^[^\S\n]*+(?:\#{1,6}\s+)?([^\W\d_][^\n:.|]{1,40}?)[^\S\n]*+(?::[^\S\n]*+)?$", re.MULTILINE
)
_CHECK = re.compile(r"[\[(]([ xX✓✔])[\])]\s*([^\n\[(]{2,60})|([☑☒✅☐])\s*([^\n☑☒✅☐]{2,60})")


T = TypeVar("T")

_TURN = 500  # things between two turns of others
_PARTS = ("date", "time", "iban", "phone", "email", "url", "identifier")
"""What has numbers that are none by themselves."""


async def politely(things: Iterable[T]) -> AsyncIterator[T]:
    """The same things, with turns for others in between: a long text has many."""
    for number, one in enumerate(things):
        if number % _TURN == _TURN - 1:
            await asyncio.sleep(0)
        yield one


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; `text` is the source's `[start:end]`."""

    text: str
    start: int
    end: int


class Evidence:
    """One text, read once for each kind of find."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.decimal = values.decimal_mark(text)
        self.day_first = values.day_comes_first(text)
        self._found: dict[str, list[Found]] = {}
        self._values: dict[bool, dict[Any, tuple[int, int]]] = {}
        self._places: dict[str, tuple[int, int] | None] = {}
        self._small = text.lower()
        self._named: dict[str, dict[frozenset[str], list[Found]]] = {}

    async def all(self, kind: str) -> list[Found]:
        """All finds of a kind; numbers that are part of something else are left out."""
        if kind not in self._found:
            found = [one async for one in politely(finding(self.text, kind))]
            if kind == "number":
                others = [await self.all(other) for other in _PARTS]
                taken = Places((one.start, one.end) for other in others for one in other)
                found = [one async for one in politely(found) if not taken.touch(one.start, one.end)]
            self._found[kind] = found
            await asyncio.sleep(0)
        return self._found[kind]

    async def values(self, dates: bool) -> Mapping[Any, tuple[int, int]]:
        """Where each of the text's dates (as ISO 8601), or else each of its numbers, stands first."""
        if dates not in self._values:
            made: dict[Any, tuple[int, int]] = {}
            for kind in ("date",) if dates else ("money", "percent", "number"):
                async for one in politely(await self.all(kind)):
                    said = (
                        values.day(one.text, self.day_first)
                        if dates
                        else values.number(one.text, self.decimal)
                    )
                    made.setdefault(said, (one.start, one.end))
            self._values[dates] = made
        return self._values[dates]

    def place(self, said: str) -> tuple[int, int] | None:
        """Where a phrase stands in the text, best as words of their own; any white space and any case do."""
        if said not in self._places:
            self._places[said] = self._search(said.split())
        return self._places[said]

    def _search(self, parts: list[str]) -> tuple[int, int] | None:
        if not parts or any(part not in self.text and part.lower() not in self._small for part in parts):
            return None
        pattern = r"\s+".join(map(re.escape, parts))
        edges = (
            r"(?<!\w)" if parts[0][0].isalnum() else "",
            r"(?!\w)" if parts[-1][-1].isalnum() else "",
        )
        hit = re.search(edges[0] + pattern + edges[1], self.text)
        hit = hit or re.search(pattern, self.text, re.IGNORECASE)
        return None if hit is None else hit.span()

    async def named(self, kind: str) -> Mapping[frozenset[str], list[Found]]:
        """The finds of a kind by the words that name them (see `label`), each in order."""
        if kind not in self._named:
            await self.all("line")
            made: dict[frozenset[str], list[Found]] = {}
            async for one in politely(await self.all(kind)):
                made.setdefault(self.label(one), []).append(one)
            self._named[kind] = made
        return self._named[kind]

    @cached_property
    def _starts(self) -> list[tuple[int, frozenset[str]]]:
        """Where sections begin, and the words of their headings."""
        return [(hit.end(), words(hit[1])) for hit in _HEADING.finditer(self.text)]

    def section(self, place: int) -> frozenset[str]:
        """The words of the heading above a place, none after an empty line below it."""
        number = bisect_right(self._starts, place, key=lambda one: one[0]) - 1
        if number < 0:
            return frozenset()
        start, said = self._starts[number]
        while start < place and self.text[start] == "\n":
            start += 1
        return frozenset() if self.text.find("\n\n", start, place) >= 0 else said

    def label(self, found: Found) -> frozenset[str]:
        """The words that name a find: its key, or what stands before it as far as the last break; a find
        that begins a line is named by the short line above it, if by anything."""
        if found.key:
            return words(found.key)
        lines = self._found["line"]  # (`named` has read them)
        number = bisect_right(lines, found.start, key=lambda line: line.start) - 1
        if number >= 0 and found.start < lines[number].end:
            line = lines[number]
            if not self.text[line.start : found.start].strip(" €$£"):
                return words(line.key)
        begin = self.text.rfind("\n", max(0, found.start - 4 * _LABEL), found.start) + 1
        before = self.text[max(begin, found.start - _LABEL) : found.start].rstrip(" \u00a0\t")
        breaks = [hit.end() for hit in _BREAK.finditer(before)]
        near = before[breaks[-1] if breaks else 0 :].rsplit("(", 1)[-1].strip()
        if near:
            key = [part for part in near.split(":") if part.strip()]
            return words(" ".join(key[-1].split()[-5:])) if key else frozenset()
        if before:
            return frozenset()
        above = self.text[max(0, begin - _LABEL) : begin].rstrip().rsplit("\n", 1)[-1]
        return words(above) if len(above) <= 40 and not any(map(str.isdigit, above)) else frozenset()

    def checks(self) -> Iterator[tuple[frozenset[str], bool, int, int]]:
        """Boxes that are ticked or not: the words beside them, and their places."""
        for hit in _CHECK.finditer(self.text):
            mark, said = hit[1] or hit[3], hit[2] or hit[4]
            yield words(said), mark not in (" ", "☐"), *hit.span()

    def lines(self) -> Iterator[Cell]:
        """The lines that have something."""
        place = 0
        for line in self.text.split("\n"):
            if line.strip():
                start = place + len(line) - len(line.lstrip())
                yield Cell(line.strip(), start, start + len(line.strip()))
            place += len(line) + 1

    def rows(self) -> Iterator[list[Cell]]:
        """The lines as cells: between bars, tabs, semicolons or wide spaces."""
        for line in self.lines():
            cells, place = [], line.start
            inner = line.text
            for part in [*_CELLS.finditer(inner), None]:
                end = line.end if part is None else line.start + part.start()
                text = self.text[place:end]
                if text.strip():
                    start = place + len(text) - len(text.lstrip())
                    cells.append(Cell(text.strip(), start, start + len(text.strip())))
                place = end if part is None else line.start + part.end()
            yield cells
