"""What the person who started a build sees: one line per step, with progress on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

LIVE_PAUSE, PLAIN_PAUSE = 0.1, 10.0  # seconds between two reports, on a terminal and elsewhere

Progress = Callable[[int, int | None], None]  # (done, total or None), in bytes or in items


def size(number: int) -> str:
    """Return a number of bytes for people: `512 B`, `13.5 kB`, `22.9 MB` (powers of ten)."""
    if number < 1_000:
        return f"{number} B"
    if number < 1_000_000:
        return f"{number / 1_000:.1f} kB"
    return f"{number / 1_000_000:.1f} MB"


class Console:
    """Prints a build's steps to `stream`: rewritten in place on a terminal, else plain lines."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._name = ""
        self._started = 0.0
        self._drawn = 0.0
        self._width = 0

    def step(self, name: str) -> None:
        """Begin the step `name`."""
        self._name = name
        self._started = time.monotonic()
        self._drawn = 0.0 if self._live else self._started
        if self._live:
            self._draw(f"  {name} ...")

    def progress(self, done: int, total: int | None) -> None:
        """Show how far the step is, not too often; `done` and `total` are bytes."""
        now = time.monotonic()
        if now - self._drawn < (LIVE_PAUSE if self._live else PLAIN_PAUSE):
            return
        self._drawn = now
        text = f"  {self._name}: {size(done)}" + (f" of {size(total)}" if total else "")
        if self._live:
            self._draw(text)
        else:
            self._line(text)

    def done(self, result: str) -> None:
        """End the step with `result`, a few words."""
        self._line(f"  {self._name}: {result} ({time.monotonic() - self._started:.1f} s)")

    def note(self, text: str) -> None:
        """Print a line that belongs to no step."""
        self._line(text)

    def _line(self, text: str) -> None:
        if self._live:
            self._draw(text)
        else:
            self._stream.write(text)
        self._stream.write("\n")
        self._stream.flush()
        self._width = 0

    def _draw(self, text: str) -> None:
        self._stream.write("\r" + text + " " * (self._width - len(text)))
        self._stream.flush()
        self._width = len(text)
