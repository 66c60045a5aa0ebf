"""Sentences of a text with their places: for summaries and answers, which show whole ones.

A sentence ends at its punctuation, at a blank line, and at a line's end unless the line was wrapped there. An
abbreviation, an initial and a numeral's full stop end none. English knows most abbreviations; other languages
get the rules that need no list (no sentence begins with a lower-case letter).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from nearside.types import Span

_END = re.compile(
    r"""(?<![.!?…۔؟।॥።]) [.!?…۔؟।॥።]++ ["'”’»)\]]*+ (?:\[\w{1,4}\]){0,5} (?=\s|$)   # with its footnotes
      | (?<![。！？｡．]) [。！？｡．]++ ["'”’」』）】]*+                       # scripts that need no space
    """,
    re.VERBOSE,
)
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_ITEM = re.compile(r"\s*(?:[-*+•–]\s|\#{1,6}\s|>\s|\(?\d{1,3}[.)]\s|\|)")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘]+$")
_INITIAL = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]", re.UNICODE)
_FIRST = re.compile(r"[\s\"'“”‘’«(\[¿¡*_]*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words("""
    mr mrs ms mx dr prof rev fr hon gen col maj capt lt sgt cpl adm cmdr gov sen rep pres st mt ft messrs mme
    mlle hr fig figs eq eqs ref refs sec ch vol vols pp ed eds art nos op cf viz vs v resp approx ca e.g i.e
""")
"""What is always followed by more of the sentence."""

_OFTEN = _words("""
    no etc al inc ltd co corp llc bros dept univ assn est min max avg tel ext jr sr ph.d m.d b.a m.a a.m p.m
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun ave blvd rd
    hwy bzw usw z.b d.h u.a nr str
""")
"""What ends a sentence only where the next word begins like one."""

_STARTERS = _words("""
    the a an this that these those it its he she they we i you his her their our my there here in on at by for
    from with to as if when while after before since although though because but and or so yet however
    moreover furthermore then thus therefore what who where why how which one some many most all both each
    another other such no not finally meanwhile instead
""")
"""What a sentence begins with more often than a name does."""

_LONGEST_HEADING = 80  # characters
_WIDEST = 120  # characters; a wrapped line is not longer
_NARROWEST = 40


def sentences(text: str) -> list[Span]:
    """The places of a text's sentences (code points), in order, without the white space around them. They
    never overlap, and what is between them is white space."""
    return list(splitting(text))


def splitting(text: str) -> Iterator[Span]:
    """`sentences` one by one, for a caller who lets others have their turn."""
    for block in _blocks(text):
        for line in _lines(text, block):
            yield from _split(text, line)


def prose(text: str, spans: Sequence[Span]) -> list[Span]:
    """Those of a text's sentences that are no headings; all of them where most look like headings (a list, a
    poem)."""
    kept = [span for span in spans if not _is_heading(text, span)]
    return kept if 2 * len(kept) >= len(spans) else list(spans)


def _is_heading(text: str, span: Span) -> bool:
    """Whether a sentence is a short line of its own, above another, that ends without punctuation."""
    if text.startswith("#", span.start):
        return True
    if span.end - span.start > _LONGEST_HEADING or not text[span.end - 1].isalnum():
        return False
    alone = text[max(0, span.start - 20) : span.start].rstrip(" \t")[-1:] in ("", "\n")
    below = text[span.end : span.end + 20].lstrip(" \t")
    return alone and below.startswith("\n") and _ITEM.match(text, span.start) is None


def _blocks(text: str) -> Iterator[Span]:
    start = 0
    for gap in _BLANK.finditer(text):
        yield Span(start, gap.start())
        start = gap.end()
    yield Span(start, len(text))


def _lines(text: str, block: Span) -> Iterator[Span]:
    """The block's lines, wrapped ones joined: a line was wrapped when the next word had no room in it."""
    lines: list[Span] = []
    place = block.start
    for raw in text[block.start : block.end].split("\n"):
        lines.append(Span(place, place + len(raw)))
        place += len(raw) + 1
    width = max(line.end - line.start for line in lines)
    wrapped = _NARROWEST <= width <= _WIDEST
    start = lines[0].start
    for line, after in pairwise(lines):
        rest = text[after.start : after.end].lstrip()
        word = rest.split(None, 1)[0] if rest else ""
        full = len(text[line.start : line.end].rstrip()) + 1 + len(word) > width
        if not (wrapped and full and word) or _ITEM.match(text, after.start, after.end):
            yield Span(start, line.end)
            start = after.start
    yield Span(start, block.end)


def _split(text: str, line: Span) -> Iterator[Span]:
    start = line.start
    for end in _END.finditer(text, line.start, line.end):
        if end.end() < line.end and _goes_on(text, start, end, line.end):
            continue
        yield from _stripped(text, start, end.end())
        start = end.end()
    yield from _stripped(text, start, line.end)


def _goes_on(text: str, start: int, end: re.Match[str], stop: int) -> bool:
    """Whether the sentence from `start` does not end at this punctuation."""
    sign = end.group()
    if sign[0] in "。！？｡．":
        return False
    begin = _FIRST.match(text, end.end(), stop)
    after = text[begin.end() : begin.end() + 24] if begin is not None else ""
    if after[:1].islower():
        return True
    if sign != ".":
        return False
    before = _LAST_WORD.search(text, max(start, end.start() - 24), end.start())
    word = before.group() if before is not None else ""
    folded = word.casefold()
    if folded in _TITLES:
        return True
    starts = re.split(r"[^\w'’]", after, maxsplit=1)[0].casefold() in _STARTERS
    if folded in _OFTEN:
        return not (starts or not after[:1].isalnum()) or (folded == "no" and after[:1].isdigit())
    if word == "I":
        return False
    if _INITIAL.fullmatch(word):  # "J. Smith", "U.S. Army"
        return not starts
    if not word.isdigit() or len(word) > 3 or end.start() - start > 24:
        return False
    return not text[start : end.start() - len(word)].strip()  # "2. The second point"


def _stripped(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    first = start + len(piece) - len(piece.lstrip())
    last = start + len(piece.rstrip())
    if first < last:
        yield Span(first, last)
