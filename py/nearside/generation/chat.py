"""A language model that answers a conversation, token by token."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidOption, KeptLost, ModelCrashed, UnsupportedModel
from nearside.generation import prompt as prompts
from nearside.generation import resting
from nearside.generation.constraint import Guide, describe, guide, wanted_format
from nearside.generation.loop import Chooser, tokens
from nearside.generation.sampling import Sampler, Sampling
from nearside.generation.stopping import StopTexts, checked_stops, end_tokens
from nearside.generation.stream import TextStream
from nearside.generation.thinking import Part, Thoughts
from nearside.generation.vocabulary import vocabulary_of
from nearside.models.loaded import OpenModel

MOST_TOKENS = 1_000_000


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ended: `finish_reason` "stop" (the model ended it, or a stop text came) or "length"; the
    tokens of the prompt, how many were `reused` (known from the turn before), and those `written`, the end
    included; `dropped`: see `prompt.Prompt`."""

    finish_reason: str
    read: int
    written: int
    reused: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The checked parameters of a request."""

    sampling: Sampling
    stops: tuple[str, ...]
    limit: int | None
    thinking: bool | None
    truncate: bool
    format: str | None = None


def wanted(model: OpenModel, parameters: Mapping[str, Any]) -> Wanted:
    """The parameters as this model takes them. Raises `InvalidOption` for an impossible value."""
    defaults = model.json("generation_config.json")
    limits = [_limit(name, parameters.get(name)) for name in ("max_tokens", "max_completion_tokens")]
    given = [limit for limit in limits if limit is not None]
    default = defaults.get("max_new_tokens")
    format = wanted_format(parameters.get("response_format"))
    thinking = _switch("thinking", parameters.get("thinking"))
    if format is not None and thinking:
        raise InvalidOption("An answer in a response_format begins at once, without thinking.")
    return Wanted(
        sampling=Sampling.wished(parameters, defaults),
        stops=checked_stops(parameters.get("stop")),
        limit=min(given) if given else (default if isinstance(default, int) and default > 0 else None),
        thinking=thinking if format is None else False,
        truncate=_switch("truncate", parameters.get("truncate")) is not False,
        format=format,
    )


def _limit(name: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MOST_TOKENS:
        raise InvalidOption(
            f"{name} is {value!r:.40}.", hint=f"Give a whole number from 1 to {MOST_TOKENS:,}."
        )
    return value


def _switch(name: str, value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise InvalidOption(f"{name} is {value!r:.40}.", hint="Give true or false.")
    return value


async def write(
    model: OpenModel, messages: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]
) -> AsyncGenerator[Part | Ending, None]:
    """The answer to `messages` (roles and texts) as it is written: its parts, then its `Ending`. Leaving
    early stops the model within one token. Answers at the same time do not disturb each other.

    Raises `InvalidOption`, `InvalidInput`, `UnsupportedModel` (see `prompt.build`), `ModelCrashed`, and what
    `Lane.run` raises."""
    if model.kind != "generate" or not any(name.startswith("past_key_values.") for name in model.info.inputs):
        raise model.refuse("writing")
    wish = wanted(model, parameters)
    if wish.format is not None:
        messages = prompts.instructed(messages, describe(wish.format))
    prompt = prompts.build(model, messages, limit=wish.limit, thinking=wish.thinking, truncate=wish.truncate)
    room = model.max_tokens - prompt.ids.size
    limit = room if wish.limit is None else min(room, wish.limit)
    ends = end_tokens(model)
    held = None if wish.format is None else await _held(model, wish.format, prompt.thinking, ends)
    answer = _Answer(model, wish, prompt.thinking, ends, held)
    sampler = Sampler(wish.sampling, prompt.ids, None if held is None else held.allowed)
    reused = 0
    async with aclosing(_steps(model, prompt.ids, sampler, ends, limit)) as made:
        async for token, known in made:
            reused = known
            for part in answer.add(token):
                yield part
            if answer.over:
                break
            if held is not None:
                await held.ready()
    for part in answer.rest():
        yield part
    reason = "stop" if answer.over else "length"
    yield Ending(reason, int(prompt.ids.size), answer.written, reused, prompt.dropped)


async def _held(model: OpenModel, format: str, thinking: bool, ends: frozenset[int]) -> Guide:
    """What keeps an answer to its format, ready for the first token."""
    if thinking:
        raise UnsupportedModel(f"{model.info.id} always thinks first: it cannot keep to a response_format.")
    made = guide(format, await vocabulary_of(model), ends)
    await made.ready()
    return made


class _Answer:
    """The text of an answer, made from its tokens."""

    def __init__(
        self, model: OpenModel, wish: Wanted, thinking: bool, ends: frozenset[int], held: Guide | None
    ) -> None:
        self.written = 0
        self.over = False
        self._text = TextStream(model.tokenizer)
        self._thoughts = Thoughts(inside=thinking)
        self._stops = StopTexts(wish.stops)
        self._ends = ends
        self._held = held

    def add(self, token: int) -> list[Part]:
        """What can be shown now; `over` says whether that was all."""
        self.written += 1
        if token in self._ends:
            self.over = True
            return []
        parts = self._cut(self._thoughts.add(self._text.add(token)))
        if self._held is not None:
            self._held.add(token)
        self.over = self._stops.stopped or (self._held is not None and self._held.finished)
        return parts

    def rest(self) -> list[Part]:
        """What waited for more, at the end."""
        if self._stops.stopped:
            return []
        parts = self._cut([*self._thoughts.add(self._text.end()), *self._thoughts.end()])
        waited = self._stops.end()
        self.over = self.over or self._stops.stopped
        return [*parts, Part(waited, thought=False)] if waited else parts

    def _cut(self, parts: list[Part]) -> list[Part]:
        """Stop texts end the answer, not the thoughts before it."""
        made = [part if part.thought else Part(self._stops.add(part.text), thought=False) for part in parts]
        return [part for part in made if part.text]


async def _steps(
    model: OpenModel, prompt: NDArray[np.int64], chooser: Chooser, ends: frozenset[int], limit: int
) -> AsyncGenerator[tuple[int, int], None]:
    """Each token that follows, with how many of the prompt's were known. The past rests afterwards, unless it
    was left in the middle of a step."""
    past = await resting.take(model, prompt)
    reused = int(past.ids.size)
    made: list[int] = []
    between = False  # two steps: what is kept is known
    crashed = False
    try:
        while True:
            try:
                following = tokens(
                    model, prompt, chooser, handle=past.handle, stop=ends, limit=limit, known=reused
                )
                async with aclosing(following) as stream:
                    async for token in stream:
                        made.append(token)
                        between = True
                        yield token, reused
                        between = False
            except (ModelCrashed, KeptLost):
                # The worker was started anew since the turn before, or dies of this prompt, which it may do
                # once: begin with the whole of it.
                if made or crashed:
                    raise
                crashed = not reused
                await model.lane.free(past.handle)
                past, reused = resting.fresh(), 0
            else:
                between = True
                return
    finally:
        if between:
            ids = np.concatenate([prompt, np.asarray(made[:-1], np.int64)])
            await resting.put(model, resting.Past(past.handle, ids))
        else:
            await model.lane.free(past.handle)
