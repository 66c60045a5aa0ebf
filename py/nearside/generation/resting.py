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


WORTH = 16
"""So many tokens in common are worth cutting a past to them."""

_NOTHING = np.zeros(0, np.int64)
_resting: WeakKeyDictionary[Lane, Past] = WeakKeyDictionary()


async def take(model: OpenModel, prompt: NDArray[np.int64]) -> Past:
    """The past to answer `prompt` from: what the one that rests has in common with it, or a new one. (What is
    kept beyond `ids` is cut off by the next step; on a graphics card it cannot be.) One that is not gone on
    from is given up, so that there is never more than one at rest for a model."""
    past = _resting.pop(model.lane, None)
    if past is not None:
        known = _common(past.ids, prompt[:-1])  # the model has to read something
        whole = known == past.ids.size
        if whole or (known >= WORTH and model.info.backend != "webgpu"):
            return Past(past.handle, past.ids[:known])
        await model.lane.free(past.handle)
    return fresh()


def _common(one: NDArray[np.int64], other: NDArray[np.int64]) -> int:
    """How many ids at the beginning are the same."""
    size = min(one.size, other.size)
    differ = np.flatnonzero(one[:size] != other[:size])
    return int(differ[0]) if differ.size else size


def fresh() -> Past:
    """A past of nothing."""
    return Past(new_handle(), _NOTHING)


async def put(model: OpenModel, past: Past) -> None:
    """Let a past rest, in the place of the one that does."""
    before = _resting.pop(model.lane, None)
    _resting[model.lane] = past
    if before is not None:
        await model.lane.free(before.handle)
