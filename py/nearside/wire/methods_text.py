"""The page's calls of the tasks that the starter model does; models of their own do some of them better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nearside.engine.client import Client
from nearside.wire import shapes
from nearside.wire.call import Call, Method, task


async def _embed(client: Client, call: Call) -> dict[str, Any]:
    options: Any = {**call.some(kind="kind", dimensions="dimensions"), **call.options}
    result = await client.embed(call["texts"], on_progress=call.count(), **options)
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
        on_text=call.text(),
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


METHODS: Mapping[str, Method] = {
    "embed": task(_embed, ("texts",), ("kind", "dimensions")),
    "similarity": task(_similarity, ("a", "b")),
    "search": task(_search, ("query", "docs"), ("topK", "passages")),
    "rerank": task(_rerank, ("query", "docs"), ("topK",)),
    "zeroShot": task(_zero_shot, ("texts", "labels"), ("multiLabel", "hypothesis")),
    "summarize": task(_summarize, ("text",), ("style", "maxTokens")),
    "answer": task(_answer, ("question", "context"), ("topK",)),
    "detectLanguage": task(_detect_language, ("text",)),
}
