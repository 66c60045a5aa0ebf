"""The port to those parts of the engine that not every visitor needs: the browser fetches them when they are
asked for first, CPython has them from the start."""

from __future__ import annotations

from typing import Protocol


class Extras(Protocol):
    """Brings in `nearside.generation`, `nearside.speech` and `nearside.specialists`, and what they import."""

    async def ready(self) -> None:
        """Return when they can be imported. Callers at the same time share one fetch; a failed one is
        forgotten.

        Raises `Offline` when they are not here and the network is not there, `EngineFailed` (retryable)."""
        ...


class Present:
    """They are there already."""

    async def ready(self) -> None:
        """See `Extras.ready`."""
