"""Whisper: a window of sound as a log-mel picture, read by an encoder; a decoder writes the words, told by
its first tokens in which language and whether with times. Always the likeliest token (temperature 0)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidOption, ModelCorrupt
from nearside.generation.loop import encode, new_handle, step, tokens
from nearside.models.loaded import OpenModel
from nearside.ports.runtime import Best
from nearside.speech.features import Mel, log_mel
from nearside.speech.hearing import Heard, Writer, bits, loops, text_of
from nearside.speech.times import Rules, Times, segments
from nearside.types import OnText, Segment

_START = "<|startoftranscript|>"
_END = "<|endoftext|>"
_NO_TIMES = "<|notimestamps|>"
_LEAST_LEFT = 0.5  # seconds: what is shorter is not looked at once more


@dataclass(frozen=True, slots=True)
class Settings:
    """What generation_config.json and config.json say: the ids of special tokens, `languages` by code (none
    in a model for English alone), `suppressed` ids (at the beginning `suppressed_first`, too), `limit` of
    tokens with those that begin, and the size of the `vocabulary`."""

    start: int
    end: int
    times: Times
    languages: dict[str, int]
    task: int | None
    suppressed: tuple[int, ...]
    suppressed_first: tuple[int, ...]
    limit: int
    vocabulary: int


def settings(model: OpenModel) -> Settings:
    """Raises `ModelCorrupt` when the model's small files do not say what is needed."""
    given, config = model.json("generation_config.json"), model.config

    def named(token: str, *keys: str) -> int:
        found = next(
            (one[key] for key in keys for one in (given, config) if isinstance(one.get(key), int)), None
        )
        made = model.tokenizer.id_of(token) if found is None else found
        if made is None:
            raise ModelCorrupt(f"{model.info.id} has no token {token}.")
        return int(made)

    def ids(key: str) -> tuple[int, ...]:
        found = given.get(key, config.get(key)) or ()
        return tuple(id for id in found if isinstance(id, int) and 0 <= id < vocabulary)

    no_times = named(_NO_TIMES, "no_timestamps_token_id")
    vocabulary = int(config.get("vocab_size") or no_times + 1502)
    latest = given.get("max_initial_timestamp_index")
    end = named(_END, "eos_token_id")
    languages = {
        str(token).removeprefix("<|").removesuffix("|>"): int(id)
        for token, id in (given.get("lang_to_id") or {}).items()
    }
    if given.get("is_multilingual") is False:
        languages = {}
    window = config.get("max_target_positions") or 448
    return Settings(
        start=named(_START, "decoder_start_token_id"),
        end=end,
        times=Times(no_times + 1, end, no_times, latest if isinstance(latest, int) else None),
        languages=languages,
        task=(given.get("task_to_id") or {}).get("transcribe") if languages else None,
        suppressed=ids("suppress_tokens"),
        suppressed_first=ids("begin_suppress_tokens"),
        limit=min(int(window), int(given.get("max_length") or window)),
        vocabulary=vocabulary,
    )


class _Plain:
    """The likeliest token that may come; see `loop.Chooser`."""

    def __init__(self, given: Settings) -> None:
        self._first = bits(given.vocabulary, without=(*given.suppressed, *given.suppressed_first))
        self._later = bits(given.vocabulary, without=given.suppressed)
        self._begun = False

    def want(self) -> Best:
        return Best(1, allowed=self._later if self._begun else self._first)

    def pick(self, values: NDArray[np.float32], ids: NDArray[np.int64]) -> int:
        self._begun = True
        return int(ids[0])


class Whisper:
    """An open Whisper; see `hearing.Hearing`."""

    pause = None

    def __init__(self, model: OpenModel) -> None:
        self._model = model
        self._given = settings(model)
        self._mel = Mel.read(model.json("preprocessor_config.json"))
        self.window = self._mel.seconds

    def check(self, language: str | None) -> None:
        """See `hearing.Hearing.check`."""
        known: Sequence[str] = tuple(self._given.languages) or ("en",)
        if language is not None and language not in known:
            raise InvalidOption(
                f"{self._model.info.id} does not know the language {language!r}.",
                hint=f"It knows: {', '.join(known)}.",
            )

    async def hear(
        self,
        audio: NDArray[np.float32],
        language: str | None,
        timestamps: bool,
        on_text: OnText | None = None,
    ) -> Heard:
        """See `hearing.Hearing.hear`. With times, what is left after the last one is looked at once more."""
        rate, at = self._mel.rate, 0.0
        texts: list[str] = []
        found: list[Segment] = []
        read = written = 0
        while True:
            part = audio[round(at * rate) :]
            # Words after the last pair of times are written again by the next look: they are told then.
            prompt, ids = await self.write(part, language, timestamps, None if timestamps else on_text)
            if prompt.size > 1 and self._given.languages:
                language = self._language(int(prompt[1]))
            read, written = read + prompt.size, written + len(ids)
            words = ids[: len(ids) - (1 if ids and ids[-1] == self._given.end else 0)]
            if not timestamps:
                texts.append(text_of(self._model, [id for id in words if id < self._given.times.first]))
                break
            cuts, until = segments(words, self._given.times.first, part.size / rate)
            for cut in cuts:
                text = text_of(self._model, cut.ids)
                if text:
                    if on_text is not None:
                        on_text(f" {text}" if texts else text)
                    found.append(Segment(text, at + cut.start, at + cut.end))
                    texts.append(text)
            at += until
            if until <= 0 or audio.size / rate - at < _LEAST_LEFT:
                break
        return Heard(" ".join(filter(None, texts)), tuple(found), self._told(language), read, written)

    async def write(
        self,
        audio: NDArray[np.float32],
        language: str | None = None,
        timestamps: bool = False,
        on_text: OnText | None = None,
        limit: int | None = None,
    ) -> tuple[NDArray[np.int64], list[int]]:
        """The ids that the text begins with, int64 [n], and those that follow, at most `limit`, for one
        window."""
        handle = new_handle()
        features = log_mel(audio, self._mel)[None]
        writer, ids = Writer(self._model, on_text), list[int]()
        try:
            await encode(self._model, {"input_features": features}, handle)
            prompt = await self._prompt(handle, language, timestamps)
            most = self._given.limit - prompt.size
            most = most if limit is None else min(most, limit)
            following = self._timed(handle, prompt, most) if timestamps else self._plain(handle, prompt, most)
            async with aclosing(following):
                async for token in following:
                    ids.append(token)
                    if token < self._given.times.first:
                        writer.add(token)
                    if too_many := loops(ids):
                        del ids[len(ids) - too_many :]
                        break
            writer.end()
        finally:
            await self._model.lane.free(handle)
        return prompt, ids

    def _plain(self, handle: str, prompt: NDArray[np.int64], limit: int) -> AsyncGenerator[int, None]:
        chooser = _Plain(self._given)
        return tokens(self._model, prompt, chooser, handle=handle, stop=(self._given.end,), limit=limit)

    async def _timed(self, handle: str, prompt: NDArray[np.int64], limit: int) -> AsyncGenerator[int, None]:
        """As `loop.tokens`; the rules for times look at all logits, so these come over whole (208 kB)."""
        given, rules = self._given, Rules(self._given.times)
        never = np.asarray(given.suppressed, np.int64)
        first = np.asarray((*given.suppressed, *given.suppressed_first), np.int64)
        ids, past, written = prompt, 0, list[int]()
        for _ in range(limit):
            made = await step(self._model, ids, past, "last", handle=handle)
            past += ids.size
            logits = np.array(made["logits"][0], np.float32)
            logits[never if written else first] = -np.inf
            written.append(rules.pick(logits))
            yield written[-1]
            if written[-1] == given.end:
                return
            ids = np.asarray(written[-1:], np.int64)

    async def _prompt(self, handle: str, language: str | None, timestamps: bool) -> NDArray[np.int64]:
        given = self._given
        made = [given.start]
        if given.languages:
            made.append(await self._detected(handle) if language is None else given.languages[language])
        if given.task is not None:
            made.append(given.task)
        if not timestamps:
            made.append(given.times.no_times)
        return np.asarray(made, np.int64)

    async def _detected(self, handle: str) -> int:
        """The likeliest language, from the decoder's first step."""
        allowed = bits(self._given.vocabulary, only=tuple(self._given.languages.values()))
        start = np.asarray([self._given.start], np.int64)
        made = await step(self._model, start, 0, Best(1, allowed=allowed), handle=handle)
        return int(made["logits.ids"][0])

    def _language(self, id: int) -> str | None:
        return next((code for code, one in self._given.languages.items() if one == id), None)

    def _told(self, language: str | None) -> str | None:
        return language if self._given.languages else "en"
