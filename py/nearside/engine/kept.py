"""What the visitor keeps on the device: documents, and classifiers that were taught."""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Unpack

from nearside.engine.core import Core, Options
from nearside.engine.pipeline import Near
from nearside.errors import NotFound
from nearside.models.loaded import LoadedModel
from nearside.routing.facts import Task
from nearside.tasks import teach as teaching
from nearside.tasks.embed import checked_texts
from nearside.types import (
    Classification,
    ClassifierInfo,
    Decision,
    DocumentAdded,
    DocumentInfo,
    DocumentResults,
    OnCount,
    Taught,
)

_ADD = Task("documents.add")
_SEARCH = Task("documents.search")
_TEACH = Task("teach")
_CLASSIFY = Task("classify")


class DocumentShelf:
    """`client.documents`: text and Markdown that can be searched and quoted."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def add(
        self,
        name: str,
        text: str,
        *,
        id: str | None = None,
        kind: str | None = None,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> DocumentAdded:
        """Keep a document, in place of the one with the same `id`; `kind` is "text" or "markdown" and guessed
        from the name where it is not given. Either all of it is kept or nothing.

        Raises `InvalidInput`, `InvalidOption`, `StorageFull`, and what opening the model may raise."""
        core = self._core

        async def near(model: LoadedModel, told: Near) -> DocumentAdded:
            info, usage = await core.documents.add(
                model, core.vectors, name, text, id=id, kind=kind, on_progress=on_progress
            )
            return DocumentAdded(info, usage, model.used)

        return await core.run(_ADD, options, near)

    async def list(self) -> list[DocumentInfo]:
        """The documents, oldest first."""
        return await self._core.documents.list()

    async def get(self, id: str) -> tuple[DocumentInfo, str]:
        """A document and its text. Raises `NotFound`."""
        return await self._core.documents.get(id)

    async def search(
        self,
        query: str,
        *,
        top_k: int = 10,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> DocumentResults:
        """The best passages of all documents, by words and by meaning. Raises as `Client.search`."""
        core = self._core

        async def near(model: LoadedModel, told: Near) -> DocumentResults:
            return await core.documents.search(
                model, core.vectors, query, top_k=top_k, collection="own", on_progress=on_progress
            )

        return await core.run(_SEARCH, options, near)

    async def texts(self, ids: Iterable[str]) -> dict[str, str]:
        """The texts of documents (and help texts) by id; those that are gone are left out."""
        texts = {}
        for id in ids:
            with contextlib.suppress(NotFound):
                texts[id] = (await self._core.documents.get(id))[1]
        return texts

    async def delete(self, id: str) -> bool:
        """Forget a document; whether there was one."""
        return await self._core.documents.delete(id)


@dataclass(frozen=True, slots=True)
class TaughtClassifier:
    """A classifier at hand. `decision` is that of its teaching, None when it was read from the device."""

    info: ClassifierInfo
    classifiers: Classifiers
    decision: Decision | None = None

    async def classify(
        self,
        texts: str | Sequence[str],
        *,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> Classification:
        """The labels of each text with their probabilities. Raises `InvalidInput`, `NotFound` when it was
        deleted, and what opening the model may raise."""
        return await self.classifiers.classify(self.info.id, texts, on_progress=on_progress, **options)

    async def export(self) -> str:
        """The classifier as the text of one file; `Classifiers.import_file` reads it. Raises `NotFound`."""
        return await self.classifiers.export(self.info.id)

    async def delete(self) -> bool:
        """Forget it; whether it was there."""
        return await self.classifiers.delete(self.info.id)


class Classifiers:
    """`client.classifiers`: what was taught."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def teach(
        self,
        examples: Sequence[tuple[str, str]],
        name: str,
        on_progress: OnCount | None,
        options: Options,
    ) -> TaughtClassifier:
        """See `Client.teach`."""
        core = self._core
        request = teaching.checked(examples)

        async def near(model: LoadedModel, told: Near) -> Taught:
            classifier, usage = await teaching.fit(model, core.vectors, request, on_progress)
            return Taught(await core.classifiers.add(name, classifier), usage, model.used)

        taught = await core.run(_TEACH, options, near)
        return TaughtClassifier(taught.classifier, self, taught.decision)

    async def list(self) -> builtins.list[ClassifierInfo]:
        """The classifiers, oldest first."""
        return await self._core.classifiers.list()

    async def get(self, id: str) -> TaughtClassifier:
        """One of them. Raises `NotFound`."""
        info, _ = await self._core.classifiers.get(id)
        return TaughtClassifier(info, self)

    async def classify(
        self,
        id: str,
        texts: str | Sequence[str],
        *,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> Classification:
        """See `TaughtClassifier.classify`. The classifier's own model answers, whatever `model` says."""
        core = self._core
        wanted = checked_texts(texts)
        info, classifier = await core.classifiers.get(id)

        async def near(model: LoadedModel, told: Near) -> Classification:
            return await teaching.classify(model, core.vectors, classifier, wanted, on_progress)

        return await core.run(_CLASSIFY, {**options, "model": info.model}, near)

    async def export(self, id: str) -> str:
        """See `TaughtClassifier.export`."""
        info, classifier = await self._core.classifiers.get(id)
        return classifier.to_file(info.name)

    async def import_file(self, text: str) -> TaughtClassifier:
        """Keep a classifier that was exported, here or elsewhere. Raises `InvalidInput`, `StorageFull`."""
        name, classifier = teaching.from_file(text)
        return TaughtClassifier(await self._core.classifiers.add(name, classifier), self)

    async def delete(self, id: str) -> bool:
        """Forget a classifier; whether it was there."""
        return await self._core.classifiers.delete(id)
