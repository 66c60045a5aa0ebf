"""What the visitor has set, kept on the device and shared by all tabs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from nearside.errors import InvalidOption
from nearside.ports.database import Database, Put
from nearside.routing.facts import MODES
from nearside.types import Mode

COLLECTION = "settings"
_KEY = "settings"
_CLOUD = ("ask", "allow")


@dataclass(frozen=True, slots=True)
class Settings:
    """`mode` is None until one is chosen (then "prefer-local" applies); `cloud`: whether requests may go to
    the cloud without asking; `hub`: whether models may come from the public hub."""

    mode: Mode | None = None
    cloud: Literal["ask", "allow"] = "ask"
    hub: bool = True


class SettingsKeeper:
    """Reads and writes the settings; notices when another tab has changed them."""

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
            entry = await self._database.get(COLLECTION, _KEY)
            self._settings = _from_value(dict(entry.value)) if entry is not None else Settings()
            self._generation = generation
        return self._settings

    async def set(self, **changes: Any) -> Settings:
        """Change some of them; None puts one back to its default. Raises `InvalidOption`, `StorageFull`."""
        for name, value in changes.items():
            _check(name, value)
        fresh = Settings()
        given = {name: getattr(fresh, name) if value is None else value for name, value in changes.items()}
        settings = replace(await self.get(), **given)
        await self._database.write([Put(COLLECTION, _KEY, asdict(settings))])
        return await self.get()


def _check(name: str, value: object) -> None:
    allowed: dict[str, tuple[object, ...]] = {"mode": MODES, "cloud": _CLOUD, "hub": (True, False)}
    if name not in allowed:
        raise InvalidOption(f"There is no setting {name!r}.", hint=f"Known: {', '.join(allowed)}.")
    if value is not None and not any(value is one or value == one for one in allowed[name]):
        raise InvalidOption(
            f"{name} cannot be {value!r:.40}.", hint=f"One of: {', '.join(map(str, allowed[name]))}."
        )


def _from_value(value: dict[str, Any]) -> Settings:
    """What was kept, without what this version does not know."""
    mode, cloud = value.get("mode"), value.get("cloud")
    return Settings(
        mode=mode if mode in MODES else None,
        cloud="allow" if cloud == "allow" else "ask",
        hub=value.get("hub") is not False,
    )
