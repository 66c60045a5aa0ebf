"""`nearside serve`: serve the built site."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn

from nearside_server import __version__
from nearside_server.app import create_app
from nearside_server.cli import describe
from nearside_server.cloud.door import Door
from nearside_server.config import (
    DEFAULT_HUB,
    MODELS_VARIABLE,
    Config,
    model_folders,
    parse_hubs,
    read_providers,
)
from nearside_server.errors import OpenProxy, ServerError
from nearside_server.http import listeners
from nearside_server.site import site_folder

# Seconds that running answers may take to finish once the server was told to stop.
_GRACE = 0.4


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser of `nearside serve`."""
    parser = subparsers.add_parser(
        "serve",
        help="serve the built site",
        description="Serve the built site, to this machine only unless --host says otherwise.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8000, help="port; 0 takes a free one (default: %(default)s)"
    )
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="TLS certificate chain, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="the certificate's key, PEM")
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="listen on a network without TLS; browsers elsewhere then lack service worker and WebGPU",
    )
    parser.add_argument(
        "--hub",
        default=DEFAULT_HUB,
        metavar="URL[,ORIGIN...]|off",
        help="hub that the page may download models from, and other origins that it redirects to "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--site", type=Path, metavar="DIR", help="built site (default: the one in the package)"
    )
    parser.add_argument(
        "--models",
        action="append",
        default=[],
        metavar="DIR",
        help=f"folder of models, org/name/onnx/*.onnx; may be repeated, and {MODELS_VARIABLE} adds to it",
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="cloud providers and models, TOML (default: none)"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; returns 0. Raises ServerError for what stands in the way."""
    hub, hub_files = parse_hubs(args.hub)
    config = Config(
        site=(args.site or site_folder()).resolve(),
        models=model_folders(args.models, os.environ),
        hub=hub,
        hub_files=hub_files,
        providers=read_providers(args.config),
    )
    encrypted = args.tls_cert is not None
    listeners.check_certificate(args.tls_cert, args.tls_key)
    addresses = listeners.resolve(args.host)
    listeners.check_exposure(args.host, addresses, encrypted=encrypted, insecure=args.insecure)
    if config.providers is not None and not listeners.is_local(addresses):
        raise OpenProxy(
            f"{args.host} can be reached from other machines, and {args.config} connects a provider."
        )
    sockets = listeners.listen(args.host, args.port, addresses)
    app = create_app(config, Door("https" if encrypted else "http", listeners.port_of(sockets)))
    try:
        app.state.site.get()
    except ServerError as error:
        print(describe(error), "  Until then every page answers 503.", sep="\n", file=sys.stderr)
    server = Server(
        uvicorn.Config(
            app,
            ssl_certfile=args.tls_cert,
            ssl_keyfile=args.tls_key,
            ws="none",
            lifespan="off" if config.providers is None else "on",
            # No access log: what people ask for is nobody's business. Failures still reach stderr.
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        ),
        url=listeners.url_of(sockets, args.host, encrypted=encrypted),
    )
    server.run(sockets=sockets)
    return 0


class Server(uvicorn.Server):
    """Uvicorn that says when it is ready, and stops at once with exit status 0 when told to."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept connections and say so."""
        await super().startup(sockets)
        print(f"Nearside {__version__} is ready at {self._url} (stop with Ctrl+C)", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop to accept connections; running answers get a moment, then they are cut."""
        asyncio.get_running_loop().call_later(_GRACE, self._cut)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; being told a second time, without waiting for anything."""
        self.force_exit = self.should_exit
        self.should_exit = True

    def _cut(self) -> None:
        """Close what is still open, and end the answers that are still being made."""
        logging.getLogger("uvicorn.error").addFilter(_is_failure)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()


def _is_failure(record: logging.LogRecord) -> bool:
    """Say whether a log record is about more than an answer that was cut on purpose."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _port(text: str) -> int:
    """Read a port number."""
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)
