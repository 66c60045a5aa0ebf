"""Security policies and other fixed headers, by path.

Kinds of answer, from the most powerful down:

- the engine (its hidden document, and every script, as a worker's policy is its own script's): may compile
  WebAssembly and evaluate strings, which PyScript needs, and may connect to this site and the hub;
- the page: may do neither, and connects to this site only;
- the public script `/nearside.js`: readable by other sites;
- everything else: inert, so that a data file opened as a document can do nothing.

The first two exist once more below `/local/`, for visitors who let nothing leave their device. There the
browser itself enforces that: the only addresses to connect to are where this site keeps its files. `/v1`, the
way to the cloud, and the hub are not among them; nor may such a page start a worker or open a frame whose own
policy would allow more. A policy names this site by the Host that the browser asked for; where it cannot be
named, nothing is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from starlette.types import Scope

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
INERT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
# Only documents ask, and of those only the page: whoever speaks into the microphone sees it.
PAGE_PERMISSIONS = PERMISSIONS.replace("microphone=()", "microphone=(self)")

# What the page and the engine read of this site; a folder stands for everything in it.
FILES = (
    *("/assets/", "/local/", "/models/", "/samples/", "/icons/", "/docs/"),
    *(
        "/config.json",
        "/healthz",
        "/engine.py",
        "/manifest.webmanifest",
        "/nearside.js",
        "/sw.js",
        "/theme.js",
    ),
)
# A policy cannot name an IPv6 address; under one, a page below /local/ reaches nothing at all.
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?(?::\d{1,5})?")

Headers = tuple[tuple[bytes, bytes], ...]


class Kind(Enum):
    """What a path is, as far as policies go."""

    PAGE = "page"
    ENGINE = "engine"
    SCRIPT = "script"
    PUBLIC = "public"
    DATA = "data"
    LOCAL_PAGE = "local page"
    LOCAL_ENGINE = "local engine"


def kind_of(path: str) -> Kind:
    """Return what lies under a URL path."""
    if path.startswith("/local/"):
        return _local_kind_of(path)
    if path == "/engine.html":
        return Kind.ENGINE
    if path == "/nearside.js":
        return Kind.PUBLIC
    if path.startswith("/models/"):
        return Kind.DATA
    if path == "/sw.js" or (path.startswith("/assets/") and path.endswith((".js", ".mjs"))):
        return Kind.SCRIPT
    if path.endswith(("/", ".html")):
        return Kind.PAGE
    return Kind.DATA


def _local_kind_of(path: str) -> Kind:
    """Return what lies under a URL path below /local/."""
    if path == "/local/engine.html" or path.endswith((".js", ".mjs")):
        return Kind.LOCAL_ENGINE
    return Kind.LOCAL_PAGE if path.endswith(("/", ".html")) else Kind.DATA


def local_page_policy(origin: str | None) -> str:
    """Return the policy of the page below /local/ of a site at `origin`, None when that cannot be named."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            _sources("connect-src", origin, *FILES),
            _sources("frame-src", origin, "/local/engine.html"),
            _sources("worker-src", origin, "/local/assets/", "/sw.js"),
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def local_engine_policy(origin: str | None) -> str:
    """Return the policy of the engine and its workers below /local/; PyScript's worker is a blob's."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self' blob: 'wasm-unsafe-eval' 'unsafe-eval'",
            f"{_sources('worker-src', origin, '/local/assets/')} blob:",
            _sources("connect-src", origin, *FILES),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )


def _sources(directive: str, origin: str | None, *paths: str) -> str:
    """Return a directive that allows paths of `origin`, or nothing."""
    return " ".join((directive, *(origin + path for path in paths))) if origin else f"{directive} 'none'"


def origin_of(scope: Scope) -> str | None:
    """Return the origin that a request was made to, None when a policy cannot name it."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    host = hosts[0].decode("latin-1") if len(hosts) == 1 else ""
    return f"{scope['scheme']}://{host.lower()}" if _HOST.fullmatch(host) else None


def engine_policy(hub_sources: Sequence[str]) -> str:
    """Return the engine's policy; `hub_sources` are the hub's origins, none when it is off."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self' blob: 'wasm-unsafe-eval' 'unsafe-eval'",
            "worker-src 'self' blob:",
            " ".join(("connect-src 'self'", *hub_sources)),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )


class Policies:
    """The fixed headers of every answer, ready to send."""

    def __init__(self, hub_sources: Sequence[str]) -> None:
        engine = engine_policy(hub_sources)
        isolated = ("cross-origin-embedder-policy", "require-corp")
        self._headers = {
            Kind.PAGE: _headers(
                ("content-security-policy", PAGE_POLICY),
                ("cross-origin-opener-policy", "same-origin"),
                isolated,
                permissions=PAGE_PERMISSIONS,
            ),
            Kind.ENGINE: _headers(("content-security-policy", engine), isolated),
            Kind.SCRIPT: _headers(("content-security-policy", engine), isolated),
            Kind.PUBLIC: _headers(
                ("content-security-policy", INERT_POLICY),
                ("access-control-allow-origin", "*"),
                resource_policy="cross-origin",
            ),
            Kind.DATA: _headers(("content-security-policy", INERT_POLICY)),
        }

    def of(self, scope: Scope) -> Headers:
        """Return the fixed headers of an answer to a request, as ASGI wants them."""
        kind = kind_of(scope["path"])
        return self._headers.get(kind) or _local_headers(kind, origin_of(scope))


@lru_cache(maxsize=64)
def _local_headers(kind: Kind, origin: str | None) -> Headers:
    """Return the fixed headers below /local/."""
    isolated = ("cross-origin-embedder-policy", "require-corp")
    if kind is Kind.LOCAL_ENGINE:
        return _headers(("content-security-policy", local_engine_policy(origin)), isolated)
    return _headers(
        ("content-security-policy", local_page_policy(origin)),
        ("cross-origin-opener-policy", "same-origin"),
        isolated,
        permissions=PAGE_PERMISSIONS,
    )


def _headers(
    *special: tuple[str, str], resource_policy: str = "same-origin", permissions: str = PERMISSIONS
) -> Headers:
    """Return the headers that every answer has, with the special ones of a kind."""
    everywhere = (
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", resource_policy),
        ("permissions-policy", permissions),
    )
    return tuple((name.encode(), value.encode()) for name, value in (*everywhere, *special))
