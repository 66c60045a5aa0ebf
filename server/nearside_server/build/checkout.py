"""Where a build's sources and caches lie."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nearside_server.build.errors import NoCheckout


@dataclass(frozen=True)
class Checkout:
    """A source checkout of Nearside: `root` holds pyproject.toml."""

    root: Path

    @property
    def web(self) -> Path:
        """The JavaScript sources, with package.json and node_modules."""
        return self.root / "web"

    @property
    def static(self) -> Path:
        """What is served as it lies."""
        return self.root / "static"

    @property
    def engine(self) -> Path:
        """The Python package that runs in the tab."""
        return self.root / "py" / "nearside"

    @property
    def site(self) -> Path:
        """Where the site is written unless told otherwise: inside the server's package."""
        return self.root / "server" / "nearside_server" / "_site"

    @cached_property
    def project(self) -> dict[str, Any]:
        """The table [project] of pyproject.toml."""
        table: dict[str, Any] = tomllib.loads((self.root / "pyproject.toml").read_text("utf-8"))["project"]
        return table

    @property
    def version(self) -> str:
        """The version of everything that is built here."""
        return str(self.project["version"])

    @property
    def cache(self) -> Path:
        """The folder for downloads and other results worth keeping: $NEARSIDE_CACHE or .cache/nearside."""
        told = os.environ.get("NEARSIDE_CACHE")
        return Path(told).expanduser().resolve() if told else self.root / ".cache" / "nearside"


def find_checkout(start: Path | None = None) -> Checkout:
    """Return the checkout that this package is run from (or the one at or above `start`).

    Raises NoCheckout when there is none, as in an installed wheel.
    """
    start = start or Path(__file__).resolve()
    for folder in (start, *start.parents):
        if (folder / "web" / "build.mjs").is_file() and (folder / "pyproject.toml").is_file():
            return Checkout(folder)
    raise NoCheckout(f"No source checkout of Nearside at or above {start}.")
