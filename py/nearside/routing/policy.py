"""The decision: the hard rules remove sides, the mode and the task order what is left."""

from __future__ import annotations

from functools import lru_cache

from nearside.errors import ModelNeeded, NoRoute
from nearside.ports.cloud import CloudModel
from nearside.routing.explain import explain
from nearside.routing.facts import Facts
from nearside.routing.rules import RULES
from nearside.types import Candidate, Decision, Reason, Tier

VERSION = "2"
"""Rises with every change of a rule or an order, so that a record says by which rules it came about."""

_TIERS: tuple[Tier, ...] = ("near", "far")
_FINAL = ("mode", "capability", "model")  # what these rules say is the reason, whatever the order would be
_WRITTEN = 400  # tokens that an answer is taken to have when its cost is estimated beforehand


@lru_cache(maxsize=256)
def decide(facts: Facts) -> Decision:
    """Which side answers: the same facts always give the same decision. Its `candidates` are in the order in
    which they would be asked, removed ones last.

    Raises `NoRoute` when the rules leave none, `ModelNeeded` when a model on this device would be enough; the
    message has every reason."""
    reasons: list[Reason] = []
    left: list[Candidate] = []
    removed: list[Candidate] = []
    far = facts.far_model
    for tier in _TIERS:
        model = facts.near_model if tier == "near" else (far.alias if far else facts.alias)
        verdict = _first_objection(facts, tier)
        if verdict is None:
            left.append(Candidate(tier, model))
        else:
            reasons.append(verdict)
            removed.append(Candidate(tier, model, verdict.rule))
    if not left:
        kind = ModelNeeded if any(reason.rule == "model" for reason in reasons) else NoRoute
        raise kind(" ".join(reason.text for reason in reasons))
    order = _order(facts)
    left.sort(key=lambda candidate: candidate.tier != order[0])
    chosen = left[0]
    settled = next((reason for reason in reasons if reason.rule in _FINAL), None)
    if chosen.tier == order[0] and settled is None:
        settled = order[1]
        reasons.append(settled)
        if settled.text in facts.hard:
            reasons += [Reason("task", text) for text in facts.hard if text != settled.text]
    return Decision(
        id="",
        tier=chosen.tier,
        model=chosen.model or "",
        mode=facts.mode,
        reasons=tuple(reasons),
        explanation=explain(chosen, settled or reasons[-1]),
        candidates=(*left, *removed),
        saved=estimate(far, facts.tokens, _WRITTEN) if chosen.tier == "near" and facts.task.far else None,
        policy=VERSION,
    )


def _first_objection(facts: Facts, tier: Tier) -> Reason | None:
    for name, rule in RULES:
        text = rule(facts, tier)
        if text is not None:
            return Reason(name, text)
    return None


def _order(facts: Facts) -> tuple[Tier, Reason]:
    """The side to ask first where both may answer, and why."""
    if facts.prefer is not None:
        side = "this device" if facts.prefer == "near" else "the cloud"
        return facts.prefer, Reason("choice", f"The call asks for {side}.")
    if facts.alias is not None:
        return "far", Reason("choice", f"The call asks for {facts.alias}.")
    if facts.mode in ("prefer-cloud", "cloud-only"):
        return "far", Reason("mode", "The cloud comes first in this mode.")
    if facts.hard and facts.mode == "balanced":
        return "far", Reason("task", facts.hard[0])
    if facts.writing and not facts.writes:
        text = "This asks for something to be written; the model on this device finds, it does not write."
        return "far", Reason("task", text)
    if facts.mode == "balanced":
        return "near", Reason(
            "task", f"This device is good at {facts.task.name}; the cloud is there if it is not sure."
        )
    return "near", Reason("mode", "This device comes first, and it can do this.")


def estimate(model: CloudModel | None, read: int, written: int) -> int | None:
    """What so many tokens cost at a far model, in nano-dollars; None where a price is unknown."""
    if model is None or model.input_price is None or model.output_price is None:
        return None
    return read * model.input_price + written * model.output_price
