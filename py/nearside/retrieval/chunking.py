"""Cutting long texts into pieces of at most so many tokens, at the best border there is.

Borders from best to worst: sentence (or line), word, character (grapheme), code point. Pieces are counted in
batches, one call of the tokenizer for each kind of border that is needed, however many texts there are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from nearside.retrieval.words import marks
from nearside.types import Span

Count = Callable[[Sequence[str]], list[int]]
"""How many tokens each text has, special ones not counted."""

_SLICE = 100_000  # characters that are counted at a time
_LONG = 20_000  # characters from which a text or a sentence is cut without counting it first

_SENTENCE = re.compile(
    r"""\n\s*                                               # a line
      | (?:[.!?…]|[۔؟।॥።])+ ["'”’»)\]]* \s+                 # a sentence and the space after it
      | [。！？｡．]+ ["'”’」』）】]* \s*                       # scripts that need no space
    """,
    re.VERBOSE,
)


@cache
def _grapheme() -> str:
    """What a reader takes for one character, nearly as Unicode's rules have it; a regular expression."""
    extend = f"{marks()}\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u200d"
    return (
        rf"(?:\r\n|[\U0001f1e6-\U0001f1ff]{{2}}|[\u1100-\u115f]+[\u1160-\u11ff]*"
        rf"|[\s\S][{extend}]*(?:(?<=\u200d)[^\s{extend}][{extend}]*)*)"
    )


def cut(texts: Sequence[str], limit: int, count: Count) -> list[list[Span]]:
    """For each text the pieces (code points, in order, without the white space around them) that together
    hold all of it, each of at most `limit` tokens; about equally long. A text that is short enough is one
    piece, a blank one none. (A single code point of more than `limit` tokens cannot be cut and stays as it
    is. Where a tokenizer does not add up over white space, a piece can have a few tokens more: count again
    when that matters.)"""
    steps = cutting(texts, limit, count)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: list[list[Span]] = end.value
            return made


def cutting(texts: Sequence[str], limit: int, count: Count) -> Generator[None, None, list[list[Span]]]:
    """`cut` in steps of some 20 ms: between them a caller may let others have their turn."""
    parts: list[list[_Part]] = [[] for _ in texts]
    todo = [_Piece(i, Span(0, len(text))) for i, text in enumerate(texts)]
    for split in (_whole, _sentences, *_finer(max(limit // 8, 1))):
        pieces = [_Piece(i, part) for i, span in todo for part in split(texts[i], span)]
        longest = _LONG if split in _COARSE else math.inf
        todo = [piece for piece in pieces if _length(piece) > longest]
        pieces = [piece for piece in pieces if _length(piece) <= longest]
        for numbers in slices([texts[i][span.start : span.end] for i, span in pieces]):
            batch = pieces[numbers.start : numbers.stop]
            counts = count([texts[i][span.start : span.end] for i, span in batch])
            for piece, tokens in zip(batch, counts, strict=True):
                if tokens <= limit or split is _code_points:
                    parts[piece.owner].append((piece.span, tokens))
                else:
                    todo.append(piece)
            yield
    return [_pack(text, made, limit) for text, made in zip(texts, parts, strict=True)]


def slices(texts: Sequence[str]) -> Iterator[range]:
    """The texts' numbers in groups that take no more than some 20 ms to tokenize (or to index)."""
    start, size = 0, 0
    for number, text in enumerate(texts):
        size += len(text)
        if size >= _SLICE:
            yield range(start, number + 1)
            start, size = number + 1, 0
    if start < len(texts):
        yield range(start, len(texts))


class _Piece(NamedTuple):
    owner: int  # the number of its text
    span: Span


_Part = tuple[Span, int]  # with its number of tokens
_Splitter = Callable[[str, Span], Iterator[Span]]


def _pack(text: str, parts: list[_Part], limit: int) -> list[Span]:
    """Join neighbours up to the limit, aiming at pieces of equal length."""
    parts.sort(key=lambda part: part[0].start)
    left = sum(tokens for _, tokens in parts)
    made: list[Span] = []
    start, tokens, target = 0, 0, _even(left, limit)
    for span, more in parts:
        if tokens and (tokens + more > limit or tokens + more / 2 > target):
            made.append(Span(start, span.start))
            left -= tokens
            start, tokens, target = span.start, 0, _even(left, limit)
        tokens += more
    made.append(Span(start, len(text)))
    return [span for span in (_strip(text, span) for span in made) if span.start < span.end]


def _even(tokens: int, limit: int) -> float:
    """The length of the next piece when the rest is shared out evenly over as few pieces as possible."""
    pieces = -(-tokens // limit)
    return tokens / pieces if pieces > 1 else limit


def _strip(text: str, span: Span) -> Span:
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, max(start, span.start + len(piece.rstrip())))


def _length(piece: _Piece) -> int:
    return piece.span.end - piece.span.start


def _whole(text: str, span: Span) -> Iterator[Span]:
    yield span


def _sentences(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    for match in _SENTENCE.finditer(text, span.start, span.end):
        if match.end() > start:
            yield Span(start, match.end())
            start = match.end()
    if start < span.end:
        yield Span(start, span.end)


_COARSE = (_whole, _sentences)  # what these leave can be cut between words


def _matches(pattern: str) -> _Splitter:
    """A splitter by a pattern whose matches leave nothing out."""

    def split(text: str, span: Span) -> Iterator[Span]:
        for match in re.compile(pattern).finditer(text, span.start, span.end):
            yield Span(*match.span())

    return split


def _code_points(text: str, span: Span) -> Iterator[Span]:
    for place in range(span.start, span.end):
        yield Span(place, place + 1)


def _finer(size: int) -> Iterator[_Splitter]:
    """The splitters below sentences: groups of words and of characters come before single ones, as most words
    and characters are a token or two each and a group is short enough."""
    yield _matches(rf"(?:\S*\s+){{1,{size}}}|\S+")
    yield _matches(r"\S*\s+|\S+")
    yield _matches(f"{_grapheme()}{{1,{size}}}")
    yield _matches(_grapheme())
    yield _code_points
