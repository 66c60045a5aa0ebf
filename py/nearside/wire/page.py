"""What the page's calls look like to the engine: camelCase names, options among the parameters. The answers
are in `shapes`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from nearside.engine.client import Client
from nearside.engine.core import Options
from nearside.engine.settings import Settings
from nearside.errors import InvalidInput, InvalidOption, UnknownMethod
from nearside.routing.facts import MODES
from nearside.types import Citation, Progress
from nearside.wire import shapes

OnProgress = Callable[[dict[str, Any]], None]
"""Gets {"done", "total"} in texts from tasks and {"phase", "loaded", "total"} in bytes from
`models.preload`."""

OnChunk = Callable[[dict[str, Any]], None]
"""Gets each chunk of a streamed answer; none may be lost."""


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

    def __getitem__(self, name: str) -> Any:
        return self.given[name]

    def get(self, name: str, otherwise: Any = None) -> Any:
        """A parameter that need not be there."""
        return self.given.get(name, otherwise)


_OPTIONS = ("model", "mode", "prefer", "consent")  # of every task; see engine.pipeline.Wish


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
    task = method in _TASKS
    optional = (*entry.optional, *_OPTIONS) if task else entry.optional
    given = {name: value for name, value in params.items() if value is not None or name in entry.required}
    for name in given:
        if name not in entry.required and name not in optional:
            known = ", ".join((*entry.required, *optional)) or "none"
            raise InvalidOption(f"{method} has no option {name!r}.", hint=f"It knows: {known}.")
    for name in entry.required:
        if name not in given:
            raise InvalidInput(f"{method} needs {name!r}.")
    options: Any = {name: given.pop(name) for name in _OPTIONS if task and name in given}
    return await entry.call(client, Call(given, on_progress, on_chunk, options))


async def _embed(client: Client, call: Call) -> dict[str, Any]:
    result = await client.embed(call["texts"], on_progress=call.count(), **call.options)
    return {"embeddings": list(result.embeddings), **shapes.answered(result)}


async def _similarity(client: Client, call: Call) -> dict[str, Any]:
    result = await client.similarity(call["a"], call["b"], on_progress=call.count(), **call.options)
    return {"score": result.score, **shapes.answered(result)}


async def _search(client: Client, call: Call) -> dict[str, Any]:
    docs = call["docs"]
    result = await client.search(
        call["query"],
        docs,
        top_k=call.get("topK", 10),
        passages=call.get("passages", False),
        on_progress=call.count(),
        **call.options,
    )
    return {"results": [shapes.search_hit(hit, docs) for hit in result.results], **shapes.answered(result)}


async def _rerank(client: Client, call: Call) -> dict[str, Any]:
    result = await client.rerank(
        call["query"], call["docs"], top_k=call.get("topK"), on_progress=call.count(), **call.options
    )
    results = [{"index": one.index, "score": one.score, "text": one.text} for one in result.results]
    return {"results": results, **shapes.answered(result)}


async def _zero_shot(client: Client, call: Call) -> dict[str, Any]:
    result = await client.zero_shot(
        call["texts"],
        call["labels"],
        multi_label=call.get("multiLabel", False),
        hypothesis=call.get("hypothesis"),
        on_progress=call.count(),
        **call.options,
    )
    return shapes.classification(result, isinstance(call["texts"], str))


async def _summarize(client: Client, call: Call) -> dict[str, Any]:
    result = await client.summarize(
        call["text"],
        style=call.get("style", "brief"),
        max_tokens=call.get("maxTokens"),
        on_progress=call.count(),
        **call.options,
    )
    return shapes.summary(result, call["text"])


async def _answer(client: Client, call: Call) -> dict[str, Any]:
    result = await client.answer(
        call["question"],
        call["context"],
        top_k=call.get("topK", 3),
        on_progress=call.count(),
        **call.options,
    )
    return shapes.answer(result, call["context"])


async def _detect_language(client: Client, call: Call) -> dict[str, Any]:
    return shapes.language(await client.detect_language(call["text"], **call.options))


async def _teach(client: Client, call: Call) -> dict[str, Any]:
    given = call["examples"]
    if not isinstance(given, list):
        raise InvalidInput("examples is no list.", hint='Give [{"text": "...", "label": "..."}].')
    examples = []
    for i, one in enumerate(given):
        if not isinstance(one, Mapping) or set(one) != {"text", "label"}:
            raise InvalidInput(f"examples[{i}] is not an object with text and label.")
        examples.append((one["text"], one["label"]))
    taught = await client.teach(examples, name=call.get("name", ""), on_progress=call.count(), **call.options)
    return {
        "classifier": shapes.classifier(taught.info),
        "decision": shapes.decision(taught.decision),
    }


async def _classifiers_list(client: Client, call: Call) -> dict[str, Any]:
    return {"classifiers": [shapes.classifier(info) for info in await client.classifiers.list()]}


async def _classifiers_get(client: Client, call: Call) -> dict[str, Any]:
    return {"classifier": shapes.classifier((await client.classifiers.get(call["id"])).info)}


async def _classifiers_classify(client: Client, call: Call) -> dict[str, Any]:
    result = await client.classifiers.classify(
        call["id"], call["texts"], on_progress=call.count(), **call.options
    )
    return shapes.classification(result, isinstance(call["texts"], str))


async def _classifiers_export(client: Client, call: Call) -> dict[str, Any]:
    return {"file": await client.classifiers.export(call["id"])}


async def _classifiers_import(client: Client, call: Call) -> dict[str, Any]:
    return {"classifier": shapes.classifier((await client.classifiers.import_file(call["file"])).info)}


async def _classifiers_delete(client: Client, call: Call) -> dict[str, Any]:
    return {"deleted": await client.classifiers.delete(call["id"])}


async def _documents_add(client: Client, call: Call) -> dict[str, Any]:
    result = await client.documents.add(
        call["name"],
        call["text"],
        id=call.get("id"),
        kind=call.get("kind"),
        on_progress=call.count(),
        **call.options,
    )
    return {"document": shapes.document(result.document), **shapes.answered(result)}


async def _documents_list(client: Client, call: Call) -> dict[str, Any]:
    return {"documents": [shapes.document(info) for info in await client.documents.list()]}


async def _documents_get(client: Client, call: Call) -> dict[str, Any]:
    info, text = await client.documents.get(call["id"])
    return {"document": shapes.document(info), "text": text}


async def _documents_search(client: Client, call: Call) -> dict[str, Any]:
    result = await client.documents.search(
        call["query"], top_k=call.get("topK", 10), on_progress=call.count(), **call.options
    )
    texts = await client.documents.texts({hit.id for hit in result.results})
    hits = [shapes.document_hit(hit, texts[hit.id]) for hit in result.results if hit.id in texts]
    return {"results": hits, **shapes.answered(result)}


async def _documents_delete(client: Client, call: Call) -> dict[str, Any]:
    return {"deleted": await client.documents.delete(call["id"])}


async def _generate(client: Client, call: Call) -> dict[str, Any]:
    result = await client.generate(call["prompt"], parameters=call.get("parameters"), **call.options)
    return shapes.generated(result, await _cited(client, result.citations))


async def _chat(client: Client, call: Call) -> dict[str, Any]:
    tell = call.on_chunk
    messages, parameters = call["messages"], call.get("parameters")
    if tell is None or not call.get("stream", False):
        made = await client.chat.completions.create(messages, parameters=parameters, **call.options)
        return await _told(client, made)
    stream = await client.chat.completions.create(
        messages, stream=True, parameters=parameters, **call.options
    )
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            tell(await _told(client, chunk))
    return {}


async def _chat_prepare(client: Client, call: Call) -> dict[str, Any]:
    await client.chat.prepare()
    return {}


async def _told(client: Client, made: dict[str, Any]) -> dict[str, Any]:
    """A completion or a chunk with Nearside's own part in the page's shapes."""
    ours = made.get("nearside")
    if ours is None:
        return made
    ours = dict(ours)
    if "decision" in ours:
        ours["decision"] = shapes.decision(ours["decision"])
    if "citations" in ours:
        ours["citations"] = shapes.citations(ours["citations"], await _cited(client, ours["citations"]))
    if "model" in ours:
        ours["model"] = shapes.used(ours["model"])
    return {**made, "nearside": ours}


async def _cited(client: Client, citations: tuple[Citation, ...]) -> Mapping[str, str]:
    return await client.documents.texts({citation.id for citation in citations})


async def _route(client: Client, call: Call) -> dict[str, Any]:
    decision = await client.route(
        call["task"], prompt=call.get("prompt", ""), characters=call.get("characters", 0), **call.options
    )
    return shapes.decision(decision) or {}


async def _records_list(client: Client, call: Call) -> dict[str, Any]:
    return {"records": shapes.camel(await client.records.list(call.get("limit", 100)))}


async def _records_export(client: Client, call: Call) -> dict[str, Any]:
    return {"text": await client.records.export()}


async def _records_clear(client: Client, call: Call) -> dict[str, Any]:
    await client.records.clear()
    return {}


async def _settings_get(client: Client, call: Call) -> dict[str, Any]:
    return await _settings(client, await client.settings.get())


async def _settings_set(client: Client, call: Call) -> dict[str, Any]:
    changes = call["changes"]
    if not isinstance(changes, Mapping):
        raise InvalidInput("changes is no object.", hint='Give {"mode": "local-only"}.')
    return await _settings(client, await client.settings.change(changes))


async def _settings(client: Client, settings: Settings) -> dict[str, Any]:
    facts = await client.far_facts()
    return {
        "mode": settings.mode or "prefer-local",
        "chosen": settings.mode is not None,
        "modes": list(MODES),
        "cloud": settings.cloud or "ask",
        "hub": settings.hub,
        "provider": {
            "connected": bool(facts.models),
            "models": [model.alias for model in facts.models],
            "state": facts.cloud,
        },
        "localOnly": facts.local_document,
        "persistent": client.persistent,
    }


async def _device(client: Client, call: Call) -> dict[str, Any]:
    return await client.device()


async def _models_list(client: Client, call: Call) -> dict[str, Any]:
    return {"models": [shapes.model_entry(entry) for entry in await client.models.list()]}


async def _preload(client: Client, call: Call) -> dict[str, Any]:
    def tell(progress: Progress) -> None:
        if call.on_progress is not None:
            call.on_progress({"phase": progress.phase, "loaded": progress.loaded, "total": progress.total})

    return {"model": shapes.model_entry(await client.models.preload(call["id"], tell))}


async def _unload(client: Client, call: Call) -> dict[str, Any]:
    return {"unloaded": await client.models.unload(call["id"])}


async def _delete(client: Client, call: Call) -> dict[str, Any]:
    return {"deleted": await client.models.delete(call["id"])}


async def _storage(client: Client, call: Call) -> dict[str, Any]:
    report = await client.models.storage()
    return {
        "persistent": report.persistent,
        "used": report.used,
        "quota": report.quota,
        "persisted": report.persisted,
        "note": report.note,
    }


@dataclass(frozen=True, slots=True)
class _Method:
    """How to answer a method; its required parameters and its own options."""

    call: Callable[[Client, Call], Awaitable[dict[str, Any]]]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_TASKS: dict[str, _Method] = {
    "embed": _Method(_embed, ("texts",)),
    "similarity": _Method(_similarity, ("a", "b")),
    "search": _Method(_search, ("query", "docs"), ("topK", "passages")),
    "rerank": _Method(_rerank, ("query", "docs"), ("topK",)),
    "zeroShot": _Method(_zero_shot, ("texts", "labels"), ("multiLabel", "hypothesis")),
    "summarize": _Method(_summarize, ("text",), ("style", "maxTokens")),
    "answer": _Method(_answer, ("question", "context"), ("topK",)),
    "detectLanguage": _Method(_detect_language, ("text",)),
    "teach": _Method(_teach, ("examples",), ("name",)),
    "classifiers.classify": _Method(_classifiers_classify, ("id", "texts")),
    "documents.add": _Method(_documents_add, ("name", "text"), ("id", "kind")),
    "documents.search": _Method(_documents_search, ("query",), ("topK",)),
    "generate": _Method(_generate, ("prompt",), ("parameters",)),
    "chat": _Method(_chat, ("messages",), ("stream", "parameters")),
    "route": _Method(_route, ("task",), ("prompt", "characters")),
}

_METHODS: dict[str, _Method] = {
    **_TASKS,
    "classifiers.list": _Method(_classifiers_list),
    "classifiers.get": _Method(_classifiers_get, ("id",)),
    "classifiers.export": _Method(_classifiers_export, ("id",)),
    "classifiers.import": _Method(_classifiers_import, ("file",)),
    "classifiers.delete": _Method(_classifiers_delete, ("id",)),
    "documents.list": _Method(_documents_list),
    "documents.get": _Method(_documents_get, ("id",)),
    "documents.delete": _Method(_documents_delete, ("id",)),
    "chat.prepare": _Method(_chat_prepare),
    "records.list": _Method(_records_list, (), ("limit",)),
    "records.export": _Method(_records_export),
    "records.clear": _Method(_records_clear),
    "settings.get": _Method(_settings_get),
    "settings.set": _Method(_settings_set, ("changes",)),
    "device": _Method(_device),
    "models.list": _Method(_models_list),
    "models.preload": _Method(_preload, ("id",)),
    "models.unload": _Method(_unload, ("id",)),
    "models.delete": _Method(_delete, ("id",)),
    "models.storage": _Method(_storage),
}

METHODS: tuple[str, ...] = tuple(_METHODS)
"""The methods that `dispatch` knows."""
