"""What a decision is made from. All of it is kept in the record, so that a decision can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nearside.errors import InvalidInput
from nearside.ports.cloud import CloudModel
from nearside.types import Mode, Tier

MODES: tuple[Mode, ...] = ("local-only", "prefer-local", "balanced", "prefer-cloud", "cloud-only")
"""From the strictest to the one that sends most."""

CloudState = Literal["unknown", "none", "up", "down"]
"""What is known of the far side: nothing yet; no provider is connected; it answered; it did not."""

CHARACTERS_PER_TOKEN = 2.5
"""Few texts in ASCII have fewer: dividing by it gives a bound on the tokens that a far model reads."""


def weight(text: str) -> int:
    """A text's length for `Facts.characters`: a character beyond ASCII counts as a token of its own, which in
    Chinese or Japanese it is."""
    if text.isascii():
        return len(text)
    plain = len(text.encode("ascii", "ignore"))
    return plain + int((len(text) - plain) * CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Task:
    """What routing knows of a task: its `name`, and whether the far side can do it at all."""

    name: str
    far: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The inputs of one decision.

    `mode` is the one in force (see `effective_mode`); `local_document`: the page was served so that the
    browser itself refuses the cloud; `consented`: the visitor has agreed to the cloud, for good or for this
    call; `near_model` would answer here; `alias` is the far model that the call names, if any, and
    `near_named` whether it names one of this device; `prefer` the side that the call would rather have;
    `characters` of input, see `weight`; `writing`: the prompt asks for something to be written, and
    `writes`: the near model can; `lacks`: a sentence, when no model on this device does the task;
    `hard`: the reasons why the far side does this request better (see `routing.reasons`)."""

    task: Task
    mode: Mode
    near_model: str
    local_document: bool = False
    consented: bool = False
    cloud: CloudState = "none"
    models: tuple[CloudModel, ...] = ()
    alias: str | None = None
    near_named: bool = False
    prefer: Tier | None = None
    characters: int = 0
    writing: bool = False
    writes: bool = False
    lacks: str | None = None
    hard: tuple[str, ...] = ()

    @property
    def far_model(self) -> CloudModel | None:
        """The far model that would answer: the one that the call names, else the site's default."""
        if self.alias is None:
            return self.models[0] if self.models else None
        return next((model for model in self.models if model.alias == self.alias), None)

    @property
    def tokens(self) -> int:
        """A bound on the input's tokens."""
        return int(self.characters / CHARACTERS_PER_TOKEN) + 1

    @classmethod
    def from_record(cls, fields: Mapping[str, Any]) -> Facts:
        """From the plain values that a record keeps. Raises `InvalidInput` for anything else."""
        try:
            return cls(
                **{
                    **fields,
                    "task": Task(**fields["task"]),
                    "models": tuple(CloudModel(**model) for model in fields["models"]),
                    "hard": tuple(fields.get("hard", ())),
                }
            )
        except (KeyError, TypeError) as error:
            raise InvalidInput("These are not the facts of a record.") from error


def effective_mode(user: Mode | None, site: Mode | None, request: Mode | None) -> Mode:
    """The mode in force: the strictest of those that the visitor, the site and the request chose. A request
    may say what it likes only where neither of the others did."""
    bounds = [mode for mode in (user, site) if mode is not None]
    if not bounds:
        return request or "prefer-local"
    return min((*bounds, request or bounds[-1]), key=MODES.index)
