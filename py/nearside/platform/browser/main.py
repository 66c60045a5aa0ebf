"""The engine worker's start: waits for the ports, then answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Mapping
from typing import Any

from polyscript import js_modules

from nearside import __version__
from nearside.engine.client import Client
from nearside.errors import InvalidInput, NearsideError
from nearside.platform.browser.cloud import BrowserCloud
from nearside.platform.browser.console import Console
from nearside.platform.browser.database import BrowserDatabase
from nearside.platform.browser.door import Door, Tell
from nearside.platform.browser.extras import BrowserExtras
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
    runtime = BrowserRuntime(host, int(options["cores"]))
    store = BrowserStore(host)
    client = Client(
        runtime,
        BrowserTokenizers(bridge),
        store,
        BrowserProbe(host),
        SystemClock(),
        BrowserDatabase(bridge),
        BrowserCloud(options["origin"]),
        BrowserExtras(options["extras"]),
        default_model=options["starter"]["id"],
        mode=options["mode"],
        local_document=options["localOnly"],
        version=__version__,
    )

    runtime.hub_allowed = store.hub_allowed = client.may_ask_hub
    console = Console(client)

    async def answer(method: str, params: Mapping[str, Any], tell: Tell, hand_over: Tell) -> dict[str, Any]:
        if method != "console.run":
            return await dispatch(client, method, params, tell, hand_over)
        code = params.get("code")
        if not isinstance(code, str):
            raise InvalidInput("code is not text.")
        return await console.run(code)

    Door(call_port, answer)
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
