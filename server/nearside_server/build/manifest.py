"""build.json: what a site consists of. The server and the tests hold it against what is on disk."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nearside_server.build.compress import Entry
from nearside_server.site import MANIFEST


def write_manifest(site: Path, version: str, entries: Iterable[Entry], precached: set[str]) -> None:
    """Write build.json into the folder `site`."""
    files = [_fields(entry, entry.path in precached) for entry in entries]
    text = ",\n  ".join(json.dumps(file) for file in files)
    (site / MANIFEST).write_text(f'{{"version": {json.dumps(version)}, "files": [\n  {text}\n]}}\n', "utf-8")


def _fields(entry: Entry, precache: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {"path": entry.path, "bytes": entry.bytes, "sha256": entry.sha256}
    if entry.br is not None:
        fields["br"] = entry.br
    if entry.gz is not None:
        fields["gz"] = entry.gz
    return fields | {"precache": precache}
