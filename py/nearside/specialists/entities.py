"""extractEntities: names of people, places and the like, with their places in the text."""

from __future__ import annotations

import json
import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidInput, InvalidOption
from nearside.models.loaded import OpenModel
from nearside.ports.cloud import Cloud
from nearside.ports.runtime import Outputs
from nearside.ports.tokenizers import Encoding
from nearside.specialists.aggregate import STRATEGIES, Found, Strategy, found, kind_of
from nearside.specialists.classify import label_of, scores
from nearside.specialists.frame import Framed, frame_of
from nearside.specialists.windows import Place, encodings_of, owned, run_longest_first, sliding
from nearside.tasks.asking import added, ask, parsed, share, unusable, used
from nearside.tasks.embed import checked_texts
from nearside.tasks.zero_shot import batches
from nearside.types import Entities, Entity, OnCount, Usage

OVERLAP = 128
"""Tokens that two windows of a long text share, at most half of one: each token is read with at least half as
many on both sides."""

TYPES = ("PER", "ORG", "LOC", "MISC")
"""What the far side looks for unless told otherwise."""

_SAME = {"PERSON": "PER", "ORGANIZATION": "ORG", "ORGANISATION": "ORG", "LOCATION": "LOC", "PLACE": "LOC"}
_FAR = """You find named entities in texts. The JSON object has "texts" (a list) and "types" (the types of
entities that are wanted, and no others). Answer with nothing but JSON:
{"results": [[{"text": "...", "type": "...", "confidence": 0.9}, ...], ...]}, one list for each text in the
same order, with its entities in the order in which they stand there, each copied from the text word for word,
and as often as it comes; [] for a text without any."""
_PREFIX = re.compile(r'"continuing_subword_prefix"\s*:\s*("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request: `texts` well-formed for the tokenizer, `originals` as the caller gave them; without
    `types` all of the model's."""

    texts: tuple[str, ...]
    originals: tuple[str, ...]
    aggregation: Strategy
    types: tuple[str, ...] | None


def checked(texts: object, aggregation: object = "simple", types: object = None) -> Request:
    """The request, or `InvalidInput` / `InvalidOption` that says what is wrong with it."""
    ready = tuple(checked_texts(texts))
    if not ready:
        raise InvalidInput("There are no texts.", hint="Give at least one.")
    originals = (texts,) if isinstance(texts, str) else tuple(cast("Sequence[str]", texts))
    strategy = next((one for one in STRATEGIES if one == aggregation), None)
    if strategy is None:
        raise InvalidOption(
            f"aggregation is {aggregation!r:.40}.", hint=f"Give one of {', '.join(STRATEGIES)}."
        )
    wanted = None
    if types is not None:
        if isinstance(types, str):
            raise InvalidInput("types is one text.", hint="Give a list of types.")
        wanted = tuple(dict.fromkeys(one.strip() for one in checked_texts(types, "types")))
        if not wanted or not all(wanted):
            raise InvalidInput("types has nothing or an empty text in it.", hint='Give names: ["PER"].')
    return Request(ready, originals, strategy, wanted)


async def near(model: OpenModel, request: Request, on_progress: OnCount | None = None) -> Entities:
    """The entities of each text, in its order, put together as `aggregate.found` says; white space at their
    ends is left out. A long text is read in overlapping windows; each of its tokens takes its scores from the
    window that shows most on both sides of it, and only then are entities made, over the whole text: none is
    lost or doubled at a seam. Each distinct text is read once; `on_progress` counts texts.

    Raises `InvalidOption` for a type that the model does not know, and what running the model may raise."""
    known = model.config.get("id2label")
    kinds = {kind_of(name) for name in known.values() if name != "O"} if isinstance(known, Mapping) else set()
    wanted = _wanted(model.info.id, kinds, request.types)
    places: dict[str, list[int]] = {}
    for i, text in enumerate(request.texts):
        places.setdefault(text, []).append(i)
    each, texts = list(places.values()), list(places)
    encodings = await encodings_of(model, texts)
    words = _word_rule(model, request.aggregation)
    jobs: list[tuple[int, Place, Place]] = []  # owner, window, tokens that it speaks for
    inputs: list[Framed] = []
    frame = frame_of(model)
    room = model.max_tokens - frame.around_one
    for owner, encoding in enumerate(encodings):
        windows = sliding(len(encoding.ids), room, min(OVERLAP, room // 2))
        for window, own in zip(windows, owned(windows), strict=True):
            if own[0] < own[1]:
                jobs.append((owner, window, own))
                inputs.append(frame.single(encoding.ids[window[0] : window[1]]))
    missing = np.bincount([owner for owner, _, _ in jobs], minlength=len(texts))
    rows: list[NDArray[np.float64] | None] = [None] * len(texts)
    results: list[tuple[Entity, ...]] = [()] * len(request.texts)
    done = sum(len(numbers) for numbers, left in zip(each, missing, strict=True) if not left)
    tell = on_progress or (lambda done, total: None)
    if done:
        tell(done, len(request.texts))

    def finished(number: int, outputs: Outputs) -> None:
        nonlocal done
        owner, (first, _), (begin, end) = jobs[number]
        logits = outputs["logits"][0][inputs[number].a :]
        made = rows[owner]
        if made is None:
            made = rows[owner] = np.zeros((len(encodings[owner].ids), logits.shape[1]), np.float64)
        made[begin:end] = scores(logits[begin - first : end - first], "softmax")
        missing[owner] -= 1
        if missing[owner]:
            return
        names = [label_of(model.config, i) for i in range(made.shape[1])]
        rule = words(texts[owner], encodings[owner])
        pieces = found(made, encodings[owner].offsets, names, request.aggregation, rule)
        if wanted is not None:
            pieces = [piece for piece in pieces if kind_of(piece.label) in wanted]
        for i in each[owner]:
            results[i] = tuple(_entities(request.originals[i], pieces))
        rows[owner] = None
        done += len(each[owner])
        tell(done, len(request.texts))

    tokens = await run_longest_first(model, inputs, ["logits"], finished)
    usage = Usage(tokens, len(request.texts), len(request.texts) - len(texts))
    return Entities(tuple(results), usage, model.used)


async def far(cloud: Cloud, alias: str, request: Request) -> Entities:
    """What a far model finds, each with its place: the next one in the text where it stands as a word of its
    own. What does not stand in the text, and what is of a type that was not asked for, is left out; entities
    are whole whatever the `aggregation`. Raises as `Cloud.stream`; `CloudFailed` when the answer is not what
    was asked for."""
    types = request.types or TYPES
    usage = Usage(0, 0, 0)
    results: list[tuple[Entity, ...]] = []
    for texts in batches(request.texts):
        answer, cost = await ask(cloud, alias, _FAR, {"types": list(types), "texts": texts})
        usage = added(usage, Usage(cost.tokens, len(texts), 0, cost.written))
        given = parsed(answer).get("results")
        if not isinstance(given, list) or len(given) != len(texts):
            raise unusable()
        for text, items in zip(texts, given, strict=True):
            if not isinstance(items, list):
                raise unusable()
            original = request.originals[len(results)]
            results.append(tuple(_entities(original, _found_again(text, items, types))))
    return Entities(tuple(results), usage, used(alias))


def _wanted(model: str, kinds: set[str], types: Sequence[str] | None) -> set[str] | None:
    """The model's types that are asked for, by their names in any case; None: all."""
    if types is None:
        return None
    known = {kind.upper(): kind for kind in kinds}
    named = {one: known.get(one.upper()) or known.get(_SAME.get(one.upper(), "")) for one in types}
    strange = [one for one, kind in named.items() if kind is None]
    if strange:
        raise InvalidOption(
            f"{model} does not find {strange[0]!r:.60}.", hint=f"It finds {', '.join(sorted(kinds)[:30])}."
        )
    return {kind for kind in named.values() if kind is not None}


def _word_rule(model: OpenModel, strategy: Strategy) -> Callable[[str, Encoding], Callable[[int], bool]]:
    """Makes for a text the rule which of its tokens go on with the word of the one before: those with the
    prefix of such tokens ("##") where the tokenizer has one, else those without white space before them."""
    prefix = _PREFIX.search(model.files.get("tokenizer.json", ""))
    mark = json.loads(prefix.group(1)) if prefix is not None else ""
    if strategy in ("none", "simple") or not mark:
        return lambda text, encoding: lambda i: _no_space(text, int(encoding.offsets[i, 0]))
    tokens = model.tokenizer.vocabulary()
    inside = {id for id, token in enumerate(tokens) if token is not None and token.startswith(mark)}
    return lambda text, encoding: lambda i: int(encoding.ids[i]) in inside


def _no_space(text: str, start: int) -> bool:
    return start > 0 and not any(sign.isspace() for sign in text[start - 1 : start + 1])


def _entities(original: str, pieces: Sequence[Found]) -> Iterator[Entity]:
    for piece in pieces:
        text = original[piece.start : piece.end]
        start = piece.start + len(text) - len(text.lstrip())
        end = start + len(text.strip())
        if start < end:
            yield Entity(original[start:end], piece.label, start, end, piece.score)


def _found_again(text: str, items: Sequence[Any], types: Sequence[str]) -> list[Found]:
    known = {one.upper(): one for one in types}
    after: dict[str, int] = {}  # where the last one of the same text ends
    inside: set[str] = set()  # those that are no words of their own from there on
    taken: list[tuple[int, int]] = []  # in order
    made: list[Found] = []
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("text"), str):
            raise unusable()
        if not isinstance(item.get("type"), str):
            raise unusable()
        name, kind, score = (
            item["text"].strip(),
            known.get(item["type"].upper()),
            share(item.get("confidence")),
        )
        if not name or kind is None:
            continue
        start = _place(text, name, after.get(name, 0), taken, inside)
        if start >= 0:
            after[name] = start + len(name)
            insort(taken, (start, start + len(name)))
            made.append(Found(kind, score, start, start + len(name)))
    return sorted(made, key=lambda one: (one.start, one.end))


def _place(text: str, name: str, after: int, taken: Sequence[tuple[int, int]], inside: set[str]) -> int:
    """Where `name` stands from `after` on: as a word of its own, best where nothing was found yet ("York"
    after "New York" is the next one), else inside another word; -1: nowhere."""
    first = start = text.find(name, after)
    whole = -1
    while start >= 0 and name not in inside:
        end = start + len(name)
        if not (_joined(text, start) or _joined(text, end)):
            at = bisect_left(taken, (end,))
            if not at or taken[at - 1][1] <= start:
                return start
            whole = start if whole < 0 else whole
        start = text.find(name, start + 1)
    if whole < 0:
        inside.add(name)
    return first if whole < 0 else whole


def _joined(text: str, place: int) -> bool:
    """Whether a word goes on over this place."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
