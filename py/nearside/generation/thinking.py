"""What a model thinks before it answers: `<think>...</think>`, told apart from the answer while both come."""

from __future__ import annotations

from typing import Literal, NamedTuple

from nearside.generation.stopping import overlap

OPEN = "<think>"
CLOSE = "</think>"


class Part(NamedTuple):
    """A piece of a text: of the thoughts, or of the answer."""

    text: str
    thought: bool


class Thoughts:
    """Splits a text that comes in pieces. A text begins with its thoughts or has none; `inside`: it goes on
    after a `<think>` that the prompt ends with. Line breaks around both are left out."""

    def __init__(self, *, inside: bool = False) -> None:
        self._state: Literal["before", "inside", "after", "answer"] = "inside" if inside else "before"
        self._waiting = ""
        self._begun = False  # whether a thought has been shown

    @property
    def thinking(self) -> bool:
        """Whether the answer has not begun."""
        return self._state in ("before", "inside")

    def add(self, piece: str) -> list[Part]:
        """What can be shown now."""
        self._waiting += piece
        parts = []
        while (part := self._next()) is not None:
            if part.text:
                parts.append(part)
        return parts

    def end(self) -> list[Part]:
        """What waited; a thought may be left without its end."""
        thought = self._state == "inside"
        waited, self._waiting = self._waiting, ""
        if self._state != "answer":
            waited = waited.strip("\n") if thought else waited.lstrip("\n" if self._state == "after" else "")
        return [Part(waited, thought)] if waited else []

    def _next(self) -> Part | None:
        """The next part, None when more of the text is needed."""
        if self._state == "before":
            return self._before()
        if self._state == "inside":
            return self._inside()
        text = self._waiting
        if self._state == "after":
            text = text.lstrip("\n")
        if not text:
            return None
        self._state, self._waiting = "answer", ""
        return Part(text, thought=False)

    def _before(self) -> Part | None:
        text = self._waiting.lstrip()
        if text.startswith(OPEN):
            self._state, self._waiting = "inside", text[len(OPEN) :]
        elif not OPEN.startswith(text):
            self._state = "answer"
        else:
            return None
        return Part("", thought=False)

    def _inside(self) -> Part | None:
        text = self._waiting.lstrip("\n") if not self._begun else self._waiting
        end = text.find(CLOSE)
        if end >= 0:
            self._state, self._waiting = "after", text[end + len(CLOSE) :]
            return Part(text[:end].rstrip("\n"), thought=True)
        ready = text[: len(text) - overlap(text, CLOSE)].rstrip("\n")
        self._waiting = text[len(ready) :]
        if not ready:
            return None
        self._begun = True
        return Part(ready, thought=True)


def without_thoughts(text: str) -> str:
    """An earlier answer without the thoughts that it begins with."""
    parts = Thoughts()
    return "".join(part.text for part in [*parts.add(text), *parts.end()] if not part.thought)
