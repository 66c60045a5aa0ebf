"""The far side over HTTP, for programs: a running `nearside serve` with a provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from urllib.parse import urlsplit

import aiohttp

from nearside.errors import CloudFailed, InvalidOption, Offline
from nearside.ports.cloud import CloudDelta, CloudModel, CloudRequest
from nearside.wire import openai

_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=120)


class HttpCloud:
    """See `nearside.ports.cloud.Cloud`. `address` is the proxy's, such as http://127.0.0.1:8000.

    Raises `InvalidOption` when it is none."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise InvalidOption(
                f"cloud {address!r:.80} is no address.", hint="Give one such as http://127.0.0.1:8000."
            )
        self._address = address.rstrip("/")

    async def models(self) -> Sequence[CloudModel]:
        """See `Cloud.models`."""
        async with _session() as session:
            try:
                async with session.get(self._address + openai.MODELS, allow_redirects=False) as response:
                    text = await response.text()
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise Offline(f"{self._address} cannot be reached.") from error
            if response.status != 200:
                raise openai.failure(response.status, text)
            return openai.models(text)

    async def stream(self, request: CloudRequest) -> AsyncGenerator[CloudDelta, None]:
        """See `Cloud.stream`."""
        async with _session() as session:
            try:
                response = await session.post(
                    self._address + openai.COMPLETIONS,
                    data=openai.body(request).encode(),
                    headers={"content-type": "application/json"},
                    allow_redirects=False,
                )
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise Offline(f"{self._address} cannot be reached.") from error
            async with response:
                if response.status != 200:
                    raise openai.failure(response.status, await response.text())
                async with aclosing(openai.deltas(_pieces(response))) as deltas:
                    async for delta in deltas:
                        yield delta


def _session() -> aiohttp.ClientSession:
    """One per call: it belongs to the event loop, and a client may live in several."""
    return aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())


async def _pieces(response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
    """The body as it comes in. Raises `CloudFailed` when the connection breaks."""
    try:
        async for piece in response.content.iter_any():
            yield piece
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise CloudFailed("The connection to the cloud broke off.") from error
