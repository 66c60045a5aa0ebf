"""`POST /v1/chat/completions`: one request in, one to the provider, its answer back as it comes."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from nearside_server.cloud.body import read_body
from nearside_server.cloud.door import Door
from nearside_server.cloud.errors import CloudFailed, RateLimited, UnknownAlias
from nearside_server.cloud.providers import Model, Providers
from nearside_server.cloud.relay import Relay, error_event, whole
from nearside_server.cloud.shapes import Call, read_call, upstream_body
from nearside_server.cloud.upstream import Upstream

# Answers under way at once, for all pages and programs together.
MOST_AT_ONCE = 64
# Seconds for the provider to close an answer that is complete, so that its connection serves the next one.
_FAREWELL = 0.2
# Seconds beyond the provider's own limit for a caller to take what it asked for.
_SLOW_CALLER = 30.0
_HEADERS = [(b"cache-control", b"no-store, no-transform")]
_STREAM_HEADERS = [
    *_HEADERS,
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
]


class Chat:
    """The endpoint, as an ASGI application: it must know at any moment whether somebody still listens."""

    def __init__(self, providers: Providers, upstream: Upstream, door: Door) -> None:
        self._providers = providers
        self._upstream = upstream
        self._door = door
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the provider's work ends when the caller leaves."""
        self._door.check(scope)
        try:
            call = read_call(await read_body(scope, receive))
        except ClientDisconnect:
            return
        model = self._providers.models.get(call.model)
        if model is None:
            raise UnknownAlias("There is no model of that name.")
        if self._running >= MOST_AT_ONCE:
            raise RateLimited("Too many answers are under way.", retry_after=1)
        self._running += 1
        try:
            await _while_connected(receive, self._answer(call, model, send))
        finally:
            self._running -= 1

    async def _answer(self, call: Call, model: Model, send: Send) -> None:
        """Ask the provider and send what it says; what fails before the first piece is raised."""
        head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": model.alias}
        body = upstream_body(call, model)
        # The provider's own limits do not run while a caller reads slowly; this one does.
        async with asyncio.timeout(model.provider.total_timeout + _SLOW_CALLER):
            async with self._upstream.ask(model, body, stream=bool(call.stream)) as parts:
                if call.stream:
                    asked = call.stream_options is not None and call.stream_options.include_usage
                    await _stream(parts, Relay(head, include_usage=asked), send)
                    return
                answer = whole(head, b"".join([part async for part in parts]))
            kind = (b"content-type", b"application/json")
            await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, kind]})
            await send(_part(answer, more=False))


async def _stream(parts: AsyncIterator[bytes], relay: Relay, send: Send) -> None:
    """Send the pieces of an answer; once one is out, a failure becomes the stream's last event."""
    started = False
    try:
        async for part in parts:
            said = relay.feed(part)
            if said and not started:
                await send({"type": "http.response.start", "status": 200, "headers": _STREAM_HEADERS})
                started = True
            if said:
                await send(_part(said))
            if relay.failure is not None:
                raise relay.failure
            if relay.done:
                break
        last = relay.end()
    except CloudFailed as error:
        if not started:
            raise
        last = error_event(error)
    if not started:
        await send({"type": "http.response.start", "status": 200, "headers": _STREAM_HEADERS})
    if relay.done:
        with suppress(TimeoutError, CloudFailed):
            async with asyncio.timeout(_FAREWELL):
                async for _ in parts:
                    pass
    await send(_part(last, more=False))


def _part(body: bytes, *, more: bool = True) -> Message:
    """Return a piece of the answer's body."""
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _while_connected(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Do `work` as long as the caller is there; when it leaves, cancel the work and wait for its end."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_disconnected(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        left = not working.done()
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
    if not left:
        working.result()


async def _disconnected(receive: Receive) -> None:
    """Return when the caller has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
