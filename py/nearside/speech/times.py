"""Times that a model writes between the words: which of them may come next (Whisper's rules, Radford et al.
2022, section 4.5, as transformers' WhisperTimeStampLogitsProcessor has them), and segments from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEP = 0.02
"""Seconds from one time to the next."""


@dataclass(frozen=True, slots=True)
class Times:
    """`first` is the id of time 0, all ids from there on are times; `end` the id that ends the text;
    `no_times` the one that says that no times follow; the first time is at most `latest` steps."""

    first: int
    end: int
    no_times: int
    latest: int | None

    def apply(self, logits: NDArray[np.float32], written: Sequence[int]) -> None:
        """Put -inf where an id may not follow `written`, in float32 [vocabulary]: times come in pairs, but
        for the last one; they never go back; a text begins with one; and where all times together are
        likelier than any word, it is a time."""
        logits[self.no_times] = -np.inf
        if not written:
            logits[: self.first] = -np.inf
            if self.latest is not None:
                logits[self.first + self.latest + 1 :] = -np.inf
        else:
            self._pair(logits, written)
        most = logits.max()
        with np.errstate(divide="ignore"):
            times = np.log(np.exp(logits[self.first :] - most).sum())
        if times > logits[: self.first].max() - most:
            logits[: self.first] = -np.inf

    def _pair(self, logits: NDArray[np.float32], written: Sequence[int]) -> None:
        last = written[-1] >= self.first
        before = len(written) < 2 or written[-2] >= self.first
        if last and before:
            logits[self.first :] = -np.inf
        elif last:
            logits[: self.end] = -np.inf
        latest = next((id for id in reversed(written) if id >= self.first), None)
        if latest is not None:
            logits[self.first : latest + (0 if last and not before else 1)] = -np.inf


@dataclass(frozen=True, slots=True)
class Cut:
    """The ids of a segment's words, from `start` to `end` in seconds."""

    ids: tuple[int, ...]
    start: float
    end: float


def segments(ids: Sequence[int], first: int, seconds: float) -> tuple[list[Cut], float]:
    """What was written (the end's id left out) as segments, and up to where in the sound it is complete:
    words after the last pair of times are left out when a pair is the last of the times, as the next look at
    the sound begins there. `seconds` is the sound's length; no time is beyond it. (whisper/transcribe.py in
    openai/whisper does the same.)"""
    time = np.asarray(ids, np.int64) >= first
    pairs = np.flatnonzero(time[:-1] & time[1:]) + 1 if time.size else np.zeros(0, np.int64)
    alone = time.size >= 2 and bool(time[-1]) and not time[-2]

    def at(id: int) -> float:
        return min((id - first) * STEP, seconds)

    if not pairs.size:
        words = tuple(id for id in ids if id < first)
        stamps = [id for id in ids if id >= first]
        start = at(stamps[0]) if len(stamps) > 1 else 0.0
        end = at(stamps[-1]) if len(stamps) > 1 and stamps[-1] > stamps[0] else seconds
        return [Cut(words, start, end)] if words else [], seconds
    ends = [*(int(place) for place in pairs), *([len(ids)] if alone else [])]
    made: list[Cut] = []
    begin = 0
    for place in ends:
        part = ids[begin:place]
        begin = place
        words = tuple(id for id in part if id < first)
        start = at(part[0]) if part[0] >= first else (made[-1].end if made else 0.0)
        if words:
            made.append(Cut(words, start, max(start, at(part[-1]))))
    return made, seconds if alone else at(ids[ends[-1] - 1])
