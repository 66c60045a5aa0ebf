"""The page's calls that answer a prompt or a conversation, and the dry run."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from nearside.engine.client import Client
from nearside.types import Citation
from nearside.wire import shapes
from nearside.wire.call import Call, Method, task


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


METHODS: Mapping[str, Method] = {
    "generate": task(_generate, ("prompt",), ("parameters",)),
    "chat": task(_chat, ("messages",), ("stream", "parameters")),
    "route": task(_route, ("task",), ("prompt", "characters")),
    "chat.prepare": Method(_chat_prepare),
}
