"""One sentence for a person, from the same reasons as the decision."""

from __future__ import annotations

from nearside.types import Candidate, Escalation, Reason


def explain(chosen: Candidate, settled: Reason) -> str:
    """Where the answer comes from, and the reason that settled it."""
    return f"{_where(chosen)}. {settled.text}"


def explain_fallback(escalation: Escalation, chosen: Candidate) -> str:
    """Why the other side answered after all."""
    first = "the cloud" if escalation.tier == "far" else "your device"
    return f"{_where(chosen)}, because {first} could not: {escalation.message}"


def _where(chosen: Candidate) -> str:
    return "On your device" if chosen.tier == "near" else f"In the cloud ({chosen.model})"
