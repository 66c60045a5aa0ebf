"""What the last conversation of each model has left in its worker: a next turn of the same conversation goes
on from there."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from nearside.generation.loop import new_handle
from nearside.models.loaded import Lane, OpenModel


class Past(NamedTuple):
    """The tokens, int64 [n], whose keys and values are kept under `handle`."""

    handle: str
    ids: NDArray[np.int64]


_NOTHING = np.zeros(0, np.int64)
_resting: WeakKeyDictionary[Lane, Past] = WeakKeyDictionary()


async def take(model: OpenModel, prompt: NDArray[np.int64]) -> Past:
    """The past to answer `prompt` from: the one that rests, if `prompt` goes on from it, or a new one. One
    that is not gone on from is given up, so that there is never more than one at rest for a model."""
    past = _resting.pop(model.lane, None)
    if past is not None:
        known = past.ids.size
        if known < prompt.size and np.array_equal(prompt[:known], past.ids):
            return past
        await model.lane.free(past.handle)
    return fresh()


def fresh() -> Past:
    """A past of nothing."""
    return Past(new_handle(), _NOTHING)


async def put(model: OpenModel, past: Past) -> None:
    """Let a past rest, in the place of the one that does."""
    before = _resting.pop(model.lane, None)
    _resting[model.lane] = past
    if before is not None:
        await model.lane.free(before.handle)
