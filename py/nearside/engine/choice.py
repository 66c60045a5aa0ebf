"""Which model on this device answers a task when the call names none."""

from __future__ import annotations

from collections.abc import Sequence

from nearside.engine.settings import SettingsKeeper
from nearside.models.architectures import KINDS, Kind
from nearside.models.known import candidates
from nearside.models.manager import ModelManager


class Choice:
    """Looks at the visitor's settings, then at what is open, offered by the site, or stored."""

    def __init__(self, manager: ModelManager) -> None:
        self._manager = manager

    async def near_model(
        self, task: str, kinds: Sequence[Kind], fallback: str | None, settings: SettingsKeeper
    ) -> tuple[str | None, str | None]:
        """The model's id and None; or None and a sentence that says what is missing."""
        chosen = (await settings.get()).models.get(task)
        if chosen is not None or fallback is not None:
            return chosen or fallback, None
        known = candidates(task)
        here, stored = await self._manager.ready(task, kinds)
        if here:
            return here[0], None
        for one in known:
            if one.id in stored:
                return one.id, None
        if not known:
            return None, f"No model on this device is for {KINDS[kinds[0]]}."
        return None, f"No model on this device does this; {known[0].id} ({known[0].size}) would."
