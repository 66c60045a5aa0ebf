"""Which model a device should use for a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nearside.models.check import Candidate, Check, check
from nearside.ports.store import StorageReport


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The `model` to use for a `task` and the `others` that were looked at, in the order of the candidates;
    `model` is None where none runs. `reasons` in sentences; the model's own are in its check."""

    task: str
    model: Check | None
    others: tuple[Check, ...]
    reasons: tuple[str, ...]


def recommend(
    task: str,
    candidates: Sequence[Candidate],
    report: Mapping[str, Any],
    storage: StorageReport,
    languages: Sequence[str] | None = None,
) -> Recommendation:
    """The first of `candidates` (the best first) that runs well, else the first that runs at all. Those that
    are known not to speak `languages` are left out; for a translation these are the source and the target.
    Without languages no model for one pair of them is taken."""
    wanted = tuple(code.partition("-")[0].lower() for code in languages or ())  # as the rows have them
    able = [one for one in candidates if one.speaks(wanted) is not False and (wanted or not one.pair)]
    checks = []
    for one in able:
        made = check(one, report, storage, able)
        if one.speaks(wanted) is None:
            verdict = "limited" if made.verdict == "good" else made.verdict
            text = f"It is not known whether it knows {', '.join(wanted)}."
            made = replace(made, verdict=verdict, reasons=(*made.reasons, text))
        checks.append(made)
    ranked = [made for verdict in ("good", "limited") for made in checks if made.verdict == verdict]
    best = ranked[0] if ranked else None
    return Recommendation(
        task, best, tuple(made for made in checks if made is not best), _reasons(task, checks, best, wanted)
    )


def _reasons(
    task: str, checks: Sequence[Check], best: Check | None, languages: Sequence[str]
) -> tuple[str, ...]:
    if not checks:
        what = f" in {', '.join(languages)}" if languages else ""
        return (f"No model is known that does {task}{what}.",)
    if best is None:
        return (f"None of the {len(checks)} models known for {task} runs on this device.",)
    before = checks[: checks.index(best)]
    passed = [f"{made.id} comes first, but: {made.reasons[-1]}" for made in before]
    return (*passed, f"{best.id} runs {'well' if best.verdict == 'good' else 'here, with limits'}.")
