"""Long work on the event loop, in turns with everything else there: in the tab there is no other thread."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")

Work = Generator[None, None, T]
"""Work that yields now and then, and returns its result."""

TURN = 0.005
"""Seconds of work after which others have their turn."""


async def in_turns(work: Work[T]) -> T:
    """The result of `work`. Between two of its yields nobody else can go on."""
    until = perf_counter() + TURN
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
        if perf_counter() >= until:
            await asyncio.sleep(0)
            until = perf_counter() + TURN


def at_once(work: Work[T]) -> T:
    """The result of `work`, without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
