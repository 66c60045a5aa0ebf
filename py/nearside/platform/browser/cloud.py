"""The far side over the browser's fetch: this site's own proxy, never another address."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import js
from js import AbortController, Object
from pyodide.ffi import JsException, to_js

from nearside.errors import CloudFailed, Offline
from nearside.ports.cloud import CloudDelta, CloudModel, CloudRequest
from nearside.wire import openai


class BrowserCloud:
    """See `nearside.ports.cloud.Cloud`. `origin` is the site's: the worker's own address is a blob's."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    async def models(self) -> Sequence[CloudModel]:
        """See `Cloud.models`."""
        abort = AbortController.new()
        try:
            response = await self._fetch(openai.MODELS, {"cache": "no-store", "signal": abort.signal})
            text = await _text(response)
        finally:
            abort.abort()  # after the end this does nothing
        if not response.ok:
            raise openai.failure(response.status, text)
        return openai.models(text)

    async def stream(self, request: CloudRequest) -> AsyncGenerator[CloudDelta, None]:
        """See `Cloud.stream`."""
        abort = AbortController.new()
        try:
            response = await self._fetch(
                openai.COMPLETIONS,
                {
                    "method": "POST",
                    "headers": {"content-type": "application/json"},
                    "body": openai.body(request),
                    "signal": abort.signal,
                    "cache": "no-store",
                },
            )
            if not response.ok:
                raise openai.failure(response.status, await _text(response))
            async with aclosing(openai.deltas(_pieces(response))) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            abort.abort()  # after the end this does nothing

    async def _fetch(self, path: str, options: dict[str, Any]) -> Any:
        given = to_js(
            {"credentials": "omit", "redirect": "error", **options}, dict_converter=Object.fromEntries
        )
        try:
            return await js.fetch(self._origin + path, given)
        except JsException as error:
            raise Offline("The site's server cannot be reached.") from error


async def _text(response: Any) -> str:
    """The whole body. Raises `Offline` when the connection breaks."""
    try:
        return str(await response.text())
    except JsException as error:
        raise Offline("The site's server broke off.") from error


async def _pieces(response: Any) -> AsyncGenerator[bytes, None]:
    """The body as it comes in. Raises `CloudFailed` when the connection breaks."""
    reader = response.body.getReader()
    while True:
        try:
            piece = await reader.read()
        except JsException as error:
            raise CloudFailed("The connection to the cloud broke off.") from error
        if piece.done:
            return
        yield piece.value.to_bytes()
