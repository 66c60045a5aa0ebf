"""What the decoders of sound have in common: what they give, masks of what may come next, and the end of a
text that only repeats itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nearside.generation.seq2seq import tidies
from nearside.generation.stream import TextStream
from nearside.generation.tidy import Tidied, tidy
from nearside.models.loaded import OpenModel
from nearside.types import OnText, Segment

_LOOP_TOKENS = 24
_LOOP_TIMES = 4
_LOOP_LONGEST = 30


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said in a piece of sound. `segments` have times from the piece's beginning, there are none
    where the model gives no times; `language` None where it does not tell; `read` and `written` are numbers
    of tokens, special ones included."""

    text: str
    segments: tuple[Segment, ...]
    language: str | None
    read: int
    written: int


class Hearing(Protocol):
    """Something that writes down what is said."""

    @property
    def window(self) -> float:
        """Seconds of sound that it takes at a time."""
        ...

    @property
    def pause(self) -> float | None:
        """Seconds of silence that are better left out, None: a window costs the same however full it is."""
        ...

    def check(self, language: str | None) -> None:
        """Raise `InvalidOption` for a language that the model does not know."""
        ...

    async def hear(
        self,
        audio: NDArray[np.float32],
        language: str | None,
        timestamps: bool,
        on_text: OnText | None = None,
    ) -> Heard:
        """What is said in float32 [samples] at 16 kHz, at most a window, in a language that it knows.
        Raises what `Lane.run` raises."""
        ...


def bits(
    vocabulary: int, *, without: Sequence[int] = (), only: Sequence[int] | None = None
) -> NDArray[np.uint8]:
    """A mask for `Best.allowed`: all ids below `vocabulary`, or `only` some, and none of `without`."""
    mask = np.zeros(vocabulary, np.bool_) if only is not None else np.ones(vocabulary, np.bool_)
    if only is not None:
        mask[[id for id in only if 0 <= id < vocabulary]] = True
    mask[[id for id in without if 0 <= id < vocabulary]] = False
    return np.packbits(mask, bitorder="little")


def loops(ids: Sequence[int]) -> int:
    """How many of the last tokens only repeat what stands before them: a phrase of up to 30 tokens that has
    come at least 4 times and fills 24 tokens; 0 when there is no such phrase. Models fall into such loops
    over noise and music, and would go on to their limit. (Whisper's own test, how well the text can be
    packed, sees them only at the end.)"""
    size = len(ids)
    for length in range(1, _LOOP_LONGEST + 1):
        times = max(_LOOP_TIMES, -(-_LOOP_TOKENS // length))
        if length * times > size:
            continue
        phrase = ids[size - length :]
        if all(ids[size - (n + 1) * length : size - n * length] == phrase for n in range(1, times)):
            return length * (times - 1)
    return 0


class Writer:
    """Tells a text while it is written, whole characters only, without the space that it begins with. Only
    a loop that is cut off (see `loops`) was told and is not in the result."""

    def __init__(self, model: OpenModel, on_text: OnText | None) -> None:
        self._model = model
        self._tell = on_text
        self._pieces = TextStream(model.tokenizer)
        self._tidied = Tidied() if tidies(model) else None
        self._told = False

    def add(self, token: int) -> None:
        """One more token of the text."""
        if self._tell is not None:
            piece = self._pieces.add(token)
            self._say(piece if self._tidied is None else self._tidied.add(piece))

    def end(self) -> None:
        """Tell the rest."""
        if self._tell is not None:
            piece = self._pieces.end()
            self._say(piece if self._tidied is None else self._tidied.add(piece) + self._tidied.end())

    def _say(self, piece: str) -> None:
        if not self._told:
            piece = piece.lstrip()
        if piece and self._tell is not None:
            self._told = True
            self._tell(piece)


def text_of(model: OpenModel, ids: Sequence[int]) -> str:
    """Tokens as text, without the space around it."""
    if not ids:
        return ""
    text = model.tokenizer.decode(list(ids))
    return (tidy(text) if tidies(model) else text).strip()
