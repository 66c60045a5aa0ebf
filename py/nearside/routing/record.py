"""The record that every request leaves: what was decided and why, its cost, how it ended. Never its text."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nearside.errors import InvalidInput
from nearside.routing.facts import Facts
from nearside.routing.policy import decide
from nearside.types import Decision, ModelUsed, Usage


@dataclass(frozen=True, slots=True)
class Record:
    """One request. `time` in Unix seconds, `latency` in milliseconds; `outcome` is "ok" or the code of the
    error that it ended with; `decision` is None when no side was left. `engine` is Nearside's version."""

    id: str
    time: float
    task: str
    facts: Facts
    decision: Decision | None
    outcome: str
    latency: float
    usage: Usage | None
    model: ModelUsed | None
    engine: str

    def to_value(self) -> dict[str, Any]:
        """As plain values, for keeping and for export."""
        return dataclasses.asdict(self)


def replay(value: Mapping[str, Any]) -> Decision:
    """Decide again from a kept record's facts: with the same policy version the result is the same, but for
    the id, the cost and what happened after the decision.

    Raises `InvalidInput` when the record has no facts, `NoRoute` as the first time."""
    facts = value.get("facts")
    if not isinstance(facts, Mapping):
        raise InvalidInput("This record has no facts.")
    return decide(Facts.from_record(facts))
