"""summarize, with a model that writes: one made for it (BART, T5, ...), or one that follows instructions.

A text that is longer than the model's window is cut at sentences, each part is summarised to at most half
its length, and the summaries are read as the text, until what is left fits: the last pass is the one that is
heard.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from nearside.generation import instructed, seq2seq
from nearside.models.loaded import OpenModel
from nearside.retrieval.sentences import sentences
from nearside.tasks.embed import cut_politely
from nearside.tasks.summarize import SHAPES, STYLES, Request
from nearside.types import OnCount, OnText, Summary, Usage

_TRANSLATORS = ("marian", "m2m_100")
TASK = "summarization"
BULLET = "- "

_HEADLINE = 8  # tokens that a headline need not exceed
_LEAST = 16  # tokens that a part's summary may always have
_SHRINKS = 0.9  # a pass makes the text at least this much shorter
_MARGIN = 4  # tokens by which a piece may be longer than it was counted


async def near(
    model: OpenModel,
    request: Request,
    on_progress: OnCount | None = None,
    on_text: OnText | None = None,
) -> Summary:
    """A summary in the model's own words (it has no sentences of the source). `on_text` hears the last pass;
    `on_progress` counts the parts that are read, the last pass among them.

    Raises `UnsupportedModel` for a model that does not write, and what `Lane.run` raises."""
    writer = _writer(model, request)
    text, tokens, written, done = request.text, 0, 0, 0
    before = math.inf
    while True:
        size = model.tokenizer.count([text])[0]
        spans = (await cut_politely([text], writer.room, model.tokenizer.count))[0]
        parts = [text[span.start : span.end] for span in spans]
        if size > before * _SHRINKS:  # a model that makes nothing shorter would never end
            parts = parts[:1]
        before = size
        last = len(parts) <= 1
        made: list[str] = []
        total = done + len(parts) + (not last)
        for part in parts:
            one = await writer.write(part, last, on_text if last else None)
            made.append(one.text)
            tokens, written, done = tokens + one.read, written + one.written, done + 1
            if on_progress is not None:
                on_progress(done, total)
        if last:
            return Summary("".join(made), (), Usage(tokens, 1, 0, written), model.used)
        text = "\n".join(made)
        if not text.strip():
            return Summary("", (), Usage(tokens, 1, 0, written), model.used)


class _Writer(Protocol):
    """Summarises what fits into the model's window: texts of at most `room` tokens."""

    room: int

    async def write(self, text: str, last: bool, on_text: OnText | None) -> seq2seq.Written:
        """The summary of one part, or of all in the `last` pass."""
        ...


def _writer(model: OpenModel, request: Request) -> _Writer:
    if model.kind == "seq2seq" and model.config.get("model_type") not in _TRANSLATORS:
        return _Trained(model, request)
    if model.kind == "generate":
        return _Instructed(model, request)
    raise model.refuse("summaries")


class _Trained:
    """A model that was trained for summaries."""

    def __init__(self, model: OpenModel, request: Request) -> None:
        self._model = model
        self._request = request
        self._given = seq2seq.settings(model, TASK)
        own = seq2seq.task_parameters(model, TASK).get("prefix", model.config.get("prefix"))
        self._prefix = own if isinstance(own, str) else ""
        taken = len(model.tokenizer.encode([self._prefix])[0])
        self.room = max(model.max_tokens - taken - _MARGIN, 1)

    async def write(self, text: str, last: bool, on_text: OnText | None) -> seq2seq.Written:
        """A part in the model's usual length; the last pass in the style that is asked for."""
        ids = seq2seq.fitted(self._model.tokenizer.encode([self._prefix + text])[0], self._model.max_tokens)
        half = max(int(ids.size) // 2, _LEAST)
        given = self._given.with_least(min(self._given.min_length, half // 2))
        if not last:
            return await seq2seq.write(self._model, ids, given.at_most(half), None)
        style = self._request.style
        if style == "headline":
            given = given.with_least(min(given.min_length, _HEADLINE))
        shape = Sentences(STYLES[style], BULLET if style == "bullets" else "")
        return await seq2seq.write(self._model, ids, given.at_most(self._request.max_tokens), on_text, shape)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Shows the first `most` sentences of a text, on lines of their own with `prefix` where there is one; see
    `seq2seq.Shape`."""

    most: int
    prefix: str = ""

    def __call__(self, text: str, ended: bool) -> tuple[str, bool]:
        """While the text goes on its last word waits: a sentence's end depends on what follows. (Line breaks
        are spaces: whether one ends a sentence would depend on later lines.)"""
        said = text.split()
        text = " ".join(said if ended else said[:-1])
        spans = sentences(text)
        shown, enough = spans[: self.most], len(spans) > self.most
        if not shown:
            return "", enough
        if self.prefix:
            return "\n".join(self.prefix + text[span.start : span.end] for span in shown), enough
        return text[shown[0].start : shown[-1].end], enough


class _Instructed:
    """A model that follows instructions."""

    def __init__(self, model: OpenModel, request: Request) -> None:
        self._model = model
        self._request = request
        self.room = instructed.room(model)

    async def write(self, text: str, last: bool, on_text: OnText | None) -> seq2seq.Written:
        """The parts in some sentences; the last pass in the style that is asked for."""
        shape = SHAPES[self._request.style] if last else SHAPES["brief"]
        count = self._model.tokenizer.count([text])[0]
        limit = self._request.max_tokens if last else max(count // 2, _LEAST)
        return await instructed.write(
            self._model,
            f"Summarize the text. Answer with the summary alone, in the text's own language: {shape}.",
            text,
            limit,
            on_text,
        )
