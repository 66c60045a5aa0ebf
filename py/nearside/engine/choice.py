"""Which model on this device answers a task when the call names none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nearside.engine.settings import SettingsKeeper
from nearside.errors import NearsideError
from nearside.models.architectures import KINDS, Kind
from nearside.models.manager import ModelManager
from nearside.ports.extras import Extras

ANSWERS: Mapping[str, tuple[Kind, ...]] = {
    "zeroShot": ("embed", "classify"),
    "rerank": ("embed", "classify"),
    "summarize": ("embed", "seq2seq", "generate"),
    "answer": ("embed", "answer"),
    "extract": ("embed", "generate"),
    "classify": ("classify",),
    "extractEntities": ("entities",),
    "translate": ("seq2seq", "generate"),
    "transcribe": ("speech",),
}
"""The kinds of models that do a task. Where a model for embeddings is among them, the starter does it when
nobody chose another one."""

_NONE = "No model on this device is for {}."


class Choice:
    """Looks at the visitor's settings, then at what is open, offered by the site, or stored, then into the
    catalog."""

    def __init__(self, manager: ModelManager, extras: Extras) -> None:
        self._manager = manager
        self._extras = extras

    async def near_model(
        self,
        task: str,
        kinds: Sequence[Kind],
        fallback: str | None,
        settings: SettingsKeeper,
        languages: Sequence[str] = (),
    ) -> tuple[str | None, str | None]:
        """The model's id and None; or None and a sentence that says what is missing. For a translation
        `languages` are the source and the target, as far as they are known."""
        chosen = (await settings.get()).models.get(task)
        if chosen is not None or fallback is not None:
            return chosen or fallback, None
        here, stored = await self._manager.ready(task, kinds)
        try:
            await self._extras.ready()  # the catalog comes with them
        except NearsideError:  # they are not here, and the network is not there
            return (here[0], None) if here else (None, _NONE.format(KINDS[kinds[0]]))
        from nearside.models import known

        able = [id for id in here if (row := known.find(id)) is None or row.speaks(languages)]
        for one in known.candidates(task):
            if one.id in stored and one.speaks(languages):
                able.append(one.id)
        if able:
            return able[0], None
        wanted = known.suggestion(task, languages)
        if wanted is None:
            return None, _NONE.format(KINDS[kinds[0]])
        return None, f"No model on this device does this; {wanted.id} ({wanted.size}) would."
