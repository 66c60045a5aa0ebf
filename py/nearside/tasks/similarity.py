"""similarity: how close the meanings of two texts are."""

from __future__ import annotations

import numpy as np

from nearside.models.loaded import LoadedModel
from nearside.models.vectors import VectorCache
from nearside.tasks.embed import vectors
from nearside.types import OnCount, Similarity


async def similarity(
    model: LoadedModel, cache: VectorCache, pair: tuple[str, str], on_progress: OnCount | None = None
) -> Similarity:
    """The cosine of two checked texts, -1 to 1; exactly 1 for equal texts."""
    rows, usage = await vectors(model, cache, pair, on_progress)
    score = 1.0 if pair[0] == pair[1] else float(np.clip(np.dot(rows[0], rows[1]), -1.0, 1.0))
    return Similarity(score, usage, model.used)
