"""Who may come in. The proxy is closed: this machine's programs, and this site's own page, nobody else.

A browser says where a request comes from, and a page cannot change that: the Host it asked (so a name that
another site pointed at this machine is refused), the Origin, and the Sec-Fetch headers. A program sends none
but the first. All is checked before a byte of the body is read.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Scope

from nearside_server.cloud.errors import Forbidden

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_DEFAULT_PORT = {"http": 80, "https": 443}
# What something in between adds: then the one who asks is not who it seems, and not on this machine.
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class Door:
    """Lets in what was asked of `scheme://NAME:port` on this machine, by its own page or a program."""

    def __init__(self, scheme: str, port: int) -> None:
        suffixes = (f":{port}", "") if port == _DEFAULT_PORT[scheme] else (f":{port}",)
        self._scheme = scheme
        self._hosts = frozenset(name + suffix for name in LOOPBACK_NAMES for suffix in suffixes)

    def check(self, scope: Scope) -> None:
        """Raise Forbidden unless the request may come in."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            raise Forbidden("The request was made to another address than this site's.")
        if any(name in headers for name in _FORWARDED):
            raise Forbidden("The request came through something in between.")
        origins = headers.getlist("origin")
        if origins and origins != [f"{self._scheme}://{hosts[0].lower()}"]:
            raise Forbidden("The request comes from another site.")
        if set(headers.getlist("sec-fetch-site")) - {"same-origin"}:
            raise Forbidden("The request comes from another site.")
        # A script, an image or a frame is no way to ask.
        if set(headers.getlist("sec-fetch-dest")) - {"empty"}:
            raise Forbidden("The request was not made by a program.")
