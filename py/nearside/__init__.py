"""Nearside in Python: the same engine in CPython and, on Pyodide, in a browser tab.

    async with nearside.connect() as client:
        found = await client.search("where do cats sleep", documents)

`connect` is CPython's; a page gets its client from `/nearside.js`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nearside.errors import NearsideError

if TYPE_CHECKING:
    from nearside.engine.client import Client as Client
    from nearside.platform.cpython import connect as connect

__version__ = (
    "0.1.0"  # the one place: the server and the build read it from here; a test compares pyproject.toml
)

__all__ = ["Client", "NearsideError", "connect"]


def __getattr__(name: str) -> Any:
    """Import what is heavy (or, in a browser, impossible: onnxruntime) only when it is asked for."""
    if name == "Client":
        from nearside.engine.client import Client

        return Client
    if name == "connect":
        from nearside.platform.cpython import connect

        return connect
    raise AttributeError(f"module 'nearside' has no attribute {name!r}")
