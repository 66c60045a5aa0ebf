"""Moonshine (Jeffries et al. 2024): the encoder takes the sound itself, as long as it is; a decoder writes
the words. Always the likeliest token; at most 6.5 a second, as its makers say, against endless loops."""

from __future__ import annotations

import re
from contextlib import aclosing

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidOption
from nearside.generation.loop import Greedy, encode, new_handle, tokens
from nearside.generation.seq2seq import settings
from nearside.models.loaded import OpenModel
from nearside.speech.hearing import Heard, Writer, loops, text_of
from nearside.types import OnText

_RATE = 16_000
_TOKENS_PER_SECOND = 6.5
_LONGEST = 30.0  # seconds; what it was trained on
_SHORTEST = 1600  # samples: its three convolutions need 895
_LEAST = 8  # tokens
_NAMED = re.compile(r"-(?:tiny|base)-([a-z]{2})(?:-|$)", re.IGNORECASE)


class Moonshine:
    """An open Moonshine; see `hearing.Hearing`. It gives no times, and knows one language: see
    `language_of`."""

    pause = 1.0

    def __init__(self, model: OpenModel) -> None:
        self._model = model
        self._given = settings(model)
        self._normalised = model.json("preprocessor_config.json").get("do_normalize") is True
        self.window = min(_LONGEST, (self._given.max_length - 1) / _TOKENS_PER_SECOND)
        self.language = language_of(model.info.id)

    def check(self, language: str | None) -> None:
        """See `hearing.Hearing.check`."""
        if language is not None and language != self.language:
            raise InvalidOption(
                f"{self._model.info.id} does not know the language {language!r}.",
                hint=f"It knows: {self.language}.",
            )

    async def hear(
        self,
        audio: NDArray[np.float32],
        language: str | None,
        timestamps: bool,
        on_text: OnText | None = None,
    ) -> Heard:
        """See `hearing.Hearing.hear`."""
        ids = await self.write(audio, on_text)
        words = [id for id in ids if id not in self._given.stop]
        return Heard(text_of(self._model, words), (), self.language, 1, len(ids))

    async def write(
        self, audio: NDArray[np.float32], on_text: OnText | None = None, limit: int | None = None
    ) -> list[int]:
        """The ids that are written, at most `limit`, else 6.5 a second."""
        handle = new_handle()
        if limit is None:
            limit = max(_LEAST, int(audio.size / _RATE * _TOKENS_PER_SECOND))
        limit = min(limit, self._given.max_length - 1)
        start = np.asarray([self._given.start], np.int64)
        writer, ids = Writer(self._model, on_text), list[int]()
        try:
            await encode(self._model, {"input_values": self._values(audio)[None]}, handle)
            following = tokens(
                self._model, start, Greedy(), handle=handle, stop=self._given.stop, limit=limit
            )
            async with aclosing(following):
                async for token in following:
                    ids.append(token)
                    writer.add(token)
                    if too_many := loops(ids):
                        del ids[len(ids) - too_many :]
                        break
            writer.end()
        finally:
            await self._model.lane.free(handle)
        return ids

    def _values(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._normalised:
            audio = ((audio - audio.mean()) / np.sqrt(audio.var() + 1e-7)).astype(np.float32)
        return np.pad(audio, (0, max(0, _SHORTEST - audio.size)))


def language_of(id: str) -> str:
    """The one language that a Moonshine knows: the one in its name (moonshine-tiny-ja-ONNX), else English."""
    match = _NAMED.search(id)
    return "en" if match is None else match[1].lower()
