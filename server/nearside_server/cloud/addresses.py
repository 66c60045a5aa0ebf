"""Which addresses a provider may have. The operator names them; this catches slips that would hand keys or
prompts to somebody else, and names that resolve to somewhere inside.

Plain http is for this machine (or, without a key, a private network that was allowed). Link-local addresses,
where clouds keep their metadata, are never dialled. Numbers in other spellings than the usual one are
refused: what `0x7f.1` means depends on who reads it.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_URL = re.compile(r"(https?)://([A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?((?:/[A-Za-z0-9._~\-]+)*)/?")
_LOOPBACK_NAMES = ("localhost",)


class BadAddress(ValueError):
    """The address is not one that a provider may have; the text says why."""


def check_url(url: str, *, private: bool, has_key: bool) -> str:
    """Return `url` without a trailing slash; raises BadAddress.

    `private` allows addresses of private networks.
    """
    found = _URL.fullmatch(url)
    if not found:
        raise BadAddress("it is not a plain http(s) URL")
    host = found[2].strip("[]")
    literal = _literal(host)
    local = host.lower() in _LOOPBACK_NAMES or (literal is not None and literal.is_loopback)
    if literal is not None and not may_dial(str(literal), loopback=True, private=private):
        raise BadAddress(
            "it is not a public address (private_network = true allows those of your own network)"
        )
    if found[1] == "http" and not local and not (private and literal is not None and not has_key):
        raise BadAddress("it is not encrypted")
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise BadAddress("its port is not one") from None
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Say whether a checked URL's host is this machine by its name or number."""
    host = urlsplit(url).hostname or ""
    literal = _literal(host)
    return host in _LOOPBACK_NAMES or (literal is not None and literal.is_loopback)


def may_dial(address: str, *, loopback: bool, private: bool) -> bool:
    """Say whether an IP address may be dialled, in any form that reaches the same machine."""
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return may_dial(str(inner), loopback=loopback, private=private)
    if ip.is_loopback:
        return loopback
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
        return False
    return ip.is_global or (private and ip.is_private)


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that `host` is, None for a name; raises BadAddress for a number in disguise."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if ":" in host:
        raise BadAddress("its host is not an address")
    labels = host.split(".")
    # Every reader of URLs takes a host whose last label is a number for an address, each in its own way.
    if re.fullmatch(r"\d+|0[xX][0-9A-Fa-f]*", labels[-1]):
        raise BadAddress("its host is a number that can be read in more than one way")
    if not all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?", label) for label in labels):
        raise BadAddress("its host is not a name")
    return None
