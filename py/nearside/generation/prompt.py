"""A conversation as the tokens of a prompt that fits into the model's window."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import UnsupportedModel
from nearside.generation.template import ChatTemplate, template_of
from nearside.generation.thinking import OPEN, without_thoughts
from nearside.models.loaded import OpenModel

ANSWER_TOKENS = 256
"""So much of the window is left for an answer of no given length, if that is no more than a quarter of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """`ids` int64 [n]; `thinking`: the answer begins in the middle of a thought; `dropped`: how many messages
    were left out, the oldest ones, because the conversation is longer than the window."""

    ids: NDArray[np.int64]
    thinking: bool = False
    dropped: int = 0


def build(
    model: OpenModel,
    messages: Sequence[Mapping[str, Any]],
    *,
    limit: int | None = None,
    thinking: bool | None = None,
    truncate: bool = True,
) -> Prompt:
    """The prompt for the answer to `messages`, which may have `limit` tokens. With `truncate` the oldest
    turns are left out where the window is too small for all; the system's message and the last one of the
    user stay.

    Raises `UnsupportedModel` when the conversation does not fit, or has several messages and the model no
    chat template; `InvalidInput` when the template refuses it."""
    template = template_of(model)
    clean = _clean(messages)
    window = model.max_tokens
    if template is None:
        if len(clean) > 1:
            raise UnsupportedModel(
                f"{model.info.id} has no chat template: it goes on with a text and holds no conversation.",
                hint="Give one message of the user, or choose a model that was trained for chat.",
            )
        ids = model.tokenizer.encode([str(clean[0]["content"])])[0]
        _must_fit(model, ids.size)
        return Prompt(ids)
    reserve = min(ANSWER_TOKENS, window // 4) if limit is None else min(limit, window // 2)
    heads, cuts = _cuts(clean)
    made: dict[int, tuple[str, NDArray[np.int64]]] = {}

    def size(cut: int) -> int:
        if cut not in made:
            made[cut] = _encoded(model, template, [*clean[:heads], *clean[cut:]], thinking)
        return int(made[cut][1].size)

    cut = heads
    if truncate and size(heads) > window - reserve:
        # The later the cut, the shorter the prompt.
        place = bisect_left(cuts, True, key=lambda one: size(one) <= window - reserve)
        cut = cuts[min(place, len(cuts) - 1)]
    _must_fit(model, size(cut))
    text, ids = made[cut]
    return Prompt(ids, text.rstrip().endswith(OPEN), cut - heads)


def instructed(messages: Sequence[Mapping[str, Any]], text: str) -> list[Mapping[str, Any]]:
    """The messages with one more of the system, after those that come first."""
    heads = _heads(messages)
    return [*messages[:heads], {"role": "system", "content": text}, *messages[heads:]]


def _encoded(
    model: OpenModel, template: ChatTemplate, messages: Sequence[Mapping[str, Any]], thinking: bool | None
) -> tuple[str, NDArray[np.int64]]:
    text = template.render(messages, thinking=thinking)
    return text, model.tokenizer.encode([text], special=False)[0]


def _must_fit(model: OpenModel, tokens: int) -> None:
    """The prompt and one token of an answer must fit into the window."""
    if tokens >= model.max_tokens:
        raise UnsupportedModel(
            f"The conversation has {tokens:,} tokens; {model.info.id} reads {model.max_tokens:,}, its answer "
            "included.",
            hint="Shorten the last message, or choose a model with a larger window.",
        )


def _cuts(messages: Sequence[Mapping[str, Any]]) -> tuple[int, list[int]]:
    """How many messages of the system come first, and where the rest may begin: at each message of the
    user."""
    heads = _heads(messages)
    cuts = [i for i, message in enumerate(messages) if message["role"] == "user" and i > heads]
    return heads, [heads, *cuts]


def _heads(messages: Sequence[Mapping[str, Any]]) -> int:
    roles = ("system", "developer")
    return next((i for i, message in enumerate(messages) if message["role"] not in roles), 0)


def _clean(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages as templates know them: the first ones of the system in one, none of a "developer", and
    earlier answers without their thoughts."""
    clean: list[dict[str, Any]] = []
    for message in messages:
        role = "system" if message["role"] == "developer" else message["role"]
        content = str(message["content"])
        if role == "assistant":
            content = without_thoughts(content)
        if role == "system" and len(clean) == 1 and clean[0]["role"] == "system":
            clean[0]["content"] += f"\n\n{content}"
        else:
            clean.append({"role": role, "content": content})
    return clean
