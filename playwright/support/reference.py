"""What the engine in CPython answers, for comparison with the tab.

Reads JSON from stdin, `{"models": folder, "calls": [[method, params], ...]}`, and prints a JSON list with the
answer of each call, in the shapes and with the offsets (UTF-16) of the page's API. A parameter {"wav": path}
is the sound in that file: 16 bits, one channel.
"""

from __future__ import annotations

import asyncio
import json
import sys
import wave
from typing import Any

import numpy as np

import nearside
from nearside.wire.page import dispatch


async def answer(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Answer the calls in order."""
    async with nearside.connect(models=[asked["models"]]) as client:
        return [await dispatch(client, method, heard(params), None) for method, params in asked["calls"]]


def heard(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with sounds in the place of files."""
    return {
        name: samples(value["wav"]) if isinstance(value, dict) and set(value) == {"wav"} else value
        for name, value in params.items()
    }


def samples(path: str) -> np.ndarray:
    """What is in a sound file, float32 from -1 to 1."""
    with wave.open(path) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768


def plain(value: object) -> object:
    """An array as a list."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(answer(json.load(sys.stdin))), default=plain))
