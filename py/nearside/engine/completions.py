"""`client.chat.completions.create`, `generate` and `stream`: three ways to read one conversation's answer."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Literal, NamedTuple, Unpack, overload

from nearside.engine.conversation import Decided, Done, Event, FellBack, Piece, Thought, converse
from nearside.engine.core import Core, Options
from nearside.errors import InvalidOption
from nearside.models.loaded import LoadedModel
from nearside.ports.clock import Clock
from nearside.tasks import chat
from nearside.types import Citation, Decision, Generated


class Completions:
    """`client.chat.completions`: OpenAI's shape, answered by either side."""

    def __init__(self, core: Core, clock: Clock) -> None:
        self._core = core
        self._clock = clock

    @overload
    async def create(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        stream: Literal[False] = False,
        parameters: Mapping[str, Any] | None = None,
        **options: Unpack[Options],
    ) -> dict[str, Any]: ...

    @overload
    async def create(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        stream: Literal[True],
        parameters: Mapping[str, Any] | None = None,
        **options: Unpack[Options],
    ) -> AsyncGenerator[dict[str, Any], None]: ...

    async def create(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        stream: bool = False,
        parameters: Mapping[str, Any] | None = None,
        **options: Unpack[Options],
    ) -> dict[str, Any] | AsyncGenerator[dict[str, Any], None]:
        """A chat completion, or with `stream` an iterator of its chunks. `parameters` are OpenAI's
        (temperature, max_tokens, stop, seed, response_format, ...), and for a model of this device that
        writes also top_k, min_p, repetition_penalty, `thinking` (whether it may think before it answers: the
        thoughts come as `reasoning_content`) and `truncate` (False: a conversation that is longer than the
        model's window is refused; else its oldest turns are left out). What is Nearside's own stands under
        "nearside".

        Raises `InvalidInput`, `InvalidOption`, `NoRoute`, and what the side that answers raises."""
        if not isinstance(stream, bool):
            raise InvalidOption(f"stream is {stream!r:.40}.", hint="Give true or false.")
        conversation = chat.checked(messages, parameters)
        if stream:
            return self._chunks(conversation, options)
        answer = await collect(converse(self._core, conversation, options))
        return _completion(self._id(), int(self._clock.now()), answer)

    async def _chunks(
        self, conversation: chat.Conversation, options: Options
    ) -> AsyncGenerator[dict[str, Any], None]:
        id, created, model = self._id(), int(self._clock.now()), ""
        async with aclosing(converse(self._core, conversation, options)) as events:
            async for event in events:
                if isinstance(event, Decided | FellBack):
                    model = event.decision.model
                yield _chunk(id, created, model, event)

    def _id(self) -> str:
        return f"chatcmpl-{secrets.token_hex(12)}"


class Chat:
    """`client.chat`."""

    def __init__(self, core: Core, clock: Clock) -> None:
        self.completions = Completions(core, clock)
        self._core = core

    async def prepare(self) -> None:
        """Read the help now, so that the first question need not wait for it: once for a device, as its
        vectors are kept. Does nothing while the model is not open: nobody has asked for it."""
        core = self._core
        model = core.manager.find(core.default_model)
        if not isinstance(model, LoadedModel):
            return
        await core.documents.search(model, core.vectors, "help", top_k=1, collection="help")


class Whole(NamedTuple):
    """A whole answer, what was thought before it, and its end."""

    text: str
    thoughts: str
    done: Done


async def collect(events: AsyncGenerator[Event, None]) -> Whole:
    """The whole answer of the side that answered in the end."""
    pieces: list[str] = []
    thoughts: list[str] = []
    end: Done | None = None
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Piece):
                pieces.append(event.text)
            elif isinstance(event, Thought):
                thoughts.append(event.text)
            elif isinstance(event, FellBack):
                pieces.clear()
                thoughts.clear()
            elif isinstance(event, Done):
                end = event
    assert end is not None  # noqa: S101 (a conversation ends with Done or an error)
    return Whole("".join(pieces), "".join(thoughts), end)


async def generate(core: Core, prompt: str, parameters: Mapping[str, Any], options: Options) -> Generated:
    """See `Client.generate`."""
    conversation = chat.checked([{"role": "user", "content": prompt}], parameters)
    text, _, done = await collect(converse(core, conversation, options))
    return Generated(
        text, done.finish_reason, done.citations, done.found, done.usage, done.model, done.decision
    )


def _completion(id: str, created: int, answer: Whole) -> dict[str, Any]:
    """OpenAI's chat.completion."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text}
    if answer.thoughts:
        message["reasoning_content"] = answer.thoughts
    done = answer.done
    return {
        "id": id,
        "object": "chat.completion",
        "created": created,
        "model": done.model.id,
        "choices": [
            {
                "index": 0,
                "message": message,
                "finish_reason": done.finish_reason,
            }
        ],
        "usage": _usage(done),
        "nearside": _end(done),
    }


def _chunk(id: str, created: int, model: str, event: Event) -> dict[str, Any]:
    """OpenAI's chat.completion.chunk for one event."""
    delta: dict[str, Any] = {}
    chunk: dict[str, Any] = {"id": id, "object": "chat.completion.chunk", "created": created, "model": model}
    finish: str | None = None
    if isinstance(event, Piece):
        delta["content"] = event.text
    elif isinstance(event, Thought):
        delta["reasoning_content"] = event.text
    elif isinstance(event, Decided):
        delta["role"] = "assistant"
        chunk["nearside"] = {"event": "decision", "decision": event.decision}
    elif isinstance(event, FellBack):
        chunk["nearside"] = {
            "event": "fallback",
            "from": event.side,
            "to": event.decision.tier,
            "error": event.error.to_wire(),
            "decision": event.decision,
        }
    else:
        finish = event.finish_reason
        chunk["usage"] = _usage(event)
        chunk["nearside"] = {"event": "done", **_end(event)}
    chunk["choices"] = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return chunk


def _end(done: Done) -> dict[str, Any]:
    """What is Nearside's own at the end of an answer; dataclasses stay as they are."""
    decision: Decision = done.decision
    citations: tuple[Citation, ...] = done.citations
    return {
        "decision": decision,
        "citations": citations,
        "found": done.found,
        "model": done.model,
        "dropped": done.dropped,
    }


def _usage(done: Done) -> dict[str, Any]:
    usage = done.usage
    return {
        "prompt_tokens": usage.tokens,
        "completion_tokens": usage.written,
        "total_tokens": usage.tokens + usage.written,
        "prompt_tokens_details": {"cached_tokens": done.reused},
    }
