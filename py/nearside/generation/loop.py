"""The decode loop: a prompt goes in at once, then one token at a time, each one crossing to the model worker,
where the past stays."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Collection, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nearside.models.graphs import DECODER, MODEL, WITH_PAST
from nearside.models.loaded import OpenModel
from nearside.ports.runtime import Best, Feeds, Keep, Want

_PAST = "past_key_values."
_PRESENT = "present."


class Chooser(Protocol):
    """Chooses the next token."""

    def want(self) -> Best:
        """What it must see of the logits."""
        ...

    def pick(self, values: NDArray[np.float32], ids: NDArray[np.int64]) -> int:
        """One of `ids`, whose logits are `values`, best first. Called once for every token."""
        ...


class Greedy:
    """Always the likeliest token."""

    def want(self) -> Best:
        """The best one."""
        return Best(1)

    def pick(self, values: NDArray[np.float32], ids: NDArray[np.int64]) -> int:
        """The first one."""
        return int(ids[0])


def new_handle() -> str:
    """A name for what one generation keeps in the model worker."""
    return secrets.token_hex(6)


def kept(handle: str) -> Keep:
    """What a decoder keeps from step to step."""
    return Keep(handle, _PRESENT, _PAST)


async def tokens(
    model: OpenModel,
    prompt: NDArray[np.int64],
    chooser: Chooser,
    *,
    handle: str,
    stop: Collection[int],
    limit: int,
    known: int = 0,
    feeds: Mapping[str, NDArray[Any]] | None = None,
) -> AsyncGenerator[int, None]:
    """Yield what follows `prompt` (int64 [n]), at most `limit` tokens. A token of `stop` ends it and is
    yielded, too. Of the prompt the first `known` tokens are in the past of `handle` already; `feeds` are
    further inputs of every step (an encoder's mask). The caller frees `handle`.

    The past then covers all tokens but the last one that was yielded. Raises what `Lane.run` raises."""
    ids, past = prompt[known:].astype(np.int64), known
    for number in range(limit):
        if number == 0 and not ids.size:
            return
        made = await step(model, ids, past, chooser.want(), handle=handle, feeds=feeds)
        past += ids.size
        token = chooser.pick(made["logits.values"], made["logits.ids"])
        yield token
        if token in stop:
            return
        ids = np.asarray([token], np.int64)


async def step(
    model: OpenModel,
    ids: NDArray[np.int64],
    past: int,
    want: Want,
    *,
    handle: str,
    feeds: Mapping[str, NDArray[Any]] | None = None,
) -> dict[str, NDArray[Any]]:
    """One call of the decoder for `ids` after `past` tokens: "logits.values" and "logits.ids", or what else
    is wanted of its logits."""
    graphs = model.info.graphs
    name = DECODER if DECODER in graphs else MODEL
    if past and WITH_PAST in graphs:
        name = WITH_PAST
    inputs = graphs[name].inputs if name in graphs else model.info.inputs
    given = _feeds(inputs, ids, past)
    if feeds:
        given.update({key: value for key, value in feeds.items() if key in inputs})
    return await model.lane.run(given, {"logits": want}, graph=name, keep=kept(handle))


def _feeds(inputs: Collection[str], ids: NDArray[np.int64], past: int) -> dict[str, NDArray[Any]]:
    """The inputs that every decoder takes, as far as this one has them."""
    size = ids.size
    made: dict[str, NDArray[Any]] = {"input_ids": ids.reshape(1, -1)}
    if "decoder_input_ids" in inputs:
        made = {"decoder_input_ids": ids.reshape(1, -1)}
    if "attention_mask" in inputs:
        made["attention_mask"] = np.ones((1, past + size), np.int64)
    if "position_ids" in inputs:
        made["position_ids"] = np.arange(past, past + size, dtype=np.int64).reshape(1, -1)
    if "use_cache_branch" in inputs:
        made["use_cache_branch"] = np.asarray([past > 0])
    if "num_logits_to_keep" in inputs:
        made["num_logits_to_keep"] = np.asarray(1, np.int64)
    return made


async def encode(model: OpenModel, feeds: Feeds, handle: str) -> None:
    """Run the encoder; its states stay in the model worker under `handle`, for the decoder's steps."""
    await model.lane.run(
        feeds, {}, graph="encoder", keep=Keep(handle, "last_hidden_state", "encoder_hidden_states")
    )
