"""What the visitor has set, kept on the device and shared by all tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from nearside.errors import InvalidOption
from nearside.models.catalog import split_id
from nearside.ports.database import Change, Database, Delete, Put
from nearside.routing.facts import MODES
from nearside.types import Mode

COLLECTION = "settings"
_SAME: Any = object()
_ALLOWED: Mapping[str, tuple[object, ...]] = {
    "mode": MODES,
    "cloud": ("ask", "allow"),
    "hub": (True, False),
}
_MODELS = "models."  # before a task's name: the entry with the model that is chosen for it
_TASKS = (
    "embed",
    "rerank",
    "classify",
    "zeroShot",
    "extractEntities",
    "extract",
    "answer",
    "summarize",
    "translate",
    "transcribe",
    "voice",
    "chat",
)
"""The tasks that a model can be chosen for; "embed" is for all that compare vectors."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`mode` and `cloud` are None until the visitor chooses ("prefer-local" and "ask" then apply); `cloud`:
    whether requests may go to the cloud without asking; `hub`: whether models may come from the public
    hub; `models`: task to the id of the model that answers it on this device, where the visitor chose one."""

    mode: Mode | None = None
    cloud: Literal["ask", "allow"] | None = None
    hub: bool = True
    models: Mapping[str, str] = field(default_factory=dict)


class SettingsKeeper:
    """Reads and writes the settings; notices when another tab has changed them. Each is an entry of its own,
    so that two tabs that change different ones do not undo each other's change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._generation: int | None = None
        self._settings = Settings()

    @property
    def last(self) -> Settings:
        """The settings as they were read last; `get` reads them anew where they changed."""
        return self._settings

    @property
    def unread(self) -> bool:
        """Whether they were never read so far."""
        return self._generation is None

    async def get(self) -> Settings:
        """The settings now."""
        generation = await self._database.generation(COLLECTION)
        if generation != self._generation:
            entries = await self._database.list(COLLECTION)
            # What another version of Nearside kept, and this one does not know, is left alone.
            known: dict[str, Any] = {
                entry.key: entry.value.get("value")
                for entry in entries
                if _is_possible(entry.key, entry.value.get("value"))
            }
            models = {
                entry.key.removeprefix(_MODELS): str(entry.value.get("value"))
                for entry in entries
                if entry.key.startswith(_MODELS)
            }
            self._settings = replace(Settings(), **known, models=models)
            self._generation = generation
        return self._settings

    async def set(
        self, *, mode: Mode | None = _SAME, cloud: str | None = _SAME, hub: bool | None = _SAME
    ) -> Settings:
        """Change some of them; None puts one back to its default. Raises `InvalidOption`, `StorageFull`."""
        given = {"mode": mode, "cloud": cloud, "hub": hub}
        return await self.change({name: value for name, value in given.items() if value is not _SAME})

    async def change(self, changes: Mapping[str, object]) -> Settings:
        """`set`, from a mapping; "models.TASK" is the model for a task."""
        for name, value in changes.items():
            if name.startswith(_MODELS):
                if name.removeprefix(_MODELS) not in _TASKS:
                    hint = f"A model can be chosen for: {', '.join(_TASKS)}."
                    raise InvalidOption(f"There is no setting {name!r:.40}.", hint=hint)
                if value is not None:
                    split_id(value)  # type: ignore[arg-type]  # it refuses what is no text
                continue
            allowed = _ALLOWED.get(name)
            if allowed is None:
                raise InvalidOption(
                    f"There is no setting {name!r:.40}.", hint=f"Known: {', '.join(_ALLOWED)}."
                )
            if value is not None and not _is_possible(name, value):
                hint = f"One of: {', '.join(map(str, allowed))}."
                raise InvalidOption(f"{name} cannot be {value!r:.40}.", hint=hint)
        written: list[Change] = [
            Delete(COLLECTION, name) if value is None else Put(COLLECTION, name, {"value": value})
            for name, value in changes.items()
        ]
        await self._database.write(written)
        return await self.get()


def _is_possible(name: str, value: object) -> bool:
    """Whether a setting may have a value; 0 is not False here."""
    return any(type(value) is type(one) and value == one for one in _ALLOWED.get(name, ()))
