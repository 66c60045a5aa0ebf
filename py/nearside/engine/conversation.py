"""Chat as events: which side was chosen, the pieces of its answer, the change of sides, the end."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

from nearside.engine.core import Core, Options, embedder
from nearside.engine.pipeline import About, Near, Ticket, Wish
from nearside.engine.scheduler import in_background
from nearside.errors import CloudFailed, DeadlineExceeded, NearsideError
from nearside.models.loaded import OpenModel
from nearside.models.manager import Replaced
from nearside.routing.facts import Task
from nearside.routing.prompts import asks_for_writing
from nearside.tasks import chat
from nearside.types import Citation, Decision, Mode, ModelUsed, Tier, Usage

CHAT = Task("chat", far=True)

SURE: dict[Mode, float] = {"local-only": 0.3, "prefer-local": 0.3, "balanced": 0.4, "prefer-cloud": 0.3}
"""The score that a near answer needs. With half of a public set's paragraphs as documents, 0.32 tells the
questions about them from those about the other half best (95 % of the first pass, 6 % of the second)."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The side that is asked first."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Piece:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """More of what the model thinks before it answers; no part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class FellBack:
    """`side` met `error`; what follows is the other side's answer, from its beginning."""

    side: Tier
    error: NearsideError
    decision: Decision


@dataclass(frozen=True, slots=True)
class Done:
    """The end of the answer. A model of this device that writes tells besides how many of the prompt's tokens
    were `reused` from the turn before, and how many of the oldest messages were `dropped`, as they did not
    fit into its window."""

    decision: Decision
    finish_reason: str
    citations: tuple[Citation, ...]
    found: bool
    usage: Usage
    model: ModelUsed
    reused: int = 0
    dropped: int = 0


Event = Decided | Piece | Thought | FellBack | Done


async def converse(
    core: Core, conversation: chat.Conversation, options: Options
) -> AsyncGenerator[Event, None]:
    """The events of one answer: `Decided`, pieces (with at most one `FellBack` among them), `Done`. Leaving
    early stops the side that is answering.

    Raises what the last side raises, `NoRoute`, `InvalidOption`, and `DeadlineExceeded` when all of it takes
    longer than the call's `timeout`."""
    wish = Wish(**options)
    loop = asyncio.get_running_loop()
    deadline = math.inf if wish.timeout is None else loop.time() + wish.timeout
    late = DeadlineExceeded(f"chat took longer than {wish.timeout or 0:g} seconds.")
    events = _events(core, conversation, wish, lambda: late if loop.time() >= deadline else None)
    async with aclosing(events):
        while True:
            mark = in_background.set(wish.background)  # while this side works, not while the caller does
            try:
                # The caller's own time between two events is not cut short, but it counts.
                if loop.time() >= deadline:
                    raise late
                async with asyncio.timeout_at(None if wish.timeout is None else deadline) as limit:
                    event = await anext(events)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                if not limit.expired():
                    raise
                raise late from error
            finally:
                in_background.reset(mark)
            yield event


async def about(core: Core, question: str, characters: int, named: str | None) -> About:
    """What is known of a chat request: its last message of the user, the `characters` of all (see
    `routing.facts.weight`), and the near model that the call has `named`, if any."""
    settings = await core.pipeline.settings.get()
    quotes = settings.models.get("embed", core.default_model)
    chosen, _ = await core.choice.near_model("chat", ("embed", "generate"), quotes, core.pipeline.settings)
    model = named or chosen or quotes
    open_model = core.manager.find(model)
    # Until it is open, a model that somebody chose for chat is taken to be one that writes.
    writes = model != quotes if open_model is None else open_model.kind == "generate"
    return About(model, characters, writing=asks_for_writing(question), writes=writes)


async def _events(
    core: Core, conversation: chat.Conversation, wish: Wish, late: Callable[[], NearsideError | None]
) -> AsyncGenerator[Event, None]:
    """`late`: the error of a request that is stopped now, if it is for its deadline."""
    told = await about(core, conversation.question, conversation.characters, wish.near_model)
    with await core.pipeline.open(CHAT, wish, told) as ticket, _stopped(ticket, late):
        yield Decided(ticket.decision)
        while True:
            try:
                side = _near if ticket.tier == "near" or not await ticket.may_leave() else _far
                async with aclosing(side(core, conversation, ticket)) as events:
                    async for event in events:
                        yield event
            except NearsideError as error:
                failed = ticket.tier
                if not ticket.fall_back(error):
                    raise
                yield FellBack(failed, error, ticket.decision)
            else:
                return


@contextmanager
def _stopped(ticket: Ticket, late: Callable[[], NearsideError | None]) -> Iterator[None]:
    """A request that is stopped for its deadline leaves a record that says so."""
    try:
        yield
    except (asyncio.CancelledError, GeneratorExit):
        if (over := late()) is not None:
            ticket.fail(over)
        raise


async def _near(core: Core, conversation: chat.Conversation, ticket: Ticket) -> AsyncGenerator[Event, None]:
    """The answer of this device; begun anew when the model's weights were replaced before its first word."""
    begun = False
    while True:
        try:
            async with aclosing(_here(core, conversation, ticket)) as events:
                async for event in events:
                    begun = True
                    yield event
        except Replaced:
            if begun:
                raise
            begun = True
        else:
            return


async def _here(core: Core, conversation: chat.Conversation, ticket: Ticket) -> AsyncGenerator[Event, None]:
    told = ticket.near
    opened = await core.model(told)
    if opened.kind == "generate":
        async with aclosing(_written(core, opened, conversation, ticket)) as events:
            async for event in events:
                yield event
        return
    model = embedder(opened)
    sure = SURE.get(told.mode, 0.0)
    answer = await chat.near(core.documents, model, core.vectors, conversation, last=told.last, sure=sure)
    yield Piece(answer.text)
    decision = ticket.finish(answer.usage, answer.model, found=answer.found)
    yield Done(decision, "stop", answer.citations, answer.found, answer.usage, answer.model)


async def _written(
    core: Core, model: OpenModel, conversation: chat.Conversation, ticket: Ticket
) -> AsyncGenerator[Event, None]:
    """The answer of a model on this device that writes; it is told what the documents say about it."""
    await core.extras.ready()
    from nearside.generation.chat import Ending, write
    from nearside.generation.prompt import instructed

    end, messages = None, conversation.messages
    sources = await _sources(core, conversation, ticket.near, model.max_tokens)
    while sources and model.tokenizer.count([chat.sources(sources)])[0] > model.max_tokens // 2:
        sources = sources[:-1]  # the conversation needs room, too
    if sources:
        messages = tuple(instructed(messages, chat.sources(sources)))
    async with aclosing(write(model, messages, conversation.parameters)) as parts:
        async for part in parts:
            if isinstance(part, Ending):
                end = part
            else:
                yield Thought(part.text) if part.thought else Piece(part.text)
    assert end is not None  # noqa: S101 (an answer ends with its Ending or an error)
    usage = Usage(end.read, 1, 0, end.written)
    decision = ticket.finish(usage, model.used)
    yield Done(decision, end.finish_reason, sources, True, usage, model.used, end.reused, end.dropped)


async def _sources(
    core: Core, conversation: chat.Conversation, told: Near, most: int
) -> tuple[Citation, ...]:
    """The passages of the visitor's documents that answer best, with `most` characters in all. A question is
    answered without them when they cannot be searched now."""
    if not await core.documents.list():
        return ()
    settings = await core.pipeline.settings.get()
    quotes = settings.models.get("embed", core.default_model)
    try:
        model = embedder(await core.model(dataclasses.replace(told, model=quotes)))
        found = await core.documents.search(
            model, core.vectors, conversation.question, chat.PASSAGES, collection="own"
        )
    except NearsideError:
        return ()
    sure = SURE.get(told.mode, 0.0)
    return chat.fitting([hit for hit in found.results if hit.score >= sure], most)


async def _far(core: Core, conversation: chat.Conversation, ticket: Ticket) -> AsyncGenerator[Event, None]:
    cloud = core.pipeline.far.cloud
    assert cloud is not None  # noqa: S101 (the rules saw to it)
    alias = ticket.decision.model
    finish, read, written = None, None, None
    async with aclosing(chat.far(cloud, alias, conversation)) as deltas:
        async for delta in deltas:
            if delta.text:
                yield Piece(delta.text)
            finish = delta.finish_reason or finish
            read = delta.input_tokens if delta.input_tokens is not None else read
            written = delta.output_tokens if delta.output_tokens is not None else written
    if finish is None:
        raise CloudFailed(f"{alias} stopped in the middle of its answer.")
    usage = Usage(read or 0, 1, 0, written or 0)
    model = ModelUsed(alias, "", "", "cloud", None)
    decision = ticket.finish(usage, model)
    yield Done(decision, finish, (), True, usage, model)
