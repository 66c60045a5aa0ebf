"""Requests to providers. The only module that imports aiohttp, and the only place where a key leaves.

No redirect is followed, no cookie kept, no proxy of the environment used, nothing unpacked; the address of
a provider is checked once more when its name was resolved.
"""

from __future__ import annotations

import io
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from nearside_server import __version__
from nearside_server.cloud.addresses import is_loopback, may_dial
from nearside_server.cloud.errors import CloudFailed, CloudRefused, CloudSilent, FarError, RateLimited
from nearside_server.cloud.providers import Model, Provider

_log = logging.getLogger("nearside.cloud")
LONGEST_ANSWER = 16 * 1024 * 1024
_LONGEST_WAIT = 3600
# What a caller can do something about; anything else of the 4xx kind is the operator's business.
_CALLERS_FAULT = (400, 413, 422, 451)
_OPERATORS_FAULT = {
    401: "does not accept the key",
    402: "wants to be paid first",
    403: "does not accept the key for this",
    404: "does not know the model, or is not at this address",
}


class Upstream:
    """Connections to all providers."""

    def __init__(self) -> None:
        self._sessions: dict[str, aiohttp.ClientSession] = {}
        self._told: set[tuple[str, int]] = set()

    @asynccontextmanager
    async def ask(self, model: Model, body: bytes, *, stream: bool) -> AsyncIterator[AsyncIterator[bytes]]:
        """Send a request; give the body of a good answer as it comes.

        Raises CloudRefused, RateLimited or CloudFailed, here and while the body is read. Leaving ends the
        request.
        """
        provider = model.provider
        headers = {
            "content-type": "application/json",
            "accept": "text/event-stream" if stream else "application/json",
            "accept-encoding": "identity",
            "user-agent": f"nearside/{__version__}",
        }
        if provider.key is not None:
            headers["authorization"] = f"Bearer {provider.key}"
        with _translated():
            request = self._session(provider).post(
                f"{provider.base_url}/chat/completions",
                data=io.BytesIO(body),  # sent in pieces: long bytes would hold up everybody else
                headers=headers,
                allow_redirects=False,
                timeout=_limits(provider, stream=stream),
            )
            answer = await request
        try:
            self._check(provider, answer, stream=stream)
            yield _body(answer)
        finally:
            answer.release()  # ends the connection, unless the answer was read to its end

    async def close(self) -> None:
        """Close every connection."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    def _session(self, provider: Provider) -> aiohttp.ClientSession:
        """Return the provider's session; no two providers share connections."""
        if provider.name not in self._sessions:
            self._sessions[provider.name] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=_Resolver(provider), limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._sessions[provider.name]

    def _check(self, provider: Provider, answer: aiohttp.ClientResponse, *, stream: bool) -> None:
        """Raise what a provider's status and headers mean, when they mean no answer."""
        if answer.status != 200:
            if answer.status in _OPERATORS_FAULT:
                self._tell(provider, answer.status)
            raise _refusal(answer.status, answer.headers.get("retry-after"))
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise CloudFailed("The provider packed its answer, which it was asked not to do.")
        kind = answer.content_type
        if kind != ("text/event-stream" if stream else "application/json"):
            raise CloudFailed("The provider answered with something else than an answer.")

    def _tell(self, provider: Provider, status: int) -> None:
        """Tell the operator once, without a word of what the provider said."""
        if (provider.name, status) not in self._told:
            self._told.add((provider.name, status))
            _log.warning("The provider %s %s (HTTP %d).", provider.name, _OPERATORS_FAULT[status], status)


def _limits(provider: Provider, *, stream: bool) -> aiohttp.ClientTimeout:
    """Return how long a request may take: a whole answer comes after a silence as long as its making."""
    return aiohttp.ClientTimeout(
        total=provider.total_timeout,
        sock_connect=provider.connect_timeout,
        sock_read=provider.idle_timeout if stream else None,
    )


async def _body(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Give the body as it comes, to a limit."""
    received = 0
    while True:
        with _translated():
            part = await answer.content.readany()
        if not part:
            return
        received += len(part)
        if received > LONGEST_ANSWER:
            raise CloudFailed("The provider's answer is too long.")
        yield part


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what goes wrong on the way into typed errors."""
    try:
        yield
    except TimeoutError:
        raise CloudSilent("The provider did not answer in time.") from None
    except aiohttp.ClientConnectorError:
        raise CloudFailed("The provider cannot be reached.") from None
    except (aiohttp.ClientError, OSError, ValueError):
        raise CloudFailed("The provider broke off.") from None


def _refusal(status: int, retry_after: str | None) -> FarError:
    """Return the error for a provider's status."""
    if status == 429:
        return RateLimited("The provider takes no more requests for now.", retry_after=_seconds(retry_after))
    if status in _CALLERS_FAULT:
        return CloudRefused("The provider does not take this request.", status=status)
    if status in _OPERATORS_FAULT:
        error = CloudFailed(f"The provider {_OPERATORS_FAULT[status]}.", retryable=False)
        error.hint = "Whoever runs this site can change that; until then the device answers."
        return error
    if status in (408, 504):
        return CloudSilent("The provider did not answer in time.")
    if 300 <= status < 400:
        return CloudFailed("The provider points to another address, which is not followed.", retryable=False)
    return CloudFailed("The provider failed.")


def _seconds(value: str | None) -> int | None:
    """Return how long a provider asks to wait, an hour at most; dates are not read."""
    if value is None or not (value.isascii() and value.isdigit()) or len(value) > 12:
        return None
    return min(int(value), _LONGEST_WAIT)


class _Resolver(AbstractResolver):
    """The system's resolver without the addresses that this provider's name may not stand for."""

    def __init__(self, provider: Provider) -> None:
        self._resolver = aiohttp.ThreadedResolver()
        self._private = provider.private_network
        self._loopback = is_loopback(provider.base_url)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host that may be dialled; raises OSError when none is left."""
        found = await self._resolver.resolve(host, port, family)
        good = [
            each for each in found if may_dial(each["host"], loopback=self._loopback, private=self._private)
        ]
        if not good:
            raise OSError(None, "no address that a provider may have")
        return good

    async def close(self) -> None:
        """Close the resolver."""
        await self._resolver.close()
