"""The special tokens that a model wants around a text or a pair of texts, read from tokenizer.json: windows
and pairs are put together from token ids that were made once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import ModelCorrupt, UnsupportedModel
from nearside.models.catalog import first_position
from nearside.models.loaded import OpenModel

Ids = NDArray[np.int64]

_KEY = re.compile(r'"post_processor"\s*:\s*')
_A, _B = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Framed:
    """What a model reads: `ids` and `types` (token_type_ids), int64 [n] each. The tokens of the first text
    begin at `a`, those of the second at `b`, None where there is none."""

    ids: Ids
    types: Ids
    a: int
    b: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a frame: special tokens, or where `text` is 0 or 1 the first or second text."""

    ids: tuple[int, ...]
    type: int
    text: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts around one text and around two, in order."""

    one: tuple[Part, ...] = (Part((), 0, _A),)
    two: tuple[Part, ...] = (Part((), 0, _A), Part((), 1, _B))

    @property
    def around_one(self) -> int:
        """How many special tokens a single text gets."""
        return sum(len(part.ids) for part in self.one)

    @property
    def around_two(self) -> int:
        """How many special tokens a pair gets."""
        return sum(len(part.ids) for part in self.two)

    @property
    def begins(self) -> bool:
        """Whether a pair begins with a special token ([CLS], <s>)."""
        return bool(self.two and self.two[0].ids)

    def single(self, ids: Ids) -> Framed:
        """One text: ids int64 [n] without special tokens."""
        return _join(self.one, (ids,))

    def pair(self, a: Ids, b: Ids) -> Framed:
        """Two texts: ids int64 [n] and [m] without special tokens."""
        return _join(self.two, (a, b))


def frame_of(model: OpenModel) -> Frame:
    """The frame of a model's tokenizer.json: BertProcessing, RobertaProcessing, TemplateProcessing, or none
    of them. Raises `UnsupportedModel` for a post-processor that is not known here, `ModelCorrupt`."""
    try:
        return _frame(_post_processor(model.files.get("tokenizer.json", "")))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelCorrupt(
            f"The post_processor in the tokenizer.json of {model.info.id} is broken."
        ) from error


def feeds(model: OpenModel, framed: Framed) -> dict[str, NDArray[Any]]:
    """The inputs of the model's graph for one framed text, as a batch of one. Nothing at all (an empty text
    without special tokens) is read as one padding token, as graphs refuse it."""
    pad = model.config.get("pad_token_id")
    ids, types = framed.ids, framed.types
    if not len(ids):
        ids, types = np.asarray([pad if isinstance(pad, int) else 0], np.int64), np.zeros(1, np.int64)
    made: dict[str, NDArray[Any]] = {"input_ids": ids.reshape(1, -1)}
    for name in model.info.inputs:
        if name == "attention_mask":
            made[name] = np.ones((1, len(ids)), np.int64)
        elif name == "token_type_ids":
            made[name] = types.reshape(1, -1)
        elif name == "position_ids":
            made[name] = np.arange(len(ids), dtype=np.int64)[None] + first_position(model.config)
    return made


def _post_processor(text: str) -> Mapping[str, Any] | None:
    """The value of "post_processor". It stands before the vocabulary: megabytes need not be parsed."""
    found = _KEY.search(text)
    if found is None:
        return None
    value = json.JSONDecoder().raw_decode(text, found.end())[0]
    if isinstance(value, int):  # a word of a vocabulary that stands first
        value = json.loads(text).get("post_processor")
    if value is not None and not isinstance(value, dict):
        raise TypeError
    return value


def _frame(given: Mapping[str, Any] | None) -> Frame:
    if given is None:
        return Frame()
    kind = given["type"]
    if kind == "Sequence":
        frames = [_frame(one) for one in given["processors"]]
        framing = [frame for frame in frames if frame != Frame()]
        if len(framing) > 1:
            raise UnsupportedModel("The model's tokenizer puts special tokens around texts twice.")
        return framing[0] if framing else Frame()
    if kind == "ByteLevel":  # moves offsets only
        return Frame()
    if kind == "TemplateProcessing":
        known = {name: tuple(map(int, one["ids"])) for name, one in given["special_tokens"].items()}
        return Frame(_template(given["single"], known), _template(given["pair"], known))
    if kind not in ("BertProcessing", "RobertaProcessing"):
        raise UnsupportedModel(f"The model's tokenizer has a post-processor that is not known here: {kind}.")
    first, last = (int(given["cls"][1]),), (int(given["sep"][1]),)
    roberta = kind == "RobertaProcessing"
    second = 0 if roberta else 1
    middle = last * 2 if roberta else last
    one = (Part(first, 0), Part((), 0, _A), Part(last, 0))
    two = (Part(first, 0), Part((), 0, _A), Part(middle, 0), Part((), second, _B), Part(last, second))
    return Frame(one, two)


def _template(items: Sequence[Mapping[str, Any]], known: Mapping[str, tuple[int, ...]]) -> tuple[Part, ...]:
    parts = []
    for item in items:
        ((kind, value),) = item.items()
        if kind == "Sequence":
            parts.append(Part((), int(value["type_id"]), "AB".index(value["id"])))
        else:
            parts.append(Part(known[value["id"]], int(value["type_id"])))
    return tuple(parts)


def _join(parts: Sequence[Part], texts: Sequence[Ids]) -> Framed:
    ids: list[Ids] = []
    types: list[Ids] = []
    places: dict[int, int] = {}
    length = 0
    for part in parts:
        piece = np.asarray(part.ids, np.int64) if part.text is None else texts[part.text]
        if part.text is not None:
            places.setdefault(part.text, length)
        ids.append(piece)
        types.append(np.full(len(piece), part.type, np.int64))
        length += len(piece)
    return Framed(np.concatenate(ids), np.concatenate(types), places.get(_A, 0), places.get(_B))
