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


class Rules:
    """The rules over one text, token by token: times come in pairs, but for the last one; they never go back;
    a text begins with one; and where all times together are likelier than any word, it is a time."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._written = 0
        self._last = self._before = False  # whether the last two are times
        self._latest: int | None = None  # the last time

    def pick(self, logits: NDArray[np.float32]) -> int:
        """The likeliest id of float32 [vocabulary] that may come next; it counts as written. The logit of
        `no_times` becomes -inf."""
        times = self._times
        logits[times.no_times] = -np.inf
        low, words = 0, times.first  # the words that may come are [low:words]
        early, late = times.first, logits.size  # the times that may come are [early:late]
        if not self._written:
            words = 0
            late = late if times.latest is None else min(late, times.first + times.latest + 1)
        elif self._last and self._before:
            early = late
        else:
            low = times.end if self._last else 0
            early = times.first if self._latest is None else self._latest + (not self._last)
        word = low + int(logits[low:words].argmax()) if words > low else None
        time = early + int(logits[early:late].argmax()) if late > early else None
        if word is None or (time is not None and _likelier(logits[early:late], logits[time], logits[word])):
            word = time
        made = times.end if word is None else word
        self._add(made)
        return made

    def _add(self, id: int) -> None:
        self._written += 1
        before = self._last if self._written > 1 else True
        self._last = id >= self._times.first
        self._before = before
        if self._last:
            self._latest = id


def _likelier(times: NDArray[np.float32], best: np.float32, word: np.float32) -> bool:
    """Whether all times together, `best` among them, are likelier than the likeliest word."""
    return bool(best > word or (best > -np.inf and best + np.log(np.exp(times - best).sum()) > word))


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
