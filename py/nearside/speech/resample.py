"""A sound at another rate: a windowed sinc, exact for every ratio of whole numbers."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

_CROSSINGS = 32  # of zero, to each side of the sinc
_EDGE = 0.95  # of the lower rate's half: what lies above fades out
_BETA = 9.0  # Kaiser's window: what must not be there is 90 dB weaker
_ROWS = 4096  # outputs made at a time


def resample(audio: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    """float32 [ceil(samples * wanted / rate)] at `wanted` samples a second, from float32 [samples] at `rate`;
    what is above half of the lower rate is left out (J. O. Smith, Digital Audio Resampling, 2002). The sound
    begins at the same moment, and is silent beyond its ends."""
    if rate == wanted or audio.size == 0:
        return audio
    common = gcd(rate, wanted)
    up, down = wanted // common, rate // common
    cutoff = _EDGE * min(1.0, up / down)  # of half the given rate
    reach = int(np.ceil(_CROSSINGS / cutoff))  # samples of the sound to each side of an output
    count = -(-audio.size * up // down)
    padded = np.zeros(audio.size + 2 * reach + down + 1, np.float32)
    padded[reach : reach + audio.size] = audio
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    made = np.empty(count, np.float32)
    for first in range(min(up, count)):
        # Outputs first, first + up, ... lie equally far after a sample: they share weights.
        place, phase = divmod(first * down, up)
        weights = _weights(phase / up, reach, cutoff)
        outputs = made[first::up]
        rows = windows[place::down]
        for begin in range(0, outputs.size, _ROWS):
            end = min(begin + _ROWS, outputs.size)
            outputs[begin:end] = rows[begin:end] @ weights
    return made


def _weights(after: float, reach: int, cutoff: float) -> NDArray[np.float32]:
    """How much each sample from `reach` before to `reach` after counts for a point `after` (0 to 1) past the
    middle one; they sum to 1, so that what is constant stays what it is."""
    distance = np.arange(-reach, reach + 1) - after
    inside = np.clip(1 - np.square(distance / (reach + 1)), 0, None)
    made = np.sinc(cutoff * distance) * np.i0(_BETA * np.sqrt(inside))
    weights: NDArray[np.float32] = (made / made.sum()).astype(np.float32)
    return weights
