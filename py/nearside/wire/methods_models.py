"""The page's calls of the tasks that need a model of their own. (Speech is in `speech`.)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nearside.engine.client import Client
from nearside.wire import shapes_models as shapes
from nearside.wire.call import Call, Method, task
from nearside.wire.shapes import classification


async def _classify(client: Client, call: Call) -> dict[str, Any]:
    result = await client.classify(
        call["texts"],
        top_k=call.get("topK"),
        threshold=call.get("threshold"),
        labels=call.get("labels"),
        on_progress=call.count(),
        **call.options,
    )
    return classification(result, isinstance(call["texts"], str))


async def _entities(client: Client, call: Call) -> dict[str, Any]:
    result = await client.extract_entities(
        call["texts"],
        aggregation=call.get("aggregation", "simple"),
        types=call.get("types"),
        on_progress=call.count(),
        **call.options,
    )
    return shapes.entities(result, call["texts"])


async def _extract(client: Client, call: Call) -> dict[str, Any]:
    result = await client.extract(call["text"], call["schema"], on_progress=call.count(), **call.options)
    return shapes.extraction(result, call["text"])


async def _translate(client: Client, call: Call) -> dict[str, Any]:
    result = await client.translate(
        call["text"],
        target=call["to"],
        source=call.get("from"),
        on_progress=call.count(),
        on_text=call.text(),
        **call.options,
    )
    return shapes.translation(result)


METHODS: Mapping[str, Method] = {
    "classify": task(_classify, ("texts",), ("topK", "threshold", "labels")),
    "extractEntities": task(_entities, ("texts",), ("aggregation", "types")),
    "extract": task(_extract, ("text", "schema")),
    "translate": task(_translate, ("text", "to"), ("from",)),
}
