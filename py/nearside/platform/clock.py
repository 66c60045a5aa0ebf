"""The system's clocks: the one port that is the same in a browser and in CPython."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """See `nearside.ports.clock.Clock`."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait; can be cancelled."""
        await asyncio.sleep(seconds)
