"""The bytes that each token of a vocabulary stands for, as a tree in which all tokens can be tried at
once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from nearside.errors import UnsupportedModel
from nearside.generation.turns import Work, at_once, in_turns
from nearside.models.loaded import Lane, OpenModel

LONGEST = 32
"""Tokens of more bytes than this are left out: they are runs of spaces and the like."""

_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_SPACE = "▁"
_SOME = 1000  # tokens that are read in one go


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The nodes at one depth of the tree, those with the same parent side by side: `bytes` uint8 [n];
    `first` int64 [n + 1]: the children of node i, at the next depth, are `first[i]` to `first[i + 1]`;
    `tokens` int64 [m] end at the nodes `ends` int64 [m]."""

    bytes: NDArray[np.uint8]
    first: NDArray[np.int64]
    tokens: NDArray[np.int64]
    ends: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """A model's tokens: `size` of its logits, `texts` as bytes (b"" for tokens that write nothing of their
    own: special and added ones), the tree's `levels`, and the `alphabet`: the set of bytes (see
    `regular.ALL`) that there is a token of that one byte for. `automata`: see `constraint.guide`."""

    size: int
    texts: Sequence[bytes]
    levels: Sequence[Level]
    alphabet: int
    automata: dict[str, Any] = field(default_factory=dict)


_made: WeakKeyDictionary[Lane, Vocabulary] = WeakKeyDictionary()


async def vocabulary_of(model: OpenModel) -> Vocabulary:
    """A model's vocabulary, made once while it is open; others have their turns meanwhile. Raises
    `UnsupportedModel` for a tokenizer of a kind that is not known."""
    found = _made.get(model.lane)
    if found is None:
        tokens = model.tokenizer.vocabulary()
        size = max(int(model.config.get("vocab_size") or 0), len(tokens))
        texts = await in_turns(_token_bytes(tokens, model.files["tokenizer.json"], model.info.id))
        found = _made[model.lane] = await in_turns(_build(texts, size))
    return found


def token_bytes(tokens: Sequence[str | None], tokenizer: str, name: str) -> list[bytes]:
    """What each token writes, as the decoder of tokenizer.json says; b"" for special and added tokens."""
    return at_once(_token_bytes(tokens, tokenizer, name))


def _token_bytes(tokens: Sequence[str | None], tokenizer: str, name: str) -> Work[list[bytes]]:
    added = {int(one["id"]) for one in _part(tokenizer, "added_tokens") or () if isinstance(one, dict)}
    kinds = _kinds(_part(tokenizer, "decoder"))
    if "ByteLevel" in kinds:
        write = _byte_level
    elif kinds & {"Metaspace", "ByteFallback", "Replace"}:
        write = _sentence_piece
    elif "WordPiece" in kinds:
        write = _word_piece
    else:
        raise UnsupportedModel(f"{name} has a tokenizer whose tokens cannot be read one by one.")
    made: list[bytes] = []
    for start in range(0, len(tokens), _SOME):
        some = enumerate(tokens[start : start + _SOME], start)
        made += [b"" if token is None or id in added else write(token) for id, token in some]
        yield
    return made


def _part(text: str, name: str) -> Any:
    """One of the first parts of tokenizer.json: the whole would take long, and nearly all of it is tokens."""
    found = re.search(rf'"{name}"\s*:\s*', text)
    return json.JSONDecoder().raw_decode(text, found.end())[0] if found else None


def _kinds(decoder: Any) -> set[str]:
    """The types of a decoder and of those in it."""
    if not isinstance(decoder, Mapping):
        return set()
    return {str(decoder.get("type"))}.union(*map(_kinds, decoder.get("decoders") or ()))


@cache
def _letters() -> dict[str, int]:
    """The characters that byte-level vocabularies write bytes as (GPT-2's bytes_to_unicode)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    made = {chr(byte): byte for byte in plain}
    others = (byte for byte in range(256) if byte not in plain)
    return made | {chr(256 + number): byte for number, byte in enumerate(others)}


def _byte_level(token: str) -> bytes:
    letters = _letters()
    return bytes(letters[sign] for sign in token) if all(sign in letters for sign in token) else b""


def _sentence_piece(token: str) -> bytes:
    byte = _BYTE.fullmatch(token)
    return bytes([int(byte[1], 16)]) if byte else token.replace(_SPACE, " ").encode("utf-8", "ignore")


def _word_piece(token: str) -> bytes:
    return (token[2:] if token.startswith("##") else f" {token}").encode("utf-8", "ignore")


def build(texts: Sequence[bytes], size: int) -> Vocabulary:
    """The tree of the tokens' bytes."""
    return at_once(_build(texts, size))


def _build(texts: Sequence[bytes], size: int) -> Work[Vocabulary]:
    lengths = np.zeros(len(texts), np.int64)
    for start in range(0, len(texts), _SOME):
        lengths[start : start + _SOME] = [len(text) for text in texts[start : start + _SOME]]
        yield
    ids = np.flatnonzero((lengths > 0) & (lengths <= LONGEST))
    lengths = lengths[ids]
    yield
    table = np.zeros((ids.size, LONGEST), np.uint8)
    for start in range(0, ids.size, _SOME):
        some = ids[start : start + _SOME].tolist()
        padded = b"".join([texts[id].ljust(LONGEST, b"\0") for id in some])
        table[start : start + _SOME] = np.frombuffer(padded, np.uint8).reshape(-1, LONGEST)
        yield
    # In the order of their bytes, shorter ones and then lower ids first: sorted by the last two bytes, then
    # by those before them, ..., each time leaving alike ones as they are (NumPy counts 16-bit numbers).
    order = np.argsort(lengths.astype(np.uint8), kind="stable")
    words = table.view(">u2").astype(np.uint16)
    for word in range(words.shape[1] - 1, -1, -1):
        yield
        order = order[np.argsort(words[order, word], kind="stable")]
    yield
    ids, lengths, table = ids[order], lengths[order], table[order]
    # In sorted order a prefix is new where it differs from the text before, or that one is too short for it.
    differs = np.zeros(ids.size, np.bool_)
    differs[:1] = True
    before: NDArray[np.int64] = np.zeros(ids.size, np.int64)  # each text's node at the depth above
    parts: list[tuple[Any, ...]] = []
    for depth in range(LONGEST):
        yield
        longer = lengths > depth
        if not longer.any():
            break
        differs[1:] |= (table[1:, depth] != table[:-1, depth]) | (lengths[:-1] <= depth)
        new = differs & longer
        node = np.cumsum(new) - 1
        ends = lengths == depth + 1
        parts.append((table[new, depth], before[new], ids[ends], node[ends]))
        before = node
    levels = []
    for depth, (data, _, tokens, ends_at) in enumerate(parts):
        yield
        parents = parts[depth + 1][1] if depth + 1 < len(parts) else np.zeros(0, np.int64)
        first = np.searchsorted(parents, np.arange(data.size + 1))
        levels.append(Level(data, first, tokens, ends_at))
    alphabet = 0
    for byte in table[lengths == 1, 0].tolist():
        alphabet |= 1 << byte
    return Vocabulary(size, texts, levels, alphabet)
