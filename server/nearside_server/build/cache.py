"""Results worth keeping between builds, as files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path
from typing import Final

UNUSED_DAYS: Final = 30


def put(path: Path, content: bytes) -> None:
    """Write `content` to `path` by way of a temporary file beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes, or two threads with files of the same content, may write the same path at once.
    part = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def prune(folder: Path) -> None:
    """Remove the files and folders right in `folder` that were not touched for UNUSED_DAYS days."""
    if not folder.is_dir():
        return
    limit = time.time() - UNUSED_DAYS * 86_400
    for path in folder.iterdir():
        if path.stat().st_mtime >= limit:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
