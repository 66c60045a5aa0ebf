"""Security policies and other fixed headers, by path.

Four kinds of answer, from the most powerful down:

- the engine (its hidden document, and every script, as a worker's policy is its own script's): may compile
  WebAssembly and evaluate strings, which PyScript needs, and may connect to this site and the hub;
- the page: may do neither, and connects to this site only;
- the public script `/nearside.js`: readable by other sites;
- everything else: inert, so that a data file opened as a document can do nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

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

Headers = tuple[tuple[bytes, bytes], ...]


class Kind(Enum):
    """What a path is, as far as policies go."""

    PAGE = "page"
    ENGINE = "engine"
    SCRIPT = "script"
    PUBLIC = "public"
    DATA = "data"


def kind_of(path: str) -> Kind:
    """Return what lies under a URL path."""
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

    def of(self, path: str) -> Headers:
        """Return the fixed headers of an answer under `path`, as ASGI wants them."""
        return self._headers[kind_of(path)]


def _headers(*special: tuple[str, str], resource_policy: str = "same-origin") -> Headers:
    """Return the headers that every answer has, with the special ones of a kind."""
    everywhere = (
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", resource_policy),
        ("permissions-policy", PERMISSIONS),
    )
    return tuple((name.encode(), value.encode()) for name, value in (*everywhere, *special))
