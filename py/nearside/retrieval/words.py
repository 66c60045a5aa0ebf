"""Words of a text, in any script, folded so that what a reader takes for the same word is the same string.

Scripts without spaces between words (Chinese, Japanese, Thai, ...; and Korean, which glues particles to its
words) give every character and every pair of neighbours, as search engines do for them: a query finds a text
that shares a pair.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from nearside.types import Span


def _marks() -> str:
    """The combining marks as a regular expression class: `\\w` leaves them out, which would cut Hindi or Thai
    words and decomposed accents in two. Marks live in these blocks only."""
    blocks: tuple[tuple[int, int], ...] = (
        (0x300, 0x2000),
        (0x20D0, 0x2100),
        (0x2CEF, 0x2E00),
        (0x302A, 0x309B),
    )
    blocks += ((0xA66F, 0xAC00), (0xFE20, 0xFE30), (0x10A00, 0x10B00), (0x11000, 0x12000))
    ranges: list[list[int]] = []
    for start, stop in blocks:
        for code in range(start, stop):
            if unicodedata.category(chr(code))[0] == "M":
                if ranges and ranges[-1][1] == code - 1:
                    ranges[-1][1] = code
                else:
                    ranges.append([code, code])
    return "".join(f"{chr(a)}-{chr(b)}" for a, b in ranges)


MARKS = _marks()
"""Ranges of combining marks, to be put between [ and ] in a regular expression."""

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"  # Hangul
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_JOINERS = "\u00ad\u200c\u200d"  # soft hyphen and the joiners that Persian and Indic spelling use
_RUN = re.compile(rf"[{_UNSPACED}]+|(?:(?![_{_UNSPACED}])[\w{MARKS}{_JOINERS}])+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_CLUSTER = re.compile(rf"[^{MARKS}][{MARKS}]*|[{MARKS}]+")
_MARK = re.compile(rf"[{MARKS}]")
_PLAIN_SIGNS = str.maketrans("ıøłđðæœþ", "ioldðæœþ", _JOINERS)


def terms(text: str) -> list[str]:
    """The folded words of a text in order, for counting: `fold` of every word, and characters and pairs of
    unspaced scripts."""
    found: list[str] = []
    for run in _RUN.findall(text):
        found.extend(run_terms(run))
    return found


def runs(text: str) -> list[str]:
    """The raw words and unspaced runs of a text. `run_terms` makes terms of each; few of them are different,
    so that an index looks most of them up instead."""
    return _RUN.findall(text)


def run_terms(run: str) -> tuple[str, ...]:
    """The terms of one item of `runs`."""
    if run.isascii() or not _IS_UNSPACED.match(run):
        word = fold(run)
        return (word,) if word else ()
    pieces = [fold(piece) for piece in _CLUSTER.findall(run)]
    return (*pieces, *(a + b for a, b in pairwise(pieces)))


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """A word as the index knows it: without compatibility forms, case, the accents of Latin, Greek and (stress
    marks, ё) Cyrillic letters, Arabic and Hebrew points. Marks that are letters (Indic vowel signs, й, Japanese
    voicing) stay. May be empty (a word of joiners only). Nothing is stemmed: beside embeddings that did not find
    more, and no stemmer is right in every language."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFKD", word).casefold().translate(_PLAIN_SIGNS)
    kept: list[str] = []
    base = ""
    for sign in unicodedata.normalize("NFKD", word):
        if not unicodedata.combining(sign):
            base = sign
        elif _is_accent(base, sign):
            continue
        kept.append(sign)
    return unicodedata.normalize("NFC", "".join(kept))


def _is_accent(base: str, mark: str) -> bool:
    if "\u0300" <= mark <= "\u036f":
        if "\u0400" <= base <= "\u052f":
            return mark in "\u0300\u0301" or (mark == "\u0308" and base == "\u0435")
        return base < "\u0400" or "\u1d00" <= base <= "\u1fff"
    return "\u0591" <= mark <= "\u05c7" or "\u064b" <= mark <= "\u065f" or mark in "\u0640\u0670"


def singular(word: str) -> str:
    """A folded word for marking: "cats" shows "cat" too. The weak "S" stemmer (Harman, "How effective is
    suffixing?", 1991): English plurals, and the -s of others."""
    if len(word) < 4 or not word.isascii() or word[-1] != "s" or word[-2] in "us":
        return word
    if word.endswith("ies"):
        return word if word[-4] in "ae" else word[:-3] + "y"
    if word.endswith("es"):
        return word[:-1] if word[-3] not in "aeo" else word
    return word[:-1]


def find(text: str) -> Iterator[tuple[str, Span]]:
    """Like `terms`, with each term's place in the text (code points), in order of the runs."""
    for match in _RUN.finditer(text):
        run, start = match.group(), match.start()
        if run.isascii() or not _IS_UNSPACED.match(run):
            word = fold(run)
            if word:
                yield word, Span(start, match.end())
            continue
        places = [(fold(piece.group()), piece.start(), piece.end()) for piece in _CLUSTER.finditer(run)]
        for piece, a, b in places:
            yield piece, Span(start + a, start + b)
        for (one, a, _), (two, _, b) in pairwise(places):
            yield one + two, Span(start + a, start + b)


def marking_terms(query: str) -> frozenset[str]:
    """The terms of a query that are worth marking in a text: a character of an unspaced script only when it
    stands alone in the query (the pairs say more), and a single letter or digit only when there is nothing
    else."""
    strong: set[str] = set()
    weak: set[str] = set()
    for run in runs(query):
        made = run_terms(run)
        if len(made) > 1:
            strong.update(made[(len(made) + 1) // 2 :])  # the pairs
        else:
            single = len(made) == 1 and made[0].isascii() and len(made[0]) < 2
            (weak if single else strong).update(map(singular, made))
    return frozenset(strong or weak)


def mark(text: str, wanted: frozenset[str]) -> tuple[Span, ...]:
    """Where the `marking_terms` of a query are in a text, in order; overlapping pairs of an unspaced script
    as one."""
    spans = [span for term, span in find(text) if singular(term) in wanted] if wanted else []
    spans.sort(key=lambda span: (span.start, span.end))
    joined: list[Span] = []
    for span in spans:
        if joined and span.start < joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
