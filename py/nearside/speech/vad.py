"""Where somebody speaks: a probability for every 32 ms of sound, and stretches of speech from them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.generation.loop import new_handle
from nearside.models.loaded import OpenModel
from nearside.ports.runtime import Keep

RATE = 16_000
FRAME = 512
"""Samples that a probability is for."""

_CONTEXT = 64  # samples of the frame before, which the model sees as well
_AT_ONCE = 64  # calls that are queued together; their order is kept

_SILENT = 10 ** (-60 / 20)
"""A root mean square below this is silence whatever surrounds it: a quiet room's microphone gives more."""

_ABOVE = 6.0  # dB above the floor at which a frame is as likely speech as not
_STEEP = 0.5  # per dB
_BLOCK = 8  # frames in which the quietest one is looked for
_AROUND = 12  # blocks to each side (3 s)
_RANGE = 10.0  # dB: a floor is at least so far below the loudest frames


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech in samples, `[start:end]`."""

    start: int
    end: int


async def spoken(model: OpenModel, audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """How likely somebody speaks in each frame of float32 [samples] at 16 kHz: float32 [frames], the last
    frame filled up with silence. `model` is a Silero VAD (version 5): each call sees a frame after the last
    64 samples of the one before, and its state stays in the model worker. Raises as `Lane.run`."""
    count = -(-audio.size // FRAME)
    keep = Keep(new_handle(), "stateN", "state")
    rate = np.asarray(RATE, np.int64)
    made = np.zeros(count, np.float32)

    async def look(number: int) -> None:
        frame = np.zeros((1, _CONTEXT + FRAME), np.float32)
        start = max(number * FRAME - _CONTEXT, 0)
        part = audio[start : (number + 1) * FRAME]
        begin = _CONTEXT - (number * FRAME - start)
        frame[0, begin : begin + part.size] = part
        feeds: dict[str, NDArray[Any]] = {"input": frame, "sr": rate}
        if number == 0:
            feeds["state"] = np.zeros((2, 1, 128), np.float32)
        made[number] = (await model.lane.run(feeds, {"output": "all"}, keep=keep))["output"].item()

    try:
        for begin in range(0, count, _AT_ONCE):
            await asyncio.gather(*(look(number) for number in range(begin, min(count, begin + _AT_ONCE))))
    finally:
        await model.lane.free(keep.handle)
    return made


def loud(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same by loudness alone, for devices without a model: float32 [frames]. A frame is likely speech
    when it is 6 dB above the floor of noise around it: the quietest level within 3 seconds, but at least
    10 dB below the loudest frames, so that a sound which never pauses is all taken for speech. What is below
    -60 dB of full scale is silence. It tells pauses from sound, not speech from music."""
    count = -(-audio.size // FRAME)
    if count == 0:
        return np.zeros(0, np.float32)
    whole = audio[: audio.size // FRAME * FRAME].reshape(-1, FRAME)
    rest = np.zeros((count - len(whole), FRAME), np.float32)
    rest.ravel()[: audio.size - whole.size] = audio[whole.size :]
    # No copy of the sound is made: three hours of it are 691 MB.
    powers = np.concatenate([np.einsum("nf,nf->n", part, part) for part in (whole, rest)])
    levels = np.sqrt(powers / np.float32(FRAME))
    decibels = 20 * np.log10(np.maximum(levels, 1e-7))
    # Silence that a program made is no sign of how quiet the room is.
    room = _floor(np.where(levels < _SILENT, np.float32(np.inf), decibels))
    floor = np.minimum(room, np.percentile(decibels, 95) - _RANGE)
    likely = 1 / (1 + np.exp(-_STEEP * (decibels - floor - _ABOVE)))
    return np.where(levels < _SILENT, 0, likely).astype(np.float32)


def _floor(decibels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The quietest level around each frame."""
    blocks = -(-decibels.size // _BLOCK)
    filled = np.pad(decibels, (0, blocks * _BLOCK - decibels.size), mode="edge")
    least = np.pad(filled.reshape(blocks, _BLOCK).min(axis=1), _AROUND, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(least, 2 * _AROUND + 1).min(axis=1)
    made: NDArray[np.float32] = np.repeat(around, _BLOCK)[: decibels.size]
    return made


@dataclass(frozen=True, slots=True)
class Rules:
    """How probabilities become stretches (as Silero's get_speech_timestamps makes them, but with less that is
    too short to count and longer padding: a short word and a soft beginning must not be lost). Speech begins
    at `threshold` and ends when the probability stays below `threshold - hysteresis` for `silence` seconds;
    what is shorter than `least` seconds is none; `padding` seconds are added at both ends."""

    threshold: float = 0.5
    hysteresis: float = 0.15
    silence: float = 0.1
    least: float = 0.1
    padding: float = 0.2


def stretches(probabilities: NDArray[np.float32], samples: int, rules: Rules = Rules()) -> list[Stretch]:
    """The stretches of speech in a sound of so many samples, in order; none overlaps another."""
    found: list[tuple[int, int]] = []
    begin = quiet = -1
    patience = rules.silence * RATE / FRAME
    for number, one in enumerate(probabilities.tolist()):
        if one >= rules.threshold:
            begin = number if begin < 0 else begin
            quiet = -1
        elif begin >= 0 and one < rules.threshold - rules.hysteresis:
            quiet = number if quiet < 0 else quiet
            if number + 1 - quiet >= patience:
                found.append((begin, quiet))
                begin = quiet = -1
    if begin >= 0:
        found.append((begin, len(probabilities) if quiet < 0 else quiet))
    least, padding = rules.least * RATE, round(rules.padding * RATE)
    kept = [(a * FRAME, min(b * FRAME, samples)) for a, b in found if (b - a) * FRAME >= least]
    made: list[Stretch] = []
    for start, end in kept:
        start, end = max(0, start - padding), min(samples, end + padding)
        if made and start < made[-1].end:  # half of the pause for each
            middle = (start + made[-1].end) // 2
            made[-1] = Stretch(made[-1].start, middle)
            start = middle
        made.append(Stretch(start, end))
    return made
