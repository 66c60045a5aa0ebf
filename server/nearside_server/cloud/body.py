"""The body of a request: JSON, said to be so, not packed, not too long, and not dripping in for ever."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from nearside_server.cloud.errors import BadCall, TooLong, WrongType

LONGEST_BODY = 2 * 1024 * 1024
_PATIENCE = 30.0


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """Return the body; raises BadCall, TooLong or WrongType, or ClientDisconnect when nobody sends it."""
    headers = Headers(scope=scope)
    if not _is_json(headers.getlist("content-type")):
        raise WrongType("The body is not said to be JSON.")
    if "content-encoding" in headers:
        raise WrongType("The body is packed.")
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > LONGEST_BODY:
        raise _too_long()
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(_PATIENCE):
            await _collect(receive, parts)
    except TimeoutError:
        raise BadCall("The body did not arrive in time.") from None
    return b"".join(parts)


async def _collect(receive: Receive, parts: list[bytes]) -> None:
    """Read the body's parts."""
    total = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        total += len(part)
        if total > LONGEST_BODY:
            raise _too_long()
        parts.append(part)
        if not message.get("more_body", False):
            return


def _too_long() -> TooLong:
    """Return the error for a body that is too long."""
    return TooLong(f"The body has more than {LONGEST_BODY} bytes.", hint="Send a shorter text.")


def _is_json(given: list[str]) -> bool:
    """Say whether the one Content-Type is JSON in UTF-8."""
    if len(given) != 1:
        return False
    kind, _, rest = given[0].partition(";")
    return kind.strip().lower() == "application/json" and rest.strip().lower() in ("", "charset=utf-8")
