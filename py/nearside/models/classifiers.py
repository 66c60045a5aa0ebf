"""Taught classifiers: a line of numbers per label over an embedding model's vectors; as a file, and kept on
the device."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput, InvalidOption, NotFound, UnsupportedModel
from nearside.models.loaded import LoadedModel
from nearside.ports.clock import Clock
from nearside.ports.database import Database, Delete, Entry, Put
from nearside.types import ClassifierInfo

FORMAT = "nearside-classifier"
VERSION = 1
MAX_LABELS = 1000
MAX_DIMENSIONS = 8192
MAX_NAME = 200
MAX_LABEL = 500
"""Characters of a label."""

MAX_FILE = 60_000_000
"""Characters of a file: more than the most labels and dimensions can need."""

_COLLECTION = "classifiers"
_HINT = "Give the text of a file that a classifier was exported to."


@dataclass(frozen=True, eq=False, slots=True)
class Classifier:
    """What was learned: `weights` float32 [labels, dimensions] and `bias` float32 [labels], whose softmax
    over a text's vector are the labels' probabilities. `model` is the id of the embedding model and `key` its
    weights (see `LoadedModel.key`); `examples` how many it was taught with."""

    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    model: str
    key: str
    examples: int

    @property
    def dimensions(self) -> int:
        """How many numbers a text's vector has."""
        return int(self.weights.shape[1])

    def probabilities(self, vector: NDArray[np.float32]) -> NDArray[np.float64]:
        """Of each label, for a text's vector: float64 [labels]. (Not by `@`: the same vector must give the
        same numbers whatever was asked before.)"""
        scores = np.einsum("ld,d->l", self.weights, vector).astype(np.float64) + self.bias
        odds = np.exp(scores - scores.max())
        made: NDArray[np.float64] = odds / odds.sum()
        return made

    def check_model(self, model: LoadedModel) -> None:
        """Raise `UnsupportedModel` when these are not the weights whose vectors it learned to read."""
        if model.key == self.key:
            return
        same = model.info.id == self.model
        other = f"other weights of {self.model}" if same else f"{self.model}, not {model.info.id}"
        raise UnsupportedModel(
            f"This classifier was taught with {other}: it cannot read these vectors.",
            hint="Teach it again from its examples" + ("." if same else f", or use {self.model}."),
        )

    def to_file(self, name: str) -> str:
        """The text of a file (JSON, the numbers as base64 of little-endian float32)."""
        return json.dumps(
            {
                "format": FORMAT,
                "version": VERSION,
                "name": name,
                "labels": list(self.labels),
                "examples": self.examples,
                "dimensions": self.dimensions,
                "model": {"id": self.model, "key": self.key},
                "weights": _base64(self.weights),
                "bias": _base64(self.bias),
            },
            ensure_ascii=False,
        )


def _base64(numbers: NDArray[np.float32]) -> str:
    return base64.b64encode(numbers.astype("<f4").tobytes()).decode("ascii")


def from_file(text: object) -> tuple[str, Classifier]:
    """The name and the classifier of a file. Raises `InvalidInput` for anything else."""
    if not isinstance(text, str):
        raise InvalidInput("The file of a classifier is no text.", hint=_HINT)
    if len(text) > MAX_FILE:
        raise InvalidInput("The file is too large for a classifier.", hint=_HINT)
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("This is not the file of a classifier.", hint=_HINT) from None
    if not isinstance(given, dict) or given.get("format") != FORMAT:
        raise InvalidInput("This is not the file of a classifier.", hint=_HINT)
    if given.get("version") != VERSION:
        raise InvalidInput(
            f"The classifier's file has the version {given.get('version')!r:.20}; {VERSION} can be read.",
            hint="Update Nearside, or export the classifier again.",
        )
    name = given.get("name")
    if not isinstance(name, str) or len(name) > MAX_NAME:
        raise _damaged("name")
    model = given.get("model")
    if not isinstance(model, dict):
        raise _damaged("model")
    return name, _classifier({**given, "model": model.get("id"), "key": model.get("key")}, _decoded(given))


def _decoded(given: Mapping[str, Any]) -> bytes:
    parts = []
    for field in ("weights", "bias"):
        try:
            parts.append(base64.b64decode(given.get(field) or "", validate=True))
        except (TypeError, ValueError, binascii.Error):
            raise _damaged(field) from None
    return b"".join(parts)


def _classifier(value: Mapping[str, Any], numbers: bytes) -> Classifier:
    """From plain fields and the bytes of weights and bias, nothing taken on trust."""
    labels = value.get("labels")
    if (
        not isinstance(labels, list)
        or not 2 <= len(labels) <= MAX_LABELS
        or not all(isinstance(label, str) and label and len(label) <= MAX_LABEL for label in labels)
        or len(set(labels)) != len(labels)
    ):
        raise _damaged("labels")
    dimensions = _count(value, "dimensions", MAX_DIMENSIONS)
    examples = _count(value, "examples", 10**9)
    for field in ("model", "key"):
        if not isinstance(value.get(field), str) or not 0 < len(value[field]) <= 1000:
            raise _damaged("model")
    if len(numbers) != 4 * len(labels) * (dimensions + 1):
        raise _damaged("weights")
    row = np.frombuffer(numbers, "<f4").astype(np.float32)
    if not np.isfinite(row).all():
        raise _damaged("weights")
    weights = row[: len(labels) * dimensions].reshape(len(labels), dimensions)
    return Classifier(
        tuple(labels), weights, row[len(labels) * dimensions :], value["model"], value["key"], examples
    )


def _count(value: Mapping[str, Any], field: str, most: int) -> int:
    count = value.get(field)
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= most:
        raise _damaged(field)
    return count


def _damaged(field: str) -> InvalidInput:
    return InvalidInput(f"The classifier's file is damaged: its {field} cannot be used.", hint=_HINT)


class Classifiers:
    """The classifiers that are kept on this device."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, name: str, classifier: Classifier) -> ClassifierInfo:
        """Keep a classifier under a new id; without a name it is named after its labels.

        Raises `InvalidOption` for an impossible name, `StorageFull`."""
        if not isinstance(name, str) or len(name) > MAX_NAME:
            raise InvalidOption("The classifier's name is no text or too long.", hint="Give a short name.")
        shown = " ".join(name.split()) or ", ".join(classifier.labels)[:MAX_NAME]
        info = ClassifierInfo(
            uuid.uuid4().hex,
            shown,
            classifier.labels,
            classifier.examples,
            classifier.model,
            self._clock.now(),
        )
        value = {
            "name": shown,
            "labels": list(classifier.labels),
            "examples": classifier.examples,
            "dimensions": classifier.dimensions,
            "model": classifier.model,
            "key": classifier.key,
            "created": info.created,
        }
        numbers = classifier.weights.astype("<f4").tobytes() + classifier.bias.astype("<f4").tobytes()
        await self._database.write([Put(_COLLECTION, info.id, value, numbers)])
        return info

    async def list(self) -> list[ClassifierInfo]:
        """What is kept, oldest first."""
        infos = [_info(entry) for entry in await self._database.list(_COLLECTION)]
        return sorted(infos, key=lambda info: (info.created, info.id))

    async def get(self, id: str) -> tuple[ClassifierInfo, Classifier]:
        """One of them. Raises `NotFound`."""
        entry = await self._database.get(_COLLECTION, id) if isinstance(id, str) else None
        if entry is None:
            raise NotFound(f"There is no classifier {id!r:.60}.")
        return _info(entry), _classifier(entry.value, entry.blob or b"")

    async def delete(self, id: str) -> bool:
        """Forget one; whether it was there."""
        if not isinstance(id, str) or await self._database.get(_COLLECTION, id) is None:
            return False
        await self._database.write([Delete(_COLLECTION, id)])
        return True


def _info(entry: Entry) -> ClassifierInfo:
    value = entry.value
    return ClassifierInfo(
        entry.key, value["name"], tuple(value["labels"]), value["examples"], value["model"], value["created"]
    )
