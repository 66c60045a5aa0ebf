"""Long sounds in pieces that a model can take, cut where nobody speaks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nearside.speech.vad import FRAME, Stretch


def pieces(
    stretches: Sequence[Stretch],
    probabilities: NDArray[np.float32],
    samples: int,
    window: int,
    pause: int | None = None,
) -> list[Stretch]:
    """Pieces of at most `window` samples that together have all speech, in order, none overlapping another.
    A sound that fits is one piece, all of it, when somebody speaks in it at all. Otherwise stretches are put
    together as long as they fit; with `pause`, only over silences of at most so many samples. A stretch that
    is too long by itself is cut at its least spoken frame (`probabilities`, one for `FRAME` samples) in the
    second half of a window."""
    if not stretches:
        return []
    if samples <= window:
        return [Stretch(0, samples)]
    made: list[Stretch] = []
    for one in _short(stretches, probabilities, window):
        last = made[-1] if made else None
        near = last is not None and (pause is None or one.start - last.end <= pause)
        if last is not None and near and one.end - last.start <= window:
            made[-1] = Stretch(last.start, one.end)
        else:
            made.append(one)
    return made


def _short(stretches: Sequence[Stretch], probabilities: NDArray[np.float32], window: int) -> list[Stretch]:
    """The stretches, each at most a window."""
    made: list[Stretch] = []
    for one in stretches:
        start = one.start
        while one.end - start > window:
            # Frames that lie between half a window and a window from the start.
            first, last = -(-(start + window // 2) // FRAME), (start + window) // FRAME
            around = probabilities[first:last]
            # Of equal frames the last: the pieces are as long as they can be.
            frame = last - 1 - int(np.argmin(around[::-1])) if around.size else 0
            cut = min(frame * FRAME + FRAME // 2, start + window) if around.size else start + window
            made.append(Stretch(start, cut))
            start = cut
        made.append(Stretch(start, one.end))
    return made
