"""Chat as events: which side was chosen, the pieces of its answer, the change of sides, the end."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from nearside.engine.core import Core, Options, embedder
from nearside.engine.pipeline import About, Ticket
from nearside.errors import CloudFailed, NearsideError
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
class FellBack:
    """`side` met `error`; what follows is the other side's answer, from its beginning."""

    side: Tier
    error: NearsideError
    decision: Decision


@dataclass(frozen=True, slots=True)
class Done:
    """The end of the answer."""

    decision: Decision
    finish_reason: str
    citations: tuple[Citation, ...]
    found: bool
    usage: Usage
    model: ModelUsed


Event = Decided | Piece | FellBack | Done


async def converse(
    core: Core, conversation: chat.Conversation, options: Options
) -> AsyncGenerator[Event, None]:
    """The events of one answer: `Decided`, pieces (with at most one `FellBack` among them), `Done`. Leaving
    early stops the side that is answering.

    Raises what the last side raises, `NoRoute`, `InvalidOption`."""
    writing = asks_for_writing(conversation.question)
    about = About(core.default_model, conversation.characters, writing=writing)
    with await core.open(CHAT, options, about) as ticket:
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


async def _near(core: Core, conversation: chat.Conversation, ticket: Ticket) -> AsyncGenerator[Event, None]:
    told = ticket.near
    model = embedder(await core.model(told))
    sure = SURE.get(told.mode, 0.0)
    answer = await chat.near(core.documents, model, core.vectors, conversation, last=told.last, sure=sure)
    yield Piece(answer.text)
    decision = ticket.finish(answer.usage, answer.model, found=answer.found)
    yield Done(decision, "stop", answer.citations, answer.found, answer.usage, answer.model)


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
