"""Runs web/build.mjs, which bundles the page with esbuild and fills the documents in."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Final

from nearside_server.build.errors import BuildError, DiskFull, MissingInput, ToolFailed
from nearside_server.build.npm import program

_KINDS: Final[dict[str, type[BuildError]]] = {MissingInput.code: MissingInput, ToolFailed.code: ToolFailed}
_FULL: Final = ("ENOSPC", "EDQUOT", "EFBIG")  # Node's names for what DiskFull stands for


def bundle_page(web: Path, site: dict[str, Any], out: Path, *, scratch: Path) -> list[str]:
    """Bundle the page of `web` into the folder `out`; return the URLs that the service worker keeps.

    `site` is what build.mjs takes (see web/site.d.ts); `scratch` is a file for it, removed afterwards.
    Raises MissingInput when an entry is not there, ToolFailed for what esbuild finds wrong, DiskFull.
    """
    scratch.write_text(json.dumps(site), "utf-8")
    command = [program("node"), str(web / "build.mjs"), str(scratch), str(out), "--while-stdin"]
    # Our end of the pipe closes when this process dies in whatever way, and then build.mjs ends too.
    reading, writing = os.pipe()
    try:
        done = subprocess.run(  # noqa: S603 - our own script
            command, cwd=web, stdin=reading, capture_output=True, text=True, check=False
        )
    finally:
        os.close(reading)
        os.close(writing)
    scratch.unlink()
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        said = done.stderr.strip()[-2_000:]
        raise ToolFailed(f"web/build.mjs ended with status {done.returncode}:\n{said}") from None
    if error := answer.get("error"):
        if error["code"] in _FULL:
            raise DiskFull(f"No room left while bundling the page: {error['message']}.")
        kind = _KINDS.get(error["code"], ToolFailed)
        detail = f"\n{done.stderr.strip()[-2_000:]}" if kind is ToolFailed else ""
        raise kind(f"{error['message']}{detail}", hint=error["hint"])
    urls: list[str] = answer["precache"]
    return urls
