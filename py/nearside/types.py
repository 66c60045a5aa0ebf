"""The shapes that tasks take and give: plain frozen dataclasses. Offsets are code points (`wire` makes UTF-16
of them)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32 [n, dimensions], rows of length 1."""

OnCount = Callable[[int, int], None]
"""Called with (done, total) texts, at least once with done == total."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the loading of a model is. `loaded` and `total` are bytes; `total` is None while unknown."""

    phase: Literal["download", "prepare", "ready"]
    loaded: int = 0
    total: int | None = None


OnProgress = Callable[[Progress], None]
"""Called while a model loads; `loaded` never goes back, the last call has phase "ready"."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call cost: `tokens` that the model read (special ones included), `texts` given, how many of
    them were `cached` (answered without running the model), and `written`: tokens that the model wrote."""

    tokens: int
    texts: int
    cached: int
    written: int = 0


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """Which model answered. `sha256` is that of the weights file (hex), None where it is not known. A far
    model has its alias as `id` and "cloud" as `backend`; what the provider runs behind it is not known."""

    id: str
    revision: str
    dtype: str
    backend: str
    sha256: str | None


Tier = Literal["near", "far"]
"""Near is this device, far the cloud behind the proxy."""

Mode = Literal["local-only", "prefer-local", "balanced", "prefer-cloud", "cloud-only"]
"""How a visitor, a site or a request wants the two sides to be used, the strictest first."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision came out as it did: the `rule` that spoke, and what it said, as a sentence."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A side that could answer; `removed_by` is the rule that took it out, None while it is allowed."""

    tier: Tier
    model: str | None
    removed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """The side that was asked first, and the error that made the other one answer."""

    tier: Tier
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Which side answers and why. `id` names its record (empty for a dry run); `mode` is the one in force;
    `cost` is what the answer cost and `saved` what the far side would have cost, estimated, both in
    nano-dollars and None where no price is known; `policy` names the rules' version."""

    id: str
    tier: Tier
    model: str
    mode: Mode
    reasons: tuple[Reason, ...]
    explanation: str
    candidates: tuple[Candidate, ...]
    escalated_from: Escalation | None = None
    cost: int | None = None
    saved: int | None = None
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text, in code points: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One row per text, float32 [n, dimensions], each of length 1."""

    embeddings: Vectors
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Similarity:
    """The cosine of two texts' vectors, -1 to 1."""

    score: float
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One find. `index` is the place in the `docs` given. With passages `text` is `docs[index][start:end]`;
    without, `text` is the whole document and `start:end` its best passage. `highlights` are query words in
    `text`. `score` is 0 to 1: half of it is how close the meanings are, half how much of
    the query's words is there."""

    index: int
    score: float
    text: str
    start: int
    end: int
    highlights: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The finds, best first."""

    results: tuple[SearchHit, ...]
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of one text and their scores, best first."""

    labels: tuple[str, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Classification:
    """The labels of each text given."""

    results: tuple[Labels, ...]
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The first text's labels, best first."""
        return self.results[0].labels

    @property
    def scores(self) -> tuple[float, ...]:
        """The first text's scores, best first."""
        return self.results[0].scores


@dataclass(frozen=True, slots=True)
class ClassifierInfo:
    """A taught classifier: its labels in alphabetical order, how many examples it saw, the id of the model
    whose vectors it reads, and when it was made (Unix seconds)."""

    id: str
    name: str
    labels: tuple[str, ...]
    examples: int
    model: str
    created: float


@dataclass(frozen=True, slots=True)
class RankedText:
    """A text of the list given, by its `index`, and how well it answers the query: 0 to 1. `logit` is what a
    cross-encoder gave, None where words and vectors were compared."""

    index: int
    score: float
    text: str
    logit: float | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Texts, best first."""

    results: tuple[RankedText, ...]
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A sentence that was chosen: `text` is the source's `[start:end]`; `score` says how central it is, 0 to
    1."""

    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Summary:
    """`summary` as text; `sentences` in the order of the source (empty when the far side wrote it)."""

    summary: str
    sentences: tuple[SummarySentence, ...]
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """A place in the context that answers: `answer` is its `[start:end]`; `score` is 0 to 1. Where the far
    side answered in words that are not in the context, `start` and `end` are None."""

    answer: str
    score: float
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The best place, and the next ones as `alternatives`. `no_answer`: how likely the context does not
    answer at all, 0 to 1, where the model tells (best those trained on SQuAD 2; else None). Above the best
    place's score it means that there is no answer, and that place is the best guess all the same."""

    best: AnswerSpan
    alternatives: tuple[AnswerSpan, ...]
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None
    no_answer: float | None = None


OnText = Callable[[str], None]
"""Called with each new piece of a text that is being written, in order."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A name or the like: `text` is the source's `[start:end]`, `type` as the model calls it ("PER")."""

    text: str
    type: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Entities:
    """The entities of each text given, in their order."""

    results: tuple[tuple[Entity, ...], ...]
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Those of the first text."""
        return self.results[0]


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where a field of an extraction came from: `method` is "pattern", "entity", "answer" or "model";
    `start` and `end` its place in the text, None where the value does not stand there; `score` 0 to 1, None
    where the method gives none."""

    method: str
    start: int | None = None
    end: int | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """`value` holds what was found and fits the schema; `fields` says for each path in it ("items[0].price")
    how it was found; `missing` names the paths of the schema that the text does not give."""

    value: Mapping[str, Any]
    fields: Mapping[str, FieldSource]
    missing: tuple[str, ...]
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """A translated text; `source` and `target` are language codes ("en"), `source` None where the far side
    told it apart by itself."""

    text: str
    source: str | None
    target: str
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech, in seconds from the beginning."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said; `language` None where the model does not tell; `duration` of the sound in seconds."""

    text: str
    segments: tuple[Segment, ...]
    language: str | None
    duration: float
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """A text's language as an ISO 639 code ("en") with its English name, both None when the text does not
    tell; `confidence` 0 to 1; `alternatives`: (code, confidence) of the next ones, best first."""

    language: str | None
    name: str | None
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A kept document. `kind` is "text" or "markdown"; `characters` in code points and `units`
    the same in UTF-16; `added` in Unix seconds;
    `current` is False when its vectors are another model's: it is found by its words alone until it is added
    again."""

    id: str
    name: str
    kind: str
    characters: int
    passages: int
    added: float
    current: bool = True
    units: int = 0


@dataclass(frozen=True, slots=True)
class DocumentHit:
    """A find: the document, and the passage `text`, its `[start:end]`; otherwise as `SearchHit`."""

    id: str
    name: str
    score: float
    text: str
    start: int
    end: int
    highlights: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class DocumentResults:
    """The finds, best first."""

    results: tuple[DocumentHit, ...]
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class DocumentAdded:
    """A document that is kept from now on."""

    document: DocumentInfo
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Taught:
    """A classifier that is kept from now on."""

    classifier: ClassifierInfo
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence of an answer stands: `[number]` in the answer, the document's id and name, and the
    sentence's place there."""

    number: int
    id: str
    name: str
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Generated:
    """An answer to a prompt. `found` is False when nothing on this device answers it and `text` only says so;
    `finish_reason` as in OpenAI's API."""

    text: str
    finish_reason: str
    citations: tuple[Citation, ...]
    found: bool
    usage: Usage
    model: ModelUsed
    decision: Decision | None = None
