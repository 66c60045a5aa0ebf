"""Words of a text, in any script, folded so that what a reader takes for the same word is the same string.

Scripts without spaces between words (Chinese, Japanese, Thai, ...; and Korean, which glues particles to its
words) give every character and every pair of neighbours, as search engines do for them: a query finds a text
that shares a pair.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import pairwise

from nearside.types import Span


@cache
def marks() -> str:
    """Ranges of the combining marks, to be put between [ and ] in a regular expression: `\\w` leaves them
    out, which would cut Hindi or Thai words and decomposed accents in two. Marks live in these blocks
    only."""
    blocks = [(0x300, 0x1E00), (0x20D0, 0x2100), (0x2CEF, 0x2E00), (0x302A, 0x309B), (0xA66F, 0xAC00)]
    blocks += [(0xFB1E, 0xFB1F), (0xFE20, 0xFE30), (0x10A00, 0x10B00), (0x10D24, 0x10D70), (0x10E80, 0x12000)]
    blocks += [
        (0x16100, 0x16140),
        (0x16AF0, 0x16B37),
        (0x16F4F, 0x17000),
        (0x1E000, 0x1E150),
        (0x1E2A0, 0x1E2F0),
        (0x1E4EC, 0x1E4F0),
        (0x1E5EE, 0x1E5F0),
        (0x1E8D0, 0x1E94B),
    ]
    ranges: list[list[int]] = []
    for start, stop in blocks:
        for code in range(start, stop):
            if unicodedata.category(chr(code))[0] == "M":
                if ranges and ranges[-1][1] == code - 1:
                    ranges[-1][1] = code
                else:
                    ranges.append([code, code])
    return "".join(f"{chr(a)}-{chr(b)}" for a, b in ranges)


_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"  # Hangul
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_JOINERS = "\u00ad\u200c\u200d"  # soft hyphen and the joiners that Persian and Indic spelling use
_PLAIN_SIGNS = str.maketrans("ıøłđ", "iold", _JOINERS)
_ASCII_RUN = re.compile(r"[0-9A-Za-z]+")


@cache
def _run() -> re.Pattern[str]:
    """A word, or a run of an unspaced script. (Made when it is first needed: that takes time, and a page that
    starts has none.)"""
    return re.compile(rf"[{_UNSPACED}]+|(?:(?![_{_UNSPACED}])[\w{marks()}{_JOINERS}])+")


@cache
def _cluster() -> re.Pattern[str]:
    """A character with its marks."""
    return re.compile(rf"[^{marks()}][{marks()}]*|[{marks()}]+")


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(rf"[{_UNSPACED}]")


def _pattern(text: str) -> re.Pattern[str]:
    return _ASCII_RUN if text.isascii() else _run()


def terms(text: str) -> list[str]:
    """The folded words of a text in order, for counting: `fold` of every word, and characters and pairs of
    unspaced scripts."""
    found: list[str] = []
    for run in _pattern(text).findall(text):
        found.extend(run_terms(run))
    return found


def runs(text: str) -> list[str]:
    """The raw words and unspaced runs of a text. `run_terms` makes terms of each; few of them are different,
    so that an index looks most of them up instead."""
    return _pattern(text).findall(text)


def run_terms(run: str) -> tuple[str, ...]:
    """The terms of one item of `runs`."""
    if run.isascii() or not _unspaced().match(run):
        word = fold(run)
        return (word,) if word else ()
    pieces = [fold(piece) for piece in _cluster().findall(run)]
    return (*pieces, *(a + b for a, b in pairwise(pieces)))


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """A word as the index knows it: without compatibility forms, case, the accents of Latin, Greek and
    (stress marks, ё) Cyrillic letters, Arabic and Hebrew points. Marks that are letters (Indic vowel signs,
    й, Japanese voicing) stay. May be empty (a word of joiners only). Nothing is stemmed: beside embeddings
    that did not find more, and no stemmer is right in every language."""
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
    for match in _pattern(text).finditer(text):
        run, start = match.group(), match.start()
        if run.isascii() or not _unspaced().match(run):
            word = fold(run)
            if word:
                yield word, Span(start, match.end())
            continue
        places = [(fold(piece.group()), piece.start(), piece.end()) for piece in _cluster().finditer(run)]
        for piece, a, b in places:
            yield piece, Span(start + a, start + b)
        for (one, a, _), (two, _, b) in pairwise(places):
            yield one + two, Span(start + a, start + b)


def marking_terms(query: str, common: Callable[[str], bool] = lambda term: False) -> frozenset[str]:
    """The terms of a query that are worth marking in a text: a character of an unspaced script only when it
    stands alone in the query (the pairs say more); a single letter or digit, and a word that is `common` in
    the texts at hand ("the"), only when there is nothing else."""
    strong: set[str] = set()
    weak: set[str] = set()
    for run in runs(query):
        made = run_terms(run)
        if len(made) > 1:
            strong.update(made[(len(made) + 1) // 2 :])  # the pairs
        else:
            says_little = len(made) == 1 and ((made[0].isascii() and len(made[0]) < 2) or common(made[0]))
            (weak if says_little else strong).update(map(singular, made))
    return frozenset(strong or weak)


def mark(text: str, wanted: frozenset[str]) -> tuple[Span, ...]:
    """Where the `marking_terms` of a query are in a text, in order; overlapping pairs of an unspaced script
    as one."""
    if not wanted:
        return ()
    known: dict[str, bool] = {}
    spans: list[Span] = []
    for match in _pattern(text).finditer(text):
        run, start = match.group(), match.start()
        if run not in known:
            known[run] = any(singular(term) in wanted for term in run_terms(run))
        if known[run]:
            found = (span for term, span in find(run) if singular(term) in wanted)
            spans += [Span(start + span.start, start + span.end) for span in found]
    spans.sort(key=lambda span: (span.start, span.end))
    joined: list[Span] = []
    for span in spans:
        if joined and span.start < joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
