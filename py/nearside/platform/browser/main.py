"""The engine worker's start: waits for the ports, then answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any

from polyscript import js_modules

from nearside.engine.client import Client
from nearside.errors import NearsideError
from nearside.platform.browser.door import Door
from nearside.platform.browser.host import Host
from nearside.platform.browser.probe import BrowserProbe
from nearside.platform.browser.runtime import BrowserRuntime
from nearside.platform.browser.store import BrowserStore
from nearside.platform.browser.tokenizers import BrowserTokenizers
from nearside.platform.clock import SystemClock
from nearside.wire.page import dispatch


def serve(xworker: Any) -> None:
    """Listen for the frame's `ports` message on PyScript's worker; `static/engine.py` calls it once."""
    xworker.onmessage = _on_ports


def _on_ports(event: Any) -> None:
    data = event.data
    if getattr(data, "op", None) != "ports":
        return
    started = time.perf_counter()
    call_port, host_port = event.ports
    options = json.loads(data.options)
    bridge = js_modules.nearside_bridge
    host = Host(host_port)
    client = Client(
        BrowserRuntime(host, int(options["cores"])),
        BrowserTokenizers(bridge),
        BrowserStore(host),
        BrowserProbe(host),
        SystemClock(),
        default_model=options["starter"]["id"],
    )
    Door(call_port, lambda method, params, tell: dispatch(client, method, params, tell))
    timings = json.loads(bridge.timings())
    timings["engine"] = (time.perf_counter() - started) * 1000
    host.booted(json.dumps(timings))
    task = asyncio.ensure_future(_take_over(client, options["starter"]["id"]))
    _running.add(task)
    task.add_done_callback(_running.discard)


_running: set[asyncio.Task[None]] = set()  # the loop itself holds tasks only weakly


async def _take_over(client: Client, starter: str) -> None:
    """Open the starter, whose worker the frame started before Python was up: until then it would hold memory
    without being listed as loaded, and could not be unloaded."""
    with contextlib.suppress(NearsideError):  # the page's status has it; the next use tries again
        await client.models.preload(starter)
