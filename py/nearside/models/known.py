"""Models of the public hub that are known to do a task well."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A model that the catalog names for `tasks`; `size` in words ("about 109 MB")."""

    id: str
    tasks: tuple[str, ...]
    size: str


KNOWN: tuple[Known, ...] = ()


def candidates(task: str) -> tuple[Known, ...]:
    """The models that the catalog names for a task, the best choice for most devices first."""
    return tuple(one for one in KNOWN if task in one.tasks)
