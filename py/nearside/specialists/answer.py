"""answer with a model for extractive question answering (SQuAD): the place in the context that answers."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nearside.errors import NothingFound
from nearside.models.loaded import OpenModel
from nearside.ports.runtime import Outputs
from nearside.specialists.classify import scores
from nearside.specialists.frame import frame_of
from nearside.specialists.windows import encodings_of, run_longest_first, sliding, tokens_of
from nearside.tasks.answer import Request
from nearside.types import Answer, AnswerSpan, OnCount, Usage

WINDOW = 384
"""Tokens of a question with a piece of its context: what models for SQuAD were trained with. A smaller window
of the model goes before."""

OVERLAP = 128
"""Tokens of the context that two windows share, at most half of a window."""

LONGEST = 15
"""Tokens of an answer."""

_WORD = 100  # characters by which a place is widened: what goes on for longer is no word
_SPARE = 64  # candidates that a window keeps, as many overlap better ones

# Scripts without spaces: there a place is not widened to the next space.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")


@dataclass(frozen=True, slots=True)
class _Span:
    score: float
    start: int
    end: int


async def near(model: OpenModel, request: Request, on_progress: OnCount | None = None) -> Answer:
    """The best place, and up to `top_k` - 1 others that do not overlap it or each other. As in transformers'
    pipeline: the score of a place is the probability of its first token as the start times that of its last
    one as the end, each among the context's tokens and [CLS] in one window; it has at most `LONGEST` tokens,
    and is then widened to whole words; of the best 2 `top_k` + 10 those that come to the same words are
    summed. A place that two windows see counts with its better score.

    `no_answer` is the probability of [CLS] as start and end, the least of all windows: models for SQuAD 2
    were trained to say so that the context does not answer. The best place comes in any case: where
    `no_answer` is above its score, the model says that there is no answer. `on_progress` counts windows. A
    question takes at most half of a window, the rest of it is cut off.

    Raises `NothingFound` for a context without a token, and what running the model may raise."""
    frame = frame_of(model)
    size = min(model.max_tokens, WINDOW)
    room = size - frame.around_two
    question = (await tokens_of(model, [request.question]))[0][: room // 2]
    room -= len(question)
    (context,) = await encodings_of(model, [request.context])
    if not len(context.ids):
        raise NothingFound("The context has nothing that the model can read.")
    windows = sliding(len(context.ids), room, min(OVERLAP, size // 2, room // 2))
    inputs = [frame.pair(question, context.ids[start:end]) for start, end in windows]
    candidates: list[_Span] = []
    nothing = 1.0
    done = 0

    def finished(number: int, outputs: Outputs) -> None:
        nonlocal nothing, done
        first, end = windows[number]
        begin = inputs[number].b or 0
        places = np.arange(begin, begin + end - first)
        if frame.begins:
            places = np.concatenate(([0], places))
        likely = [scores(outputs[name][0][places], "softmax") for name in ("start_logits", "end_logits")]
        if frame.begins:
            nothing = min(nothing, float(likely[0][0] * likely[1][0]))
            likely = [row[1:] for row in likely]
        sums: dict[tuple[int, int], float] = {}
        spans = best_spans(likely[0], likely[1], _SPARE + 16 * request.top_k)
        for rank, (score, a, b) in enumerate(spans):
            place = _whole(request.context, context.offsets[first + a, 0], context.offsets[first + b, 1])
            if place is not None and (place not in sums or rank < 2 * request.top_k + 10):
                sums[place] = sums.get(place, 0.0) + score
        candidates.extend(_Span(score, *place) for place, score in sums.items())
        done += 1
        if on_progress is not None:
            on_progress(done, len(windows))

    tokens = await run_longest_first(model, inputs, ["start_logits", "end_logits"], finished)
    made = [
        AnswerSpan(request.original[one.start : one.end], one.score, one.start, one.end)
        for one in _apart(candidates, request.top_k)
    ]
    if not made:
        raise NothingFound("The context has nothing that the model can read.")
    no_answer = nothing if frame.begins else None
    return Answer(made[0], tuple(made[1:]), Usage(tokens, 2, 0), model.used, None, no_answer)


def best_spans(
    start: NDArray[np.float64], end: NDArray[np.float64], most: int, longest: int = LONGEST
) -> list[tuple[float, int, int]]:
    """The `most` likeliest (score, first token, last token), best first, of those with at most `longest`
    tokens; `start` and `end` are float64 [tokens]."""
    count = len(start)
    if not count:
        return []
    longest = min(longest, count)
    ends = np.concatenate((end, np.zeros(longest - 1)))
    table = start[:, None] * np.lib.stride_tricks.sliding_window_view(ends, longest)  # [tokens, lengths]
    flat = table.ravel()
    order = np.argsort(-flat, kind="stable")[:most]
    return [
        (float(flat[i]), int(i // longest), int(i // longest + i % longest))
        for i in order
        if i // longest + i % longest < count
    ]


def _apart(candidates: Sequence[_Span], most: int) -> list[_Span]:
    """The best ones of which none overlaps a better one."""
    kept: list[_Span] = []
    places: list[tuple[int, int]] = []  # of those kept, in order
    for one in sorted(candidates, key=lambda one: (-one.score, one.start, one.end)):
        if len(kept) == most:
            break
        at = bisect_left(places, (one.end,))
        if not at or places[at - 1][1] <= one.start:
            kept.append(one)
            places.insert(at, (one.start, one.end))
    return kept


def _whole(text: str, start: int, end: int) -> tuple[int, int] | None:
    """A place widened to whole words, without white space at its ends; None when nothing is left."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    if start >= end:
        return None
    first, last = start, end
    while first > max(0, start - _WORD) and _same_word(text[first - 1], text[first]):
        first -= 1
    while last < min(len(text), end + _WORD) and _same_word(text[last - 1], text[last]):
        last += 1
    return int(first if start - first < _WORD else start), int(last if last - end < _WORD else end)


def _same_word(left: str, right: str) -> bool:
    return _in_word(left) and _in_word(right)


def _in_word(sign: str) -> bool:
    if sign.isascii():
        return sign.isalnum()
    if not sign.isalnum() and not unicodedata.combining(sign):
        return False
    return not unicodedata.name(sign, "").startswith(_UNSPACED)
