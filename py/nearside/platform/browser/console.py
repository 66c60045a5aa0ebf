"""Python typed in the page, run in the engine's own interpreter with the client at hand."""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import linecache
import pprint
import traceback
from typing import Any

from pyodide.code import eval_code_async

from nearside.errors import InvalidInput, NearsideError

_MOST = 100_000
"""Characters of output, result or error that go to the page: more would only make it slow."""

_CUT = "\n... (the rest was left out)"


class Console:
    """Runs code as a notebook does: names stay from one run to the next, `await` works at the top level, and
    the last expression is the result, which is `_` afterwards. `nearside` is the client."""

    def __init__(self, client: Any) -> None:
        self._names: dict[str, Any] = {"__name__": "__console__", "nearside": client}
        self._numbers = itertools.count(1)
        self._turn = (
            asyncio.Lock()
        )  # standard output is one for all: two runs must not take it from each other

    async def run(self, code: str) -> dict[str, str | None]:
        """Run `code`; returns `output`, `result` (its repr, None for no value) and `error` (a short
        traceback, None when it ended well). Cancelling ends it at its next await.

        Raises `InvalidInput` for anything but text; whatever the code raises is in `error`."""
        if not isinstance(code, str):
            raise InvalidInput("code must be text.")
        async with self._turn:
            file = f"<console {next(self._numbers)}>"
            linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
            output = _Output()
            result = error = None
            try:
                with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                    value = await eval_code_async(code, self._names, filename=file)
                    if value is not None:
                        self._names["_"] = value
                        result = _bounded(pprint.pformat(value, width=88, sort_dicts=False))
            except asyncio.CancelledError as stopped:
                if _is_ours():
                    raise
                error = _told(stopped, file)
            except BaseException as raised:  # noqa: BLE001 - the code may raise anything, and sys.exit ends nothing here
                error = _told(raised, file)
            return {"output": output.text(), "result": result, "error": error}


class _Output(io.TextIOBase):
    """What is printed, up to a bound."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = _MOST
        self._cut = False

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if len(text) > self._left:
            self._cut = True
        if self._left:
            part = text[: self._left]
            self._parts.append(part)
            self._left -= len(part)
        return len(text)

    def text(self) -> str:
        return "".join(self._parts) + (_CUT if self._cut else "")


def _bounded(text: str) -> str:
    return text if len(text) <= _MOST else text[:_MOST] + _CUT


def _is_ours() -> bool:
    """Whether the page cancelled the run, and not the code something of its own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _told(error: BaseException, file: str) -> str:
    """The traceback without the engine's frames: what matters is where in the typed code it happened."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("<console ")
    ]
    lines = traceback.format_exception_only(error)
    if isinstance(error, NearsideError):
        lines = [f"{type(error).__name__} ({error.code}): {error}\n", f"{error.hint}\n" if error.hint else ""]
    if frames and not (isinstance(error, SyntaxError) and error.filename == file):
        lines = ["Traceback (most recent call last):\n", *traceback.format_list(frames), *lines]
    return _bounded("".join(lines).rstrip())
