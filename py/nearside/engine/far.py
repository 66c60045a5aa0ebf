"""What is known of the far side: asked once, kept for a while, and corrected by what calls meet."""

from __future__ import annotations

import asyncio

from nearside.errors import NearsideError, NoProvider, Offline
from nearside.ports.clock import Clock
from nearside.ports.cloud import Cloud, CloudModel
from nearside.routing.facts import CloudState

_GOOD_FOR = 60.0  # seconds
_ASK_AGAIN = 5.0  # seconds after a failure
_PATIENCE = 2.0  # seconds that a decision waits for the first answer


class FarSide:
    """The proxy's models and whether it can be reached; `cloud` is None where there is no proxy."""

    def __init__(self, cloud: Cloud | None, clock: Clock) -> None:
        self.cloud = cloud
        self._clock = clock
        self._asking: asyncio.Task[None] | None = None
        self._asked = float("-inf")
        self.state: CloudState = "unknown" if cloud is not None else "none"
        self.models: tuple[CloudModel, ...] = ()

    async def refresh(self) -> None:
        """Ask, when what is known is too old. Never raises; waits no longer than a decision may."""
        if self.cloud is None:
            return
        age = self._clock.monotonic() - self._asked
        if self.state in ("up", "none") and age < _GOOD_FOR:
            return
        if self.state == "down" and age < _ASK_AGAIN:
            return
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(self.cloud))
        asking = self._asking
        await asyncio.wait([asking], timeout=_PATIENCE)
        if not asking.done():
            asking.cancel()  # or a connection that hangs would hold up every next decision
            self._asking = None
            self.state, self._asked = "down", self._clock.monotonic()

    async def _ask(self, cloud: Cloud) -> None:
        try:
            self.models = tuple(await cloud.models())
            self.state = "up" if self.models else "none"
        except Exception:  # noqa: BLE001 - whatever breaks there, this side goes on
            self.state = "down"
        self._asked = self._clock.monotonic()

    def met(self, error: NearsideError) -> None:
        """A call met this error: what is known is corrected by it."""
        if isinstance(error, NoProvider):
            self.state, self.models = "none", ()
        elif isinstance(error, Offline):
            self.state = "down"
        else:
            return
        self._asked = self._clock.monotonic()
