"""What a call of the page is to the functions that answer it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nearside.engine.client import Client
from nearside.engine.core import Options
from nearside.types import OnText

OnProgress = Callable[[dict[str, Any]], None]
"""Gets {"done", "total"} in texts (seconds of sound from `transcribe`) from tasks and {"phase", "loaded",
"total"} in bytes from `models.preload`."""

OnChunk = Callable[[dict[str, Any]], None]
"""Gets each chunk of a streamed answer, or {"text"} with each new piece of a text that is being written; none
may be lost."""

OPTIONS = ("model", "mode", "prefer", "consent", "timeout", "background")
"""What every task takes; see engine.pipeline.Wish."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its parameters, and where progress and chunks go."""

    given: Mapping[str, Any]
    on_progress: OnProgress | None = None
    on_chunk: OnChunk | None = None
    options: Options = field(default_factory=lambda: Options())

    def count(self) -> Callable[[int, int], None] | None:
        """Progress in texts, as tasks tell it."""
        tell = self.on_progress
        return None if tell is None else lambda done, total: tell({"done": done, "total": total})

    def text(self) -> OnText | None:
        """Where the pieces of a text go while it is written."""
        tell = self.on_chunk
        return None if tell is None else lambda piece: tell({"text": piece})

    def some(self, **names: str) -> dict[str, Any]:
        """Those of the optional parameters that were given, by the engine's name for each."""
        return {ours: self.given[theirs] for ours, theirs in names.items() if theirs in self.given}

    def __getitem__(self, name: str) -> Any:
        return self.given[name]

    def get(self, name: str, otherwise: Any = None) -> Any:
        """A parameter that need not be there."""
        return self.given.get(name, otherwise)


@dataclass(frozen=True, slots=True)
class Method:
    """How to answer a method; its required parameters and its own options; whether it is a task, which takes
    those of every task too."""

    call: Callable[[Client, Call], Awaitable[dict[str, Any]]]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    task: bool = False


def task(
    call: Callable[[Client, Call], Awaitable[dict[str, Any]]],
    required: tuple[str, ...],
    optional: tuple[str, ...] = (),
) -> Method:
    """A method that is a task."""
    return Method(call, required, optional, task=True)
