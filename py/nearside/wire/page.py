"""What the page's calls look like to the engine: camelCase names, options among the parameters. The methods
are in the `methods_` modules, the answers in `shapes`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nearside.engine.client import Client
from nearside.errors import InvalidInput, InvalidOption, UnknownMethod
from nearside.wire import methods_chat, methods_engine, methods_kept, methods_models, methods_text, speech
from nearside.wire.call import OPTIONS, Call, Method, OnChunk, OnProgress

_METHODS: dict[str, Method] = {
    **methods_text.METHODS,
    **methods_models.METHODS,
    **speech.METHODS,
    **methods_kept.METHODS,
    **methods_chat.METHODS,
    **methods_engine.METHODS,
}

METHODS: tuple[str, ...] = tuple(_METHODS)
"""The methods that `dispatch` knows."""


async def dispatch(
    client: Client,
    method: str,
    params: Mapping[str, Any],
    on_progress: OnProgress | None = None,
    on_chunk: OnChunk | None = None,
) -> dict[str, Any]:
    """Answer one call of the page API: `method` as the page names it ("search", "models.list"), `params` its
    arguments by name with the options among them. An option that is None counts as not given.

    Raises `UnknownMethod`, `InvalidOption` for a parameter that the method does not have, `InvalidInput` for
    one that is missing, and what the method itself raises."""
    entry = _METHODS.get(method)
    if entry is None:
        raise UnknownMethod(
            f"The engine has no method {method!r}.", hint="Known: " + ", ".join(_METHODS) + "."
        )
    optional = (*entry.optional, *OPTIONS) if entry.task else entry.optional
    given = {name: value for name, value in params.items() if value is not None or name in entry.required}
    for name in given:
        if name not in entry.required and name not in optional:
            known = ", ".join((*entry.required, *optional)) or "none"
            raise InvalidOption(f"{method} has no option {name!r}.", hint=f"It knows: {known}.")
    for name in entry.required:
        if name not in given:
            raise InvalidInput(f"{method} needs {name!r}.")
    options: Any = {name: given.pop(name) for name in OPTIONS if entry.task and name in given}
    return await entry.call(client, Call(given, on_progress, on_chunk, options))
