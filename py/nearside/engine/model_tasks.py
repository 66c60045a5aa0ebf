"""The tasks that need a model of their own: what they import comes with `Core.extras`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from nearside.engine.core import Core, Options
from nearside.engine.pipeline import Near
from nearside.models.loaded import OpenModel
from nearside.ports.cloud import Cloud
from nearside.routing import reasons
from nearside.routing.facts import Task, weight
from nearside.types import Classification, Entities, Extraction, OnCount, OnText, Transcript, Translation

CLASSIFY = Task("classify", far=True)
ENTITIES = Task("extractEntities", far=True)
EXTRACT = Task("extract", far=True)
TRANSLATE = Task("translate", far=True)
TRANSCRIBE = Task("transcribe", far=True)


class ModelTasks:
    """The part of `Client` that needs more than the starter model."""

    _core: Core

    async def classify(
        self,
        texts: str | Sequence[str],
        *,
        top_k: int | None = None,
        threshold: float | None = None,
        labels: Sequence[str] | None = None,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> Classification:
        """The labels that the model was trained for (sentiment, topics, ...), with their probabilities, best
        first. `top_k` keeps the best; labels below `threshold` are left out, so that a text can have none.
        `labels` are those that the far side chooses from.

        Raises `InvalidInput`, `InvalidOption`, `ModelNeeded`, and what the side that answers may raise."""
        await self._core.extras.ready()
        from nearside.specialists import classify

        request = classify.checked(texts, top_k, threshold, labels)

        async def near(model: OpenModel, told: Near) -> Classification:
            return await classify.near(model, request, on_progress)

        async def far(cloud: Cloud, alias: str) -> Classification:
            return await classify.far(cloud, alias, request)

        return await self._core.run_any(
            CLASSIFY,
            options,
            near,
            far,
            characters=sum(map(weight, request.texts)),
            hard=reasons.zero_shot(labels or (), False),
        )

    async def extract_entities(
        self,
        texts: str | Sequence[str],
        *,
        aggregation: str = "simple",
        types: Sequence[str] | None = None,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> Entities:
        """Names of people, places and the like, with their places. `aggregation` puts tokens together:
        "none", "simple", "first" or "max" (as in transformers); `types` keeps some, and tells the far side
        what to look for.

        Raises `InvalidInput`, `InvalidOption`, `ModelNeeded`, and what the side that answers may raise."""
        await self._core.extras.ready()
        from nearside.specialists import entities

        request = entities.checked(texts, aggregation, types)

        async def near(model: OpenModel, told: Near) -> Entities:
            return await entities.near(model, request, on_progress)

        async def far(cloud: Cloud, alias: str) -> Entities:
            return await entities.far(cloud, alias, request)

        return await self._core.run_any(
            ENTITIES,
            options,
            near,
            far,
            characters=sum(map(weight, request.texts)),
            hard=reasons.entities(types),
        )

    async def extract(
        self,
        text: str,
        schema: Mapping[str, Any],
        *,
        on_progress: OnCount | None = None,
        **options: Unpack[Options],
    ) -> Extraction:
        """The values that a text gives for a JSON schema (an object with properties), each with how it was
        found and where it stands; what the text does not give is named as missing. With a model for writing
        it fills the schema; without one, patterns, entities and answers do.

        Raises `InvalidInput`, `InvalidOption` for a schema that cannot be used, and what the side that
        answers may raise."""
        await self._core.extras.ready()
        from nearside.specialists import extract

        request = extract.checked(text, schema)
        core = self._core

        async def near(model: OpenModel, told: Near) -> Extraction:
            return await extract.near(core, model, told, request, on_progress)

        async def far(cloud: Cloud, alias: str) -> Extraction:
            return await extract.far(cloud, alias, request)

        return await core.run_any(
            EXTRACT,
            options,
            near,
            far,
            characters=weight(text),
        )

    async def translate(
        self,
        text: str,
        *,
        target: str,
        source: str | None = None,
        on_progress: OnCount | None = None,
        on_text: OnText | None = None,
        **options: Unpack[Options],
    ) -> Translation:
        """The text in another language. Languages are codes ("en", "fr", "zh"); without `source` it is told
        apart by the text. `on_text` hears the translation as it is written; `on_progress` counts sentences.

        Raises `InvalidInput`, `InvalidOption` for a pair that the model does not translate (its hint lists
        those it does), `ModelNeeded`, and what the side that answers may raise."""
        await self._core.extras.ready()
        from nearside.generation import translate

        request = translate.checked(text, source, target)

        async def near(model: OpenModel, told: Near) -> Translation:
            return await translate.near(model, request, on_progress, on_text)

        async def far(cloud: Cloud, alias: str) -> Translation:
            return await translate.far(cloud, alias, request)

        return await self._core.run_any(
            TRANSLATE,
            options,
            near,
            far,
            characters=weight(text),
            hard=reasons.translate(request.source, request.target),
            languages=(request.source, request.target) if request.source else (),
        )

    async def transcribe(
        self,
        audio: NDArray[np.float32],
        *,
        sample_rate: int = 16_000,
        language: str | None = None,
        timestamps: bool = False,
        on_progress: OnCount | None = None,
        on_text: OnText | None = None,
        **options: Unpack[Options],
    ) -> Transcript:
        """What is said in a sound: float32 [samples], one channel, -1 to 1, at `sample_rate`. `timestamps`
        asks the model for the times of phrases where it can give them; long sounds are split at pauses in any
        case. `on_text` hears the text as it is written; `on_progress` counts seconds of sound.

        Raises `InvalidInput`, `InvalidOption`, `ModelNeeded`, and what the side that answers may raise."""
        await self._core.extras.ready()
        from nearside.speech import transcribe

        request = transcribe.checked(audio, sample_rate, language, timestamps)
        core = self._core

        async def near(model: OpenModel, told: Near) -> Transcript:
            return await transcribe.near(core, model, request, on_progress, on_text)

        async def far(cloud: Cloud, alias: str) -> Transcript:
            return await transcribe.far(cloud, alias, request)

        hard = reasons.transcribe(request.noise)
        return await core.run_any(TRANSCRIBE, options, near, far, hard=hard)
