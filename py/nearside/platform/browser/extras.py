"""The wheels that the core does not need, which the site serves beside it: installed when asked for."""

from __future__ import annotations

import asyncio
import importlib
import io
import sysconfig
import zipfile
from collections.abc import Sequence

import js
from pyodide.ffi import JsException

from nearside.errors import EngineFailed, Offline


class BrowserExtras:
    """See `nearside.ports.extras.Extras`. `wheels`: their addresses on this site, which the service worker
    keeps for use without a network."""

    def __init__(self, wheels: Sequence[str]) -> None:
        self._wheels = tuple(wheels)
        self._installation: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """See `Extras.ready`. A cancelled caller stops nobody else's installation."""
        if self._installation is None:
            self._installation = asyncio.ensure_future(self._install())
            self._installation.add_done_callback(self._forget_failure)
        await asyncio.shield(self._installation)

    async def _install(self) -> None:
        """Unpack all of them or none: what is half there could be imported."""
        wheels = await asyncio.gather(*(_fetch(url) for url in self._wheels))
        try:
            archives = [zipfile.ZipFile(io.BytesIO(wheel)) for wheel in wheels]
            for archive in archives:
                archive.extractall(sysconfig.get_path("purelib"))
        except (zipfile.BadZipFile, OSError) as error:
            raise EngineFailed(f"A part of the engine is damaged: {error}.") from error
        importlib.invalidate_caches()

    def _forget_failure(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._installation = None


async def _fetch(url: str) -> bytes:
    name = url.rsplit("/", 1)[-1]
    try:
        response = await js.fetch(url)
        if response.ok:
            return bytes((await response.arrayBuffer()).to_bytes())
    except JsException as error:
        raise Offline(f"A part of the engine ({name}) cannot be fetched without a network.") from error
    raise EngineFailed(f"A part of the engine ({name}) cannot be had (HTTP {response.status}).")
