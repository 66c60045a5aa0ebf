"""What the engine in CPython answers, for comparison with the tab.

Reads JSON from stdin, `{"models": folder, "calls": [[method, params], ...]}`, and prints a JSON list with the
answer of each call, in the shapes and with the offsets (UTF-16) of the page's API.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import numpy as np

import nearside
from nearside.wire.page import dispatch


async def answer(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Answer the calls in order."""
    async with nearside.connect(models=[asked["models"]]) as client:
        return [await dispatch(client, method, params, None) for method, params in asked["calls"]]


def plain(value: object) -> object:
    """An array as a list."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(answer(json.load(sys.stdin))), default=plain))
