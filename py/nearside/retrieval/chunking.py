"""Cutting long texts into pieces of at most so many tokens, at the best border there is.

Borders from best to worst: sentence (or line), word, character (grapheme), code point. Pieces are counted in
batches, one call of the tokenizer for each kind of border that is needed, however many texts there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from nearside.retrieval.words import marks
from nearside.types import Span

Count = Callable[[Sequence[str]], list[int]]
"""How many tokens each text has, special ones not counted."""

_WHOLE = 20_000  # characters up to which a text is first counted in one piece: it may well be short enough

_SENTENCE = re.compile(
    r"""\n\s*                                               # a line
      | (?:[.!?…]|[۔؟।॥።])+ ["'”’»)\]]* \s+                 # a sentence and the space after it
      | [。！？｡．]+ ["'”’」』）】]* \s*                       # scripts that need no space
    """,
    re.VERBOSE,
)
_WORD = re.compile(r"\s+")


@cache
def _grapheme() -> re.Pattern[str]:
    """What a reader takes for one character, nearly as Unicode's rules have it."""
    extend = f"{marks()}\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u200d"
    return re.compile(
        rf"\r\n|[\U0001f1e6-\U0001f1ff]{{2}}|[\u1100-\u115f]+[\u1160-\u11ff]*"
        rf"|[\s\S][{extend}]*(?:(?<=\u200d)[^\s{extend}][{extend}]*)*"
    )


def cut(texts: Sequence[str], limit: int, count: Count) -> list[list[Span]]:
    """For each text the pieces (code points, in order, without the white space around them) that together
    hold all of it, each of at most `limit` tokens; about equally long. A text that is short enough is one
    piece, a blank one none. (A single code point of more than `limit` tokens cannot be cut and stays as it
    is. Where a tokenizer does not add up over white space, a piece can have a few tokens more: count again
    when that matters.)"""
    whole = [Span(0, len(text)) for text in texts]
    parts: list[list[_Part]] = [[] for _ in texts]
    short = [i for i, text in enumerate(texts) if len(text) <= _WHOLE]
    counts = dict(zip(short, count([texts[i] for i in short]) if short else [], strict=True))
    todo: list[tuple[int, Span]] = []
    for i, span in enumerate(whole):
        if i in counts and counts[i] <= limit:
            parts[i].append((span, counts[i]))
        else:
            todo.append((i, span))
    for split in (_sentences, _words, _groups(max(limit // 8, 1)), _graphemes, _code_points):
        if not todo:
            break
        todo = _split(todo, texts, parts, limit, count, split)
    return [_pack(text, made, limit) for text, made in zip(texts, parts, strict=True)]


_Part = tuple[Span, int]  # with its number of tokens
_Splitter = Callable[[str, Span], Iterator[Span]]


def _split(
    todo: list[tuple[int, Span]],
    texts: Sequence[str],
    parts: list[list[_Part]],
    limit: int,
    count: Count,
    split: _Splitter,
) -> list[tuple[int, Span]]:
    """Split each span in `todo`, keep what is short enough in `parts`; what is not is returned, for a finer
    split."""
    pieces = [(i, piece) for i, span in todo for piece in split(texts[i], span)]
    left: list[tuple[int, Span]] = []
    counts = count([texts[i][piece.start : piece.end] for i, piece in pieces])
    for (i, piece), tokens in zip(pieces, counts, strict=True):
        if tokens <= limit or split is _code_points:
            parts[i].append((piece, tokens))
        else:
            left.append((i, piece))
    return left


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


def _between(text: str, span: Span, border: re.Pattern[str]) -> Iterator[Span]:
    """The pieces that end where a match of `border` ends."""
    start = span.start
    for match in border.finditer(text, span.start, span.end):
        if match.end() > start:
            yield Span(start, match.end())
            start = match.end()
    if start < span.end:
        yield Span(start, span.end)


def _sentences(text: str, span: Span) -> Iterator[Span]:
    return _between(text, span, _SENTENCE)


def _words(text: str, span: Span) -> Iterator[Span]:
    return _between(text, span, _WORD)


def _graphemes(text: str, span: Span) -> Iterator[Span]:
    for match in _grapheme().finditer(text, span.start, span.end):
        yield Span(match.start(), match.end())


def _groups(size: int) -> _Splitter:
    """Groups of graphemes: most scripts have at most one token for each, so that a group is short enough."""

    def split(text: str, span: Span) -> Iterator[Span]:
        start, members = span.start, 0
        for match in _grapheme().finditer(text, span.start, span.end):
            members += 1
            if members == size:
                yield Span(start, match.end())
                start, members = match.end(), 0
        if start < span.end:
            yield Span(start, span.end)

    return split


def _code_points(text: str, span: Span) -> Iterator[Span]:
    for place in range(span.start, span.end):
        yield Span(place, place + 1)
