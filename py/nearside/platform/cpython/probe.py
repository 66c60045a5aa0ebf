"""What Python knows about the computer it runs on. The browser's questions have no answer here and stay
unknown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any


class SystemProbe:
    """See `nearside.ports.probe.Probe`."""

    async def facts(self) -> Mapping[str, Any]:
        """The cores this process may use and the memory of the machine."""
        return {"cores": _cores(), "memoryGiB": _memory()}


def _cores() -> int | None:
    if hasattr(os, "sched_getaffinity"):  # what a container or taskset leaves
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):  # not on Windows
        return None
