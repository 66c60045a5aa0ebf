"""Server-sent events, as streamed answers use them: only their `data`.
(https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6)"""

from __future__ import annotations

from collections.abc import Iterator

from nearside.errors import CloudFailed

MAX_EVENT = 8_000_000
"""Characters of one event; longer ones are no answer."""


class Events:
    """Takes bytes however they were cut, gives the `data` of each event that is complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[str]:
        """The events that end in this piece. Raises `CloudFailed` for an event that has no end."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            text = line.removesuffix(b"\r").decode("utf-8", "replace")
            if text.startswith("data:"):
                value = text[5:].removeprefix(" ")
                self._size += len(value)
                self._data.append(value)
            elif not text and self._data:
                yield "\n".join(self._data)
                self._data, self._size = [], 0
        if self._size + len(self._rest) > MAX_EVENT:
            raise CloudFailed("The cloud sent an event that does not end.")
