"""The help that comes with Nearside, as Markdown: read by people, and searched beside their own documents."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def texts() -> tuple[tuple[str, str, str], ...]:
    """(id, title, text) of each page, in order of their ids. The first line of a text is its title."""
    pages = []
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".md"):
            text = file.read_text("utf-8")
            pages.append((file.name.removesuffix(".md"), text.partition("\n")[0].lstrip("# "), text))
    return tuple(pages)
