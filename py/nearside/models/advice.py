"""What to say about models here: which one to use for a task, and whether a certain one runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nearside.errors import InvalidOption
from nearside.models import known
from nearside.models.catalog import parse_card, split_id
from nearside.models.check import Candidate, Check, check, of_card, of_known
from nearside.models.manager import ModelManager
from nearside.models.recommend import Recommendation, recommend

_TEMPLATES = ("chat_template.jinja", "tokenizer_config.json")
_SWITCH = "enable_thinking"


async def for_task(
    manager: ModelManager, report: Mapping[str, Any], task: str, languages: Sequence[str] | None
) -> Recommendation:
    """See `engine.models.Models.recommend`."""
    if not isinstance(task, str) or not known.candidates(task):
        hint = f"Known: {', '.join(known.tasks())}."
        raise InvalidOption(f"There is no model for a task {task!r:.40}.", hint=hint)
    if isinstance(languages, str):
        raise InvalidOption("languages is a text.", hint="Give a list of codes, such as ['en', 'de'].")
    made = recommend(task, await _candidates(manager, task), report, await manager.storage(), languages)
    model = made.model and _with_files(manager, made.model)
    return replace(made, model=model, others=tuple(_with_files(manager, one) for one in made.others))


async def of(manager: ModelManager, report: Mapping[str, Any], id: str) -> Check:
    """See `engine.models.Models.check`."""
    name, revision = split_id(id)
    row, stored = known.find(name), await manager.stored(name)
    if row is not None and revision is None:
        one, task = of_known(row, stored), row.tasks[0]
    else:
        card = parse_card(await manager.look(id))
        one, task = of_card(card, stored), card.task or ""
    others = await _candidates(manager, task) if task else ()
    return _with_files(manager, check(one, report, await manager.storage(), others))


async def _candidates(manager: ModelManager, task: str) -> Sequence[Candidate]:
    """The site's and the stored models whose card names the task, then the catalog's."""
    stored = {model.id: model for model in await manager.all_stored() if model.complete}
    cards = [parse_card(fields) for fields in await manager.offered()]
    cards += [parse_card(model.card) for model in stored.values() if model.card]
    name = known.same_as(task)
    rows = known.candidates(task)
    listed = {row.id for row in rows}
    made = {
        card.id: of_card(card, stored.get(card.id))
        for card in cards
        if card.task == name and card.id not in listed
    }
    return [*made.values(), *(of_known(row, stored.get(row.id)) for row in rows)]


def _with_files(manager: ModelManager, made: Check) -> Check:
    """With what the files of an open model that writes say: its chat template has a switch for thinking."""
    model = manager.find(made.id)
    if model is None or model.kind != "generate":
        return made
    return replace(made, thinks=any(_SWITCH in model.files.get(name, "") for name in _TEMPLATES))
