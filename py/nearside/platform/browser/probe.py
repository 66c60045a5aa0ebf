"""Facts about the browser, asked in the frame: some interfaces exist only where there is a window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nearside.platform.browser.host import Host


class BrowserProbe:
    """See `nearside.ports.probe.Probe`."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def facts(self) -> Mapping[str, Any]:
        """Raw facts; None where the browser does not tell."""
        facts: Mapping[str, Any] = await self._host.call("probe")
        return facts
