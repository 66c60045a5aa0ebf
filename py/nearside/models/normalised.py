"""A text on its way through a tokenizer's normalizer, each character with the place that it came from.

The places are those that the Rust package `tokenizers` gives, whose way of counting this follows: what is put
in stands where the character before it stood, and what is composed of several characters stands where the
first did.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal

from nearside.models.charsmap import Charsmap, clusters
from nearside.models.newer_unicode import (
    NEWER_CONTROLS,
    NEWER_MARKS,
    NEWER_PUNCTUATION,
    OLDER_PUNCTUATION,
)

Span = tuple[int, int]
Change = tuple[str, int]
"""A character of the new text; 0: in the place of the next old one, 1: put in, -n: in the place of the next
old one and of the n that follow it."""
Step = Callable[["Normalised"], None]

_CONTROLS = frozenset(("Cc", "Cf", "Co"))
_CHINESE = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip
SPACES = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(c) for c in range(0x2000, 0x200B)
}


def is_space(char: str) -> bool:
    """Whether a character is white space to Unicode (to `str.isspace` a few separators are, too)."""
    return char in SPACES


class Normalised:
    """Characters and, for each, the place of what it came from in the text, in code points."""

    def __init__(self, chars: list[str], spans: list[Span]) -> None:
        self.chars = chars
        self.spans = spans

    @classmethod
    def of(cls, text: str, start: int = 0) -> Normalised:
        """A text as it is; `start`: where it stands in a longer one."""
        return cls(list(text), [(start + i, start + i + 1) for i in range(len(text))])

    def __len__(self) -> int:
        return len(self.chars)

    def text(self) -> str:
        """The characters together."""
        return "".join(self.chars)

    def part(self, start: int, end: int) -> Normalised:
        """The characters from `start` up to `end`."""
        return Normalised(self.chars[start:end], self.spans[start:end])

    def transform(self, changes: Iterable[Change]) -> None:
        """Replace the whole text."""
        spans, at = [], 0
        chars = []
        for char, change in changes:
            spans.append(self.spans[at if change <= 0 else max(at - 1, 0)] if self.spans else (0, 0))
            chars.append(char)
            if change <= 0:
                at += 1 - change
        self.chars, self.spans = chars, spans

    def keep(self, wanted: Callable[[str], bool]) -> None:
        """Leave out the characters that are not wanted."""
        kept = [i for i, char in enumerate(self.chars) if wanted(char)]
        self.chars, self.spans = [self.chars[i] for i in kept], [self.spans[i] for i in kept]

    def spread(self, made: Callable[[str], str]) -> None:
        """Each character as those that `made` gives for it, in its place."""
        chars: list[str] = []
        spans: list[Span] = []
        for char, span in zip(self.chars, self.spans, strict=True):
            new = made(char)
            chars += new
            spans += [span] * len(new)
        self.chars, self.spans = chars, spans

    def prepend(self, text: str) -> None:
        """Put a text before the first character, in its place; nothing comes of nothing."""
        if self.chars:
            self.chars[:0] = text
            self.spans[:0] = [self.spans[0]] * len(text)

    def replace(self, pattern: re.Pattern[str], content: str) -> None:
        """Replace what matches; the new text stands where the last character of the old one did."""
        matches = list(pattern.finditer(self.text()))
        for match in reversed(matches):
            start, end = match.span()
            place = self.spans[max(end - 1, 0)] if self.spans else (0, 0)
            self.chars[start:end] = content
            self.spans[start:end] = [place] * len(content)


def normalizer(config: Mapping[str, Any] | None) -> Step:
    """The normalizer of a tokenizer.json; one that is not known leaves the text as it is."""
    if config is None:
        return _nothing
    kind = config["type"]
    if kind == "Sequence":
        steps = [normalizer(step) for step in config["normalizers"]]

        def run(text: Normalised) -> None:
            for step in steps:
                step(text)

        return run
    maker = _MAKERS.get(kind)
    return maker(config) if maker is not None else _nothing


def pattern(config: Mapping[str, Any]) -> re.Pattern[str]:
    """The pattern of a Replace or a Split, as far as Python's `re` can say it."""
    return re.compile(config["Regex"] if "Regex" in config else re.escape(config["String"]))


def _nothing(text: Normalised) -> None:
    """Leave a text as it is."""


def _bert(config: Mapping[str, Any]) -> Step:
    lowercase = config.get("lowercase", True)
    strip = config.get("strip_accents")
    strip = lowercase if strip is None else strip

    def run(text: Normalised) -> None:
        if config.get("clean_text", True):
            text.keep(lambda char: char not in "\0\ufffd" and not _is_control(char))
            text.chars = [" " if is_space(char) else char for char in text.chars]
        if config.get("handle_chinese_chars", True):
            text.spread(lambda char: f" {char} " if _is_chinese(char) else char)
        if strip:
            text.transform(_decomposed(text.chars))
            text.keep(lambda char: not _is_mark(char))
        if lowercase:
            text.spread(str.lower)

    return run


@lru_cache(maxsize=4096)
def _is_control(char: str) -> bool:
    return char not in "\t\n\r" and unicodedata.category(char) in _CONTROLS and char not in NEWER_CONTROLS


@lru_cache(maxsize=4096)
def _is_mark(char: str) -> bool:
    return char >= "\u0300" and unicodedata.category(char) == "Mn" and char not in NEWER_MARKS


@lru_cache(maxsize=4096)
def is_punctuation(char: str) -> bool:
    """Whether BERT's pre-tokenizer makes a word of its own of the character."""
    if char < "\x80":
        return not char.isalnum() and char > " " and char != "\x7f"
    category = unicodedata.category(char)
    return (category.startswith("P") and char not in NEWER_PUNCTUATION) or char in OLDER_PUNCTUATION


def _is_chinese(char: str) -> bool:
    code = ord(char)
    return code >= 0x3400 and any(first <= code <= last for first, last in _CHINESE)


def _strip(config: Mapping[str, Any]) -> Step:
    def run(text: Normalised) -> None:
        start, end = 0, len(text)
        while config["strip_left"] and start < end and is_space(text.chars[start]):
            start += 1
        while config["strip_right"] and end > start and is_space(text.chars[end - 1]):
            end -= 1
        text.chars, text.spans = text.chars[start:end], text.spans[start:end]

    return run


def _form(compose: bool, compatible: bool) -> Callable[[Mapping[str, Any]], Step]:
    def run(text: Normalised) -> None:
        changes = _decomposed(text.chars, compatible)
        text.transform(_composed(changes) if compose else changes)

    return lambda config: run


def _decomposed(chars: Iterable[str], compatible: bool = False) -> list[Change]:
    """The characters in NFD (or NFKD): marks in the order of their class."""
    made: list[Change] = []
    marks: list[Change] = []
    form: Literal["NFKD", "NFD"] = "NFKD" if compatible else "NFD"
    for char in chars:
        for i, piece in enumerate(char if char < "\xa0" else unicodedata.normalize(form, char)):
            if unicodedata.combining(piece):
                marks.append((piece, int(i > 0)))
            else:
                made += sorted(marks, key=_class)
                marks.clear()
                made.append((piece, int(i > 0)))
    return made + sorted(marks, key=_class)


def _class(change: Change) -> int:
    return unicodedata.combining(change[0])


def _composed(changes: list[Change]) -> list[Change]:
    """Decomposed characters in NFC: each pair that has a character of its own becomes that."""
    made: list[Change] = []
    base: Change | None = None
    between: list[Change] = []
    last = 0
    for char, change in changes:
        order = unicodedata.combining(char)
        if base is not None and (not between or last < order):
            one = _pair(base[0], char)
            if one is not None:
                base = (one, base[1] + change - 1)
                continue
        if order == 0:
            made += ([base] if base is not None else []) + between
            base, between, last = (char, change), [], 0
        elif base is None:
            made.append((char, change))
        else:
            between.append((char, change))
            last = order
    return made + ([base] if base is not None else []) + between


@lru_cache(maxsize=4096)
def _pair(first: str, second: str) -> str | None:
    if first < "\x80" and second < "\x80":
        return None
    one = unicodedata.normalize("NFC", first + second)
    return one if len(one) == 1 else None


def _precompiled(config: Mapping[str, Any]) -> Step:
    known = Charsmap(config["precompiled_charsmap"])

    def run(text: Normalised) -> None:
        changes: list[Change] = []
        for cluster in clusters(text.chars):
            new = known.get(cluster) if len(cluster.encode()) < 6 else None
            if new is not None:
                _put(changes, cluster, new)
                continue
            for char in cluster:
                new = known.get(char)
                if new is None:
                    changes.append((char, 0))
                else:
                    _put(changes, char, new)
        text.transform(changes)

    return run


def _put(changes: list[Change], old: str, new: str) -> None:
    changes += [(char, 0) for char in new]
    more = len(new) - len(old)
    if more > 0:
        changes[-more:] = [(char, 1) for char, _ in changes[-more:]]
    elif more < 0 and changes:
        char, change = changes[-1]
        changes[-1] = (char, change + more)


def _accents(text: Normalised) -> None:
    text.keep(lambda char: not unicodedata.category(char).startswith("M"))


_MAKERS: Mapping[str, Callable[[Mapping[str, Any]], Step]] = {
    "BertNormalizer": _bert,
    "Precompiled": _precompiled,
    "Strip": _strip,
    "StripAccents": lambda _: _accents,
    "Lowercase": lambda _: lambda text: text.spread(str.lower),
    "Prepend": lambda config: lambda text: text.prepend(config["prepend"]),
    "Replace": lambda config: lambda text: text.replace(pattern(config["pattern"]), config["content"]),
    "NFC": _form(True, False),
    "NFD": _form(False, False),
    "NFKC": _form(True, True),
    "NFKD": _form(False, True),
}
