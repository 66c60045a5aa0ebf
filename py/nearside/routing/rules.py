"""The hard rules, in order. Each looks at one candidate and can only remove it, saying why in a sentence."""

from __future__ import annotations

from collections.abc import Callable

from nearside.routing.facts import Facts
from nearside.types import Tier

Rule = Callable[[Facts, Tier], str | None]


def _mode(facts: Facts, tier: Tier) -> str | None:
    if tier == "far" and facts.local_document:
        return "This page was opened local-only: the browser itself lets nothing out."
    if tier == "far" and facts.mode == "local-only":
        return "Local-only is on: nothing may leave this device."
    if tier == "near" and facts.mode == "cloud-only" and facts.task.far:
        return "Cloud-only is on: this device is not to answer."
    return None


def _capability(facts: Facts, tier: Tier) -> str | None:
    if tier == "near":
        return None
    if not facts.task.far:
        return "This never needs the cloud."
    if facts.near_named:
        return f"The call names {facts.near_model}, a model of this device."
    return None


def _model(facts: Facts, tier: Tier) -> str | None:
    return facts.lacks if tier == "near" else None


def _provider(facts: Facts, tier: Tier) -> str | None:
    if tier == "far" and facts.cloud == "none":
        return "This site has no cloud provider."
    if tier == "far" and facts.cloud == "up" and facts.far_model is None:
        return (
            f"This site offers no model {facts.alias}." if facts.alias else "This site offers no cloud model."
        )
    return None


def _connectivity(facts: Facts, tier: Tier) -> str | None:
    if tier == "far" and facts.cloud in ("down", "unknown"):
        return "The cloud cannot be reached now."
    return None


def _context(facts: Facts, tier: Tier) -> str | None:
    model = facts.far_model
    if tier == "near" or model is None or model.context_window is None:
        return None
    if facts.tokens <= model.context_window:
        return None
    return f"The text may have {facts.tokens:,} tokens; {model.alias} reads {model.context_window:,}."


def _consent(facts: Facts, tier: Tier) -> str | None:
    if tier == "far" and not facts.consented:
        return "You have not agreed yet that requests may go to the cloud."
    return None


RULES: tuple[tuple[str, Rule], ...] = (
    ("mode", _mode),
    ("capability", _capability),
    ("model", _model),
    ("provider", _provider),
    ("connectivity", _connectivity),
    ("context", _context),
    ("consent", _consent),
)
"""Consent comes last: nobody is asked to agree to what would not happen anyway."""
