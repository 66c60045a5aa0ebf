"""What a running server is told: where the site and the models lie, which hub and cloud pages may ask."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nearside_server.errors import BadHub, UsageError
from nearside_server.site import site_folder

if TYPE_CHECKING:
    from nearside_server.cloud.providers import Providers

DEFAULT_HUB = "https://huggingface.co"
MODELS_VARIABLE = "NEARSIDE_MODELS"

# The public hub answers for its own name and redirects large files to hosts under these.
_HUB_SOURCES = {DEFAULT_HUB: ("https://huggingface.co", "https://*.huggingface.co", "https://*.hf.co")}


@dataclass(frozen=True, slots=True)
class Config:
    """The server's configuration.

    `site` is the built site's folder, `models` are more folders in hub layout, `hub` is the address of the
    hub that pages may download models from, without a trailing slash, or None when they may not;
    `hub_files` are the other origins that it redirects to for large files.
    `providers` are what pages may ask in the cloud, None when there are none.
    """

    site: Path = field(default_factory=site_folder)
    models: tuple[Path, ...] = ()
    hub: str | None = DEFAULT_HUB
    hub_files: tuple[str, ...] = ()
    providers: Providers | None = None

    @property
    def hub_sources(self) -> tuple[str, ...]:
        """The hub's origins as Content-Security-Policy sources; empty when the hub is off."""
        if self.hub is None:
            return ()
        parts = urlsplit(self.hub)
        own = _HUB_SOURCES.get(self.hub, (f"{parts.scheme}://{parts.netloc}",))
        return (*own, *self.hub_files)


def parse_hubs(value: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the hub's address (see parse_hub), and the origins after it in a comma list.

    Raises BadHub.
    """
    hub, *others = value.split(",")
    files = [parse_hub(other) for other in others]
    address = parse_hub(hub)
    if any(origin is None or urlsplit(origin).path for origin in files) or (address is None and files):
        raise BadHub(f"--hub {value!r} is not a hub and the origins of its files.")
    return address, tuple(origin for origin in files if origin is not None)


def parse_hub(value: str) -> str | None:
    """Return the hub's address without a trailing slash, None for "off".

    Plain http is taken for a loopback address only. Raises BadHub for anything else.
    """
    if value.strip().lower() == "off":
        return None
    address = value.strip().rstrip("/")
    # The address goes into a response header: no character may end a directive or a header there.
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?(/[A-Za-z0-9._~\-]+)*", address):
        raise BadHub(f"--hub {value!r} is not the address of a hub.")
    parts = urlsplit(address)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise BadHub(f"--hub {value!r} is not encrypted.")
    return address


def model_folders(given: Sequence[str], environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the folders of --models, then those of NEARSIDE_MODELS.

    Raises UsageError when one is not a folder.
    """
    named = [*given, *filter(None, environment.get(MODELS_VARIABLE, "").split(os.pathsep))]
    folders = [Path(name).expanduser() for name in named]
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(
                f"The model folder {folder} is not there.",
                hint=f"--models and {MODELS_VARIABLE} name folders that hold org/name/onnx/*.onnx.",
            )
    return tuple(dict.fromkeys(folder.resolve() for folder in folders))


def read_providers(path: Path | None) -> Providers | None:
    """Return what the file of --config connects, None without a file. Raises BadConfig."""
    if path is None:
        return None
    # Only a server with a provider pays for what reading this takes.
    from nearside_server.cloud.providers import load

    return load(path, os.environ)
