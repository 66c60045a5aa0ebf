"""Where each token stands in its text, found again from the tokens: for a tokenizer that does not say it.

The places are those that the Rust package `tokenizers` gives for the same tokenizer.json, its oddities
included: a token that begins with a space includes it where Rust does, and the bytes of one character all
cover it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.models.normalised import SPACES, Normalised, Span, is_punctuation, is_space, normalizer, pattern

_TRIMMED = "".join(SPACES) + "\u0120"
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")


class Offsets:
    """The places of one tokenizer's tokens. `text`: its tokenizer.json; `vocabulary`: token of every id."""

    def __init__(self, text: str, vocabulary: Sequence[str | None]) -> None:
        config: dict[str, Any] = json.loads(text)
        model = config["model"]
        self._tokens = vocabulary
        self._known = frozenset(token for token in vocabulary if token is not None)
        self._normalise = normalizer(config["normalizer"])
        self._pre = list(_flat(config["pre_tokenizer"], "pretokenizers"))
        added = config["added_tokens"]
        self._first = _Added([token for token in added if not token["normalized"]])
        self._second = _Added([token for token in added if token["normalized"]])
        for token in self._second.tokens:
            seen = Normalised.of(token["content"])
            self._normalise(seen)
            token["content"] = seen.text()
        self._kind = model.get("type") or ("WordPiece" if "max_input_chars_per_word" in model else "BPE")
        unknown = model.get("unk_token")
        if self._kind == "Unigram" and model.get("unk_id") is not None:
            unknown = model["vocab"][model["unk_id"]][0]
        self._unknown: str | None = unknown
        self._fuses = self._kind == "Unigram" or bool(model.get("fuse_unk"))
        self._continues: str = model.get("continuing_subword_prefix") or ""
        self._ends: str = model.get("end_of_word_suffix") or ""
        self._bytes = any(step["type"] == "ByteLevel" for step in self._pre)
        self._before, self._after = _around(config["post_processor"])
        self._trim = _trim(config["post_processor"])

    def find(
        self, text: str, ids: NDArray[np.int64], *, special: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Offsets int64 [n, 2] in code points and special bool [n] of the tokens `ids` of `text`; `special`:
        whether they have the model's special tokens around them."""
        before, after = (self._before, self._after) if special else (0, 0)
        inner = [self._tokens[int(id)] or "" for id in ids[before : len(ids) - after]]
        walked = list(self._walk(text, inner))
        spans = [span for span, _ in walked]
        if self._trim is not None:
            spans = [_trimmed(i, *pair, self._trim) for i, pair in enumerate(walked)]
        offsets = np.zeros((len(ids), 2), np.int64)
        offsets[before : before + len(spans)] = np.asarray(spans, np.int64).reshape(-1, 2)
        extra = np.ones(len(ids), np.bool_)
        extra[before : len(ids) - after] = False
        return offsets, extra

    def _walk(self, text: str, tokens: list[str]) -> Iterator[tuple[Span, str]]:
        """The span of each token, and the token as it counts for trimming: one that the text itself has, with
        the spaces that go with it."""
        at = 0
        for piece in self._pieces(text):
            if isinstance(piece, tuple):
                if at < len(tokens):
                    yield piece, text[slice(*piece)]
                at += 1
                continue
            walked = _Piece(self, piece)
            while at < len(tokens) and walked.more():
                yield walked.take(tokens, at), tokens[at]
                at += 1
        for _ in range(at, len(tokens)):  # not reached where both tokenizers agree on the text
            yield (len(text), len(text)), ""

    def _pieces(self, text: str) -> Iterator[Normalised | Span]:
        """What the model sees, one after the other; a span for a special token that the text has."""
        for raw in self._first.split(Normalised.of(text)):
            if isinstance(raw, tuple):
                yield raw
                continue
            first = bool(raw.spans) and raw.spans[0][0] == 0
            self._normalise(raw)
            for part in self._second.split(raw):
                if isinstance(part, tuple):
                    yield part
                    continue
                words = [part]
                for step in self._pre:
                    words = [new for word in words for new in _split(word, step, first) if len(new)]
                yield from words
                first = False

    @property
    def byte_level(self) -> bool:
        """Whether tokens are written in GPT-2's characters for bytes."""
        return self._bytes

    def length(self, tokens: list[str], at: int, chars: list[str], start: int) -> int:
        """How many characters the token at `at` takes, of a word from `start` on."""
        token = tokens[at]
        if token == self._unknown:
            return self._unknown_length(tokens, at, chars, start)
        own = token.removeprefix(self._continues) if self._continues and start else token
        return len(own.removesuffix(self._ends) if self._ends else own)

    def _unknown_length(self, tokens: list[str], at: int, chars: list[str], start: int) -> int:
        if self._kind == "WordPiece":
            return len(chars) - start
        if not self._fuses:
            return 1
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        end = start + 1
        while end < len(chars) and chars[end] not in self._known:
            if following is not None and "".join(chars[end : end + len(following)]) == following:
                break
            end += 1
        return end - start


class _Piece:
    """A word that tokens are taken from."""

    def __init__(self, offsets: Offsets, word: Normalised) -> None:
        self._offsets = offsets
        self._word = word
        self._at = 0
        self._left = 0  # bytes of the character at hand that were not taken yet
        if offsets.byte_level:
            word.spread(lambda char: "\0" * len(char.encode()))

    def more(self) -> bool:
        return self._at < len(self._word)

    def take(self, tokens: list[str], at: int) -> Span:
        chars, spans = self._word.chars, self._word.spans
        start = self._at
        if _BYTE.fullmatch(tokens[at]) and not self._offsets.byte_level:
            self._left = (self._left or len(chars[start].encode())) - 1
            self._at += self._left == 0
            return spans[start]
        end = min(start + max(self._offsets.length(tokens, at, chars, start), 1), len(chars))
        self._at = end
        return spans[start][0], spans[end - 1][1]


class _Added:
    """Tokens that are found in a text before anything else is done with it."""

    def __init__(self, tokens: list[dict[str, Any]]) -> None:
        self.tokens = tokens
        self._pattern: re.Pattern[str] | None = None

    def split(self, text: Normalised) -> Iterator[Normalised | Span]:
        """The text between them, and the span of each."""
        if not self.tokens:
            yield text
            return
        if self._pattern is None:
            longest = sorted((t["content"] for t in self.tokens if t["content"]), key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest)) or r"(?!)")
        by_content = {token["content"]: token for token in self.tokens}
        whole, at = text.text(), 0
        for match in self._pattern.finditer(whole):
            start, end = match.span()
            token = by_content[match.group()]
            if start < at or (token["single_word"] and not _alone(whole, start, end)):
                continue
            while token["lstrip"] and start > at and is_space(whole[start - 1]):
                start -= 1
            while token["rstrip"] and end < len(whole) and is_space(whole[end]):
                end += 1
            if start > at:
                yield text.part(at, start)
            yield text.spans[start][0], text.spans[end - 1][1]
            at = end
        if at < len(whole):
            yield text.part(at, len(whole))


def _alone(text: str, start: int, end: int) -> bool:
    around = (text[start - 1 : start] if start else "", text[end : end + 1])
    return not any(re.fullmatch(r"\w", char) for char in around)


def _split(word: Normalised, step: Mapping[str, Any], first: bool) -> list[Normalised]:
    """What a pre-tokenizer makes of a word. Those that only cut it, and drop nothing, change no span."""
    kind = step["type"]
    if kind == "Metaspace":
        mark = step.get("replacement", "\u2581")
        word.chars = [mark if char == " " else char for char in word.chars]
        scheme = step.get("prepend_scheme", "always")
        if word.chars and (scheme == "always" or (scheme == "first" and first)) and word.chars[0] != mark:
            word.prepend(mark)
        return _cut(word, lambda char: char == mark, keep=True) if step.get("split", True) else [word]
    if kind == "ByteLevel":
        if word.chars and step.get("add_prefix_space") and word.chars[0] != " ":
            word.prepend(" ")
        return [word]
    if kind in ("WhitespaceSplit", "Whitespace"):
        return _cut(word, is_space, keep=False)
    if kind == "BertPreTokenizer":
        words = _cut(word, is_space, keep=False)
        return [new for each in words for new in _isolated(each)]
    if kind == "Split" and step["behavior"] == "Removed" and not step.get("invert"):
        ends = [match.span() for match in pattern(step["pattern"]).finditer(word.text())]
        edges = [0, *(edge for pair in ends for edge in pair), len(word)]
        return [word.part(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [word]


def _cut(word: Normalised, at: Any, *, keep: bool) -> list[Normalised]:
    """The word cut before each character that `at` names, which goes with the next part, or goes altogether
    (not `keep`)."""
    edges = [i for i, char in enumerate(word.chars) if at(char)]
    starts = [0, *(edges if keep else [i + 1 for i in edges])]
    return [word.part(a, b) for a, b in zip(starts, [*edges, len(word)], strict=True) if b > a]


def _isolated(word: Normalised) -> list[Normalised]:
    """The word with each punctuation mark as a word of its own."""
    made, start = [], 0
    for i, char in enumerate(word.chars):
        if is_punctuation(char):
            made += [word.part(start, i), word.part(i, i + 1)]
            start = i + 1
    return [part for part in (*made, word.part(start, len(word))) if len(part)]


def _flat(config: Mapping[str, Any] | None, inside: str) -> Iterator[Mapping[str, Any]]:
    if config is None:
        return
    if config["type"] == "Sequence":
        for step in config[inside]:
            yield from _flat(step, inside)
    else:
        yield config


def _around(config: Mapping[str, Any] | None) -> tuple[int, int]:
    """How many tokens a post-processor puts before and after a text."""
    before = after = 0
    for step in _flat(config, "processors"):
        if step["type"] in ("BertProcessing", "RobertaProcessing"):
            before, after = before + 1, after + 1
        elif step["type"] == "TemplateProcessing":
            seen = False
            for item in step["single"]:
                if "SpecialToken" in item:
                    count = len(step["special_tokens"][item["SpecialToken"]["id"]]["ids"])
                    before, after = (before, after + count) if seen else (before + count, after)
                seen = seen or "Sequence" in item
    return before, after


def _trim(config: Mapping[str, Any] | None) -> bool | None:
    """None where spaces at a token's ends count; else whether one was put before the text."""
    for step in _flat(config, "processors"):
        if step["type"] in ("ByteLevel", "RobertaProcessing") and step.get("trim_offsets"):
            return bool(step.get("add_prefix_space"))
    return None


def _trimmed(number: int, span: Span, token: str, prefixed: bool) -> Span:
    start, end = span
    leading = len(token) - len(token.lstrip(_TRIMMED))
    trailing = len(token) - len(token.rstrip(_TRIMMED))
    if leading:
        own = leading - (prefixed and (number == 0 or start == 0))
        start = min(start + own, end)
    if trailing and end >= trailing:
        end = max(end - trailing, start)
    return start, end
