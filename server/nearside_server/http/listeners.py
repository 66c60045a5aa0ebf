"""Where the server listens: which addresses are safe without TLS, and sockets bound to them."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

from nearside_server.errors import BadCertificate, InsecureBind, PortTaken, UsageError

Address = tuple[socket.AddressFamily, str]


def resolve(host: str) -> list[Address]:
    """Return the addresses that a host name stands for on this machine; raises UsageError."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"--host {host!r} is not an address of this machine: {error}.") from error
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))


def is_local(addresses: Sequence[Address]) -> bool:
    """Say whether only this machine reaches the addresses."""
    return all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for _, address in addresses)


def check_exposure(host: str, addresses: Sequence[Address], *, encrypted: bool, insecure: bool) -> None:
    """Raise InsecureBind when others could reach the server without TLS and nobody said that they may."""
    if not is_local(addresses) and not encrypted and not insecure:
        raise InsecureBind(f"{host} can be reached from other machines, and there is no TLS certificate.")


def check_certificate(cert: Path | None, key: Path | None) -> None:
    """Raise UsageError when only one of both is given, BadCertificate when they do not load as a pair."""
    if (cert is None) != (key is None):
        raise UsageError("--tls-cert and --tls-key belong together.", hint="Give both or neither.")
    if cert is None or key is None:
        return
    try:
        # With an empty password a protected key fails here instead of asking on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except (OSError, ValueError) as error:
        raise BadCertificate(
            f"The TLS certificate {cert} and the key {key} cannot be used: {error}.",
            hint="Both must be PEM files, the key without a password and made for that certificate.",
        ) from error


def listen(host: str, port: int, addresses: Sequence[Address]) -> list[socket.socket]:
    """Return sockets bound to `port` on every address; with port 0 all on one free port.

    Raises PortTaken, or UsageError when no address can be bound.
    """
    sockets: list[socket.socket] = []
    problem: OSError | None = None
    for family, address in addresses:
        try:
            sockets.append(_bind(family, address, port or port_of(sockets)))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                _close(sockets)
                raise PortTaken(
                    f"Port {port} on {host} is taken by another program.",
                    hint="Stop it, or choose another port with --port (make run PORT=...).",
                ) from error
            problem = error
    if not sockets:
        reason = problem.strerror if problem is not None else "no address"
        raise UsageError(f"Cannot listen on {host} port {port}: {reason}.")
    return sockets


def url_of(sockets: Sequence[socket.socket], host: str, *, encrypted: bool) -> str:
    """Return the URL under which the server is reached from this machine."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        host = "localhost"
    name = f"[{host}]" if ":" in host else host
    return f"{'https' if encrypted else 'http'}://{name}:{port_of(sockets)}/"


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    """Return a socket bound to an address; raises OSError."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere this option would let two programs share the port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(2048)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def port_of(sockets: Sequence[socket.socket]) -> int:
    """Return the port of sockets that share one, 0 when there is none yet."""
    return int(sockets[0].getsockname()[1]) if sockets else 0


def _close(sockets: Sequence[socket.socket]) -> None:
    """Close sockets that are not used after all."""
    for sock in sockets:
        sock.close()
