"""The page's calls of what is kept on the device: classifiers and documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nearside.engine.client import Client
from nearside.errors import InvalidInput
from nearside.wire import shapes
from nearside.wire.call import Call, Method, task


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


METHODS: Mapping[str, Method] = {
    "teach": task(_teach, ("examples",), ("name",)),
    "classifiers.classify": task(_classifiers_classify, ("id", "texts")),
    "documents.add": task(_documents_add, ("name", "text"), ("id", "kind")),
    "documents.search": task(_documents_search, ("query",), ("topK",)),
    "classifiers.list": Method(_classifiers_list),
    "classifiers.get": Method(_classifiers_get, ("id",)),
    "classifiers.export": Method(_classifiers_export, ("id",)),
    "classifiers.import": Method(_classifiers_import, ("file",)),
    "classifiers.delete": Method(_classifiers_delete, ("id",)),
    "documents.list": Method(_documents_list),
    "documents.get": Method(_documents_get, ("id",)),
    "documents.delete": Method(_documents_delete, ("id",)),
}
