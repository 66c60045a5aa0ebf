"""What the page's calls look like to the engine and the answers to the page: camelCase names, UTF-16 offsets.

Numpy arrays stay numpy arrays in an answer (the platform moves them); all else is what JSON knows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nearside.engine.client import Client
from nearside.errors import InvalidInput, InvalidOption, UnknownMethod
from nearside.models.catalog import ModelEntry
from nearside.types import ModelUsed, Progress, SearchHit, Usage
from nearside.wire.utf16 import utf16_offsets

OnProgress = Callable[[dict[str, Any]], None]
"""Gets {"done", "total"} in texts from tasks and {"phase", "loaded", "total"} in bytes from
`models.preload`."""


async def dispatch(
    client: Client, method: str, params: Mapping[str, Any], on_progress: OnProgress | None = None
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
    call, required, optional = entry
    given = {name: value for name, value in params.items() if value is not None or name in required}
    for name in given:
        if name not in required and name not in optional:
            known = ", ".join((*required, *optional)) or "none"
            raise InvalidOption(f"{method} has no option {name!r}.", hint=f"It knows: {known}.")
    for name in required:
        if name not in given:
            raise InvalidInput(f"{method} needs {name!r}.")
    return await call(client, given, on_progress)


def _count(on_progress: OnProgress | None) -> Callable[[int, int], None] | None:
    if on_progress is None:
        return None
    return lambda done, total: on_progress({"done": done, "total": total})


def _used(model: ModelUsed) -> dict[str, Any]:
    return {
        "id": model.id,
        "revision": model.revision,
        "dtype": model.dtype,
        "backend": model.backend,
        "sha256": model.sha256,
    }


def _usage(usage: Usage) -> dict[str, Any]:
    return {"tokens": usage.tokens, "texts": usage.texts, "cached": usage.cached}


def _model_option(given: Mapping[str, Any]) -> str | None:
    model = given.get("model")
    if model is not None and not isinstance(model, str):
        raise InvalidOption("model must be a model id such as org/name.")
    return model


async def _embed(client: Client, given: Mapping[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
    answer = await client.embed(given["texts"], model=_model_option(given), on_progress=_count(on_progress))
    return {
        "embeddings": list(answer.embeddings),
        "usage": _usage(answer.usage),
        "model": _used(answer.model),
    }


async def _similarity(
    client: Client, given: Mapping[str, Any], on_progress: OnProgress | None
) -> dict[str, Any]:
    answer = await client.similarity(
        given["a"], given["b"], model=_model_option(given), on_progress=_count(on_progress)
    )
    return {"score": answer.score, "usage": _usage(answer.usage), "model": _used(answer.model)}


async def _search(client: Client, given: Mapping[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
    docs = given["docs"]
    answer = await client.search(
        given["query"],
        docs,
        top_k=given.get("topK", 10),
        passages=given.get("passages", False),
        model=_model_option(given),
        on_progress=_count(on_progress),
    )
    return {
        "results": [_hit(hit, docs) for hit in answer.results],
        "usage": _usage(answer.usage),
        "model": _used(answer.model),
    }


def _hit(hit: SearchHit, docs: Sequence[str]) -> dict[str, Any]:
    start, end = utf16_offsets(docs[hit.index], (hit.start, hit.end))
    marks = utf16_offsets(hit.text, [place for span in hit.highlights for place in (span.start, span.end)])
    return {
        "index": hit.index,
        "score": hit.score,
        "text": hit.text,
        "start": start,
        "end": end,
        "highlights": [{"start": a, "end": b} for a, b in zip(marks[::2], marks[1::2], strict=True)],
    }


async def _device(client: Client, given: Mapping[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
    return await client.device()


def _entry(entry: ModelEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "revision": entry.revision,
        "task": entry.task,
        "bytes": entry.bytes,
        "stored": entry.stored,
        "loaded": entry.loaded,
        "dtype": entry.dtype,
        "backend": entry.backend,
        "license": entry.license,
        "languages": list(entry.languages),
        "source": entry.source,
        "starter": entry.starter,
        "lastUsed": None if entry.last_used is None else round(entry.last_used * 1000),
    }


async def _list(client: Client, given: Mapping[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
    return {"models": [_entry(entry) for entry in await client.models.list()]}


async def _preload(
    client: Client, given: Mapping[str, Any], on_progress: OnProgress | None
) -> dict[str, Any]:
    def tell(progress: Progress) -> None:
        if on_progress is not None:
            on_progress({"phase": progress.phase, "loaded": progress.loaded, "total": progress.total})

    return {"model": _entry(await client.models.preload(given["id"], tell))}


async def _unload(client: Client, given: Mapping[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
    return {"unloaded": await client.models.unload(given["id"])}


async def _delete(client: Client, given: Mapping[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
    return {"deleted": await client.models.delete(given["id"])}


async def _storage(
    client: Client, given: Mapping[str, Any], on_progress: OnProgress | None
) -> dict[str, Any]:
    report = await client.models.storage()
    return {
        "persistent": report.persistent,
        "used": report.used,
        "quota": report.quota,
        "persisted": report.persisted,
        "note": report.note,
    }


_Call = Callable[[Client, Mapping[str, Any], OnProgress | None], Awaitable[dict[str, Any]]]

_METHODS: dict[str, tuple[_Call, tuple[str, ...], tuple[str, ...]]] = {
    # method: (function, required parameters, options)
    "embed": (_embed, ("texts",), ("model",)),
    "similarity": (_similarity, ("a", "b"), ("model",)),
    "search": (_search, ("query", "docs"), ("topK", "passages", "model")),
    "device": (_device, (), ()),
    "models.list": (_list, (), ()),
    "models.preload": (_preload, ("id",), ()),
    "models.unload": (_unload, ("id",), ()),
    "models.delete": (_delete, ("id",), ()),
    "models.storage": (_storage, (), ()),
}

METHODS: tuple[str, ...] = tuple(_METHODS)
"""The methods that `dispatch` knows."""
