"""Encoder-decoder writing: the text is read once by the encoder, whose states stay in the model worker, then
the decoder writes token by token.

Decoding is greedy. The rest of a model's generation_config.json is followed as `transformers` follows it for
one beam: what must begin and end the text, the least and the greatest length, words that may not come, groups
of tokens that may not come twice, the penalty for repetition. `num_beams` is read as 1: several beams would
cost as many times the work of every token, and nothing could be shown before the last one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import ModelCorrupt
from nearside.generation.loop import encode, new_handle, tokens
from nearside.generation.stream import TextStream
from nearside.generation.tidy import Tidied
from nearside.models.graphs import ENCODER
from nearside.models.loaded import OpenModel
from nearside.ports.runtime import Best
from nearside.types import OnText

GENERATION = "generation_config.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model decodes. Lengths are in tokens and count the one that begins (`start`), as in
    `transformers`. `first` and `last` are forced: the token after `start`, and the one at `max_length`;
    `banned` are sequences that may not come, `suppressed_first` tokens that may not come at the beginning,
    `ngram` the length of the groups that may not come twice (0: any may)."""

    start: int
    stop: frozenset[int]
    max_length: int
    min_length: int = 0
    first: int | None = None
    last: int | None = None
    ngram: int = 0
    penalty: float = 1.0
    banned: tuple[tuple[int, ...], ...] = ()
    suppressed: tuple[int, ...] = ()
    suppressed_first: tuple[int, ...] = ()

    def at_most(self, new: int | None) -> Settings:
        """The same for at most `new` tokens, None: as many as before."""
        if new is None or new + 1 >= self.max_length:
            return self
        return replace(self, max_length=new + 1, min_length=min(self.min_length, new + 1))

    def with_least(self, length: int) -> Settings:
        """The same with another least length."""
        return replace(self, min_length=length)


@dataclass(frozen=True, slots=True)
class Written:
    """A text that was written; `read` and `written` are numbers of tokens, special ones included."""

    text: str
    read: int
    written: int


def settings(model: OpenModel, task: str | None = None) -> Settings:
    """The model's own way of decoding: generation_config.json, or config.json where there is none, with what
    config.json says of `task` (its `task_specific_params`) over it. A model that names no greatest length
    gets its window (`transformers` would take 20).

    Raises `ModelCorrupt` when no token is named to begin or to end with, or a field makes no sense."""
    given: dict[str, Any] = model.json(GENERATION) or dict(model.config)
    special = {**task_parameters(model, task)} if task is not None else {}
    merged = {**given, **special}
    start = _first(merged, model.config, "decoder_start_token_id", "bos_token_id")
    ends = merged.get("eos_token_id", model.config.get("eos_token_id"))
    stop = frozenset(ends if isinstance(ends, list) else () if ends is None else (ends,))
    try:
        window = int(model.config.get("max_position_embeddings") or model.max_tokens)
        longest = min(int(merged.get("max_length") or window), max(window, 2))
        made = Settings(
            start=-1 if start is None else int(start),
            stop=frozenset(int(end) for end in stop),
            max_length=longest,
            min_length=min(int(merged.get("min_length") or 0), longest),
            first=_whole(merged.get("forced_bos_token_id")),
            last=_whole(_one(merged.get("forced_eos_token_id"))),
            ngram=int(merged.get("no_repeat_ngram_size") or 0),
            penalty=float(merged.get("repetition_penalty") or 1.0),
            banned=_banned(merged.get("bad_words_ids"), stop),
            suppressed=tuple(int(id) for id in merged.get("suppress_tokens") or ()),
            suppressed_first=tuple(int(id) for id in merged.get("begin_suppress_tokens") or ()),
        )
    except (TypeError, ValueError) as error:
        raise ModelCorrupt(f"The generation settings of {model.info.id} cannot be read: {error}.") from error
    if made.start < 0 or not made.stop:
        raise ModelCorrupt(f"{model.info.id} does not say which token begins a text and which one ends it.")
    return made


def task_parameters(model: OpenModel, task: str) -> Mapping[str, Any]:
    """What config.json says of one task ("summarization", "translation_en_to_fr"), {} where nothing."""
    known = model.config.get("task_specific_params")
    found = known.get(task) if isinstance(known, dict) else None
    return found if isinstance(found, dict) else {}


def _first(given: Mapping[str, Any], config: Mapping[str, Any], *names: str) -> Any:
    found = (source[name] for name in names for source in (given, config) if source.get(name) is not None)
    return next(found, None)


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _banned(given: Any, stop: frozenset[int]) -> tuple[tuple[int, ...], ...]:
    """bad_words_ids; the end itself is never banned."""
    words = (tuple(int(id) for id in word) for word in given or ())
    return tuple(word for word in words if word and not (len(word) == 1 and word[0] in stop))


Shape = Callable[[str, bool], tuple[str, bool]]
"""Given the text so far and whether it has ended: what of it to show, and whether that is enough. What it
shows must begin with what it showed before."""


def plain(text: str, ended: bool) -> tuple[str, bool]:
    """All of it, without the white space around it."""
    return text.strip(), False


class Rules:
    """Chooses the likeliest token that the settings allow; see `loop.Chooser`. Holds one text's tokens."""

    def __init__(self, given: Settings) -> None:
        self._given = given
        self._ids = [given.start]
        self._seen: dict[tuple[int, ...], list[int]] = {}  # what followed each group of ngram - 1 tokens
        self._note()

    def want(self) -> Best:
        """The likeliest token, after the penalty and without what may not come."""
        given, forbidden = self._given, self._forbidden()
        penalised = np.unique(np.asarray(self._ids, np.int64)) if given.penalty != 1 else None
        if not forbidden:
            return Best(1, penalised, given.penalty)
        biased = np.asarray(sorted(forbidden), np.int64)
        bias = np.full(biased.size, -np.inf, np.float32)
        return Best(1, penalised, given.penalty, biased, bias)

    def pick(self, values: NDArray[np.float32], ids: NDArray[np.int64]) -> int:
        """The first one, or the one that is forced here."""
        forced = self._forced()
        token = int(ids[0]) if forced is None else forced
        self._ids.append(token)
        self._note()
        return token

    def _forced(self) -> int | None:
        if len(self._ids) == self._given.max_length - 1 and self._given.last is not None:
            return self._given.last
        return self._given.first if len(self._ids) == 1 else None

    def _forbidden(self) -> set[int]:
        """What may not come next."""
        given, ids = self._given, self._ids
        made = set(given.suppressed)
        if given.ngram:
            made.update(self._seen.get(self._group(), ()))
        for word in given.banned:
            if len(word) == 1 or (len(word) <= len(ids) and tuple(ids[1 - len(word) :]) == word[:-1]):
                made.add(word[-1])
        if len(ids) < given.min_length:
            made |= given.stop
        if len(ids) == (1 if given.first is None else 2):
            made.update(given.suppressed_first)
        return made

    def _group(self) -> tuple[int, ...]:
        return tuple(self._ids[len(self._ids) - self._given.ngram + 1 :])

    def _note(self) -> None:
        size = self._given.ngram
        if size and len(self._ids) >= size:
            group = tuple(self._ids[-size:])
            self._seen.setdefault(group[:-1], []).append(group[-1])


async def written_tokens(
    model: OpenModel, ids: NDArray[np.int64], given: Settings
) -> AsyncGenerator[int, None]:
    """Yield the tokens that the model writes for `ids` (int64 [n], special ones included), the one that ends
    the text included. What is kept in the model worker is freed however it ends. Raises as `Lane.run`."""
    handle = new_handle()
    mask = np.ones((1, ids.size), np.int64)
    feeds = {"input_ids": ids.reshape(1, -1), "attention_mask": mask}
    graph = model.info.graphs[ENCODER]
    start = np.asarray([given.start], np.int64)
    try:
        await encode(model, {name: feed for name, feed in feeds.items() if name in graph.inputs}, handle)
        following = tokens(
            model,
            start,
            Rules(given),
            handle=handle,
            stop=given.stop,
            limit=given.max_length - 1,
            feeds={"encoder_attention_mask": mask},
        )
        async with aclosing(following):
            async for token in following:
                yield token
    finally:
        await model.lane.free(handle)


async def write(
    model: OpenModel,
    ids: NDArray[np.int64],
    given: Settings,
    on_text: OnText | None = None,
    shape: Shape = plain,
) -> Written:
    """The text that the model writes for `ids`. `on_text` hears it as it comes, each piece once and in order,
    only whole characters; together the pieces are the text. `shape` says what is shown of it, and may stop
    the model."""
    pieces, tidied = TextStream(model.tokenizer), Tidied() if tidies(model) else None
    count, raw, shown = 0, "", ""

    def more(piece: str, ended: bool) -> bool:
        nonlocal raw, shown
        raw += piece
        text, enough = shape(raw, ended)
        if text.startswith(shown) and len(text) > len(shown):
            if on_text is not None:
                on_text(text[len(shown) :])
            shown = text
        return enough

    following = written_tokens(model, ids, given)
    async with aclosing(following):
        async for token in following:
            count += 1
            piece = pieces.add(token)
            if more(piece if tidied is None else tidied.add(piece), False):
                return Written(shown, int(ids.size), count)
    piece = pieces.end()
    more(piece if tidied is None else tidied.add(piece) + tidied.end(), True)
    return Written(shown, int(ids.size), count)


def fitted(ids: NDArray[np.int64], window: int) -> NDArray[np.int64]:
    """`ids` cut to the window; the token that ends them stays."""
    return ids if ids.size <= window else np.concatenate([ids[: window - 1], ids[-1:]])


def tidies(model: OpenModel) -> bool:
    """Whether the spaces before punctuation marks are taken out of what the model writes."""
    return bool(model.json("tokenizer_config.json").get("clean_up_tokenization_spaces", False))
