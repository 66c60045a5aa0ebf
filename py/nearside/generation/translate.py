"""translate: a text in another language, sentence by sentence; what is between them stays as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nearside.errors import InvalidInput, InvalidOption
from nearside.generation import instructed, seq2seq
from nearside.generation.languages import is_code, language_of, normal
from nearside.generation.pairs import Direction, Languages, direction, scheme
from nearside.language import NAMES, detect
from nearside.models.loaded import OpenModel
from nearside.ports.cloud import Cloud
from nearside.retrieval.sentences import splitting
from nearside.tasks.asking import ask, parsed, unusable, used
from nearside.tasks.embed import checked_text, cut_politely
from nearside.types import OnCount, OnText, Span, Translation, Usage

_MARK = re.compile(r"(?:(?:[-*+•–>]|\#{1,6}|\(?\d{1,3}[.)])\s+)+(?=\S)")
_MARGIN = 4  # tokens by which a piece may be longer than it was counted
_UNSPACED = frozenset(("zh", "ja", "th", "lo", "km", "my", "bo"))

_FAR = """You translate. The JSON object has "text", "target" (a language) and perhaps "source" (the text's
language). Keep paragraphs, line breaks, names, numbers and markup as they are. Answer with nothing but JSON:
{"translation": "...", "source": "<ISO 639-1 code of the text's language>"}."""


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request: `text` well-formed for the tokenizer, `original` as the caller gave it; `source` and
    `target` as `languages.normal` has them."""

    text: str
    original: str
    source: str | None
    target: str


def checked(text: object, source: object, target: object) -> Request:
    """The request, or `InvalidInput` / `InvalidOption` that says what is wrong with it."""
    ready = checked_text(text, "text")
    if not ready.strip():
        raise InvalidInput("The text is empty.", hint="Give the text to translate.")
    wanted = _code(target, "target")
    return Request(ready, str(text), None if source is None else _code(source, "source"), wanted)


def _code(value: object, name: str) -> str:
    if not isinstance(value, str) or not is_code(value):
        raise InvalidOption(f"{name} is {value!r:.40}.", hint='Give a language code: "en", "fr", "zh-Hant".')
    return normal(value)


def languages(model: OpenModel) -> Languages:
    """What a model translates from and to. Raises `UnsupportedModel` for one that does not translate."""
    if model.kind == "generate":
        return Languages((), tuple(sorted(NAMES)))
    if model.kind != "seq2seq":
        raise model.refuse("translation")
    return scheme(model).languages


async def near(
    model: OpenModel,
    request: Request,
    on_progress: OnCount | None = None,
    on_text: OnText | None = None,
) -> Translation:
    """The translation; a text that is in the wanted language already comes back as it is. `on_progress`
    counts sentences; the pieces that `on_text` hears are together the text.

    Raises `InvalidOption` for a pair that the model does not translate (the hint lists what it does),
    `InvalidInput` when the text's language cannot be told, `UnsupportedModel`, and what `Lane.run` raises."""
    only = scheme(model).only_source if model.kind == "seq2seq" else None
    source = request.source or only or _told(request.text)
    tell, hear = on_progress or _silent, on_text or _unheard
    if source == request.target:
        tell(1, 1)
        hear(request.original)
        return Translation(request.original, source, request.target, Usage(0, 1, 0), model.used)
    if model.kind == "seq2seq":
        writer: _Trained | _Instructed = _Trained(model, direction(model, source, request.target))
    elif model.kind == "generate":
        writer = _Instructed(model, source, request.target)
    else:
        raise model.refuse("translation")
    spans = await pieces(model, request.text, writer.room, sentences=model.kind == "seq2seq")
    made: list[str] = []
    known: dict[str, str] = {}
    tokens = written = place = 0

    def say(text: str) -> None:
        made.append(text)
        if text:
            hear(text)

    for number, span in enumerate(spans):
        say(_gap(request.text[place : span.start], number, request.target))
        place = span.end
        piece = request.text[span.start : span.end]
        if piece in known or not any(map(str.isalpha, piece)):
            say(known.get(piece, piece))
        else:
            one = await writer.write(piece, say)
            known[piece] = one.text
            tokens, written = tokens + one.read, written + one.written
        tell(number + 1, len(spans))
    say(request.text[place:])
    if not spans:
        tell(1, 1)
    return Translation("".join(made), source, request.target, Usage(tokens, 1, 0, written), model.used)


def _told(text: str) -> str:
    """The language that the text itself tells."""
    found = detect(text).language
    if found is None:
        raise InvalidInput("The text's language cannot be told.", hint='Give it as source: "en".')
    return found


def _gap(gap: str, number: int, target: str) -> str:
    """What stands between two sentences; scripts without spaces have none to keep."""
    return " " if number and not gap and language_of(target) not in _UNSPACED else gap


def _silent(done: int, total: int) -> None:
    """Nobody wants to know."""


def _unheard(text: str) -> None:
    """Nobody listens."""


async def pieces(model: OpenModel, text: str, room: int, *, sentences: bool = True) -> list[Span]:
    """The places of what is translated at a time (code points, in order): sentences, long ones in parts of at
    most `room` tokens, without the marks of a list; or, for a model that reads more at a time, parts as long
    as there is room for. What is between them is white space and marks."""
    if not sentences:
        return (await cut_politely([text], room, model.tokenizer.count))[0]
    spans = [_unmarked(text, span) for span in splitting(text)]
    counts = model.tokenizer.count([text[span.start : span.end] for span in spans]) if spans else []
    long = [number for number, count in enumerate(counts) if count > room]
    cuts = await cut_politely(
        [text[spans[number].start : spans[number].end] for number in long], room, model.tokenizer.count
    )
    parts = dict(zip(long, cuts, strict=True))
    return [
        Span(span.start + part.start, span.start + part.end)
        for number, span in enumerate(spans)
        for part in parts.get(number, (Span(0, span.end - span.start),))
    ]


def _unmarked(text: str, span: Span) -> Span:
    mark = _MARK.match(text, span.start, span.end)
    return span if mark is None else Span(mark.end(), span.end)


class _Trained:
    """A model that was trained for translation."""

    def __init__(self, model: OpenModel, towards: Direction) -> None:
        self._model = model
        self._towards = towards
        self.room = max(model.max_tokens - towards.ids(model, "").size - _MARGIN, 1)

    async def write(self, text: str, on_text: OnText) -> seq2seq.Written:
        """One sentence."""
        ids = self._towards.ids(self._model, " ".join(text.split()))
        ids = seq2seq.fitted(ids, self._model.max_tokens)
        most = 3 * int(ids.size) + 50  # a model that got into a loop ends
        return await seq2seq.write(self._model, ids, self._towards.settings.at_most(most), on_text)


class _Instructed:
    """A model that follows instructions."""

    def __init__(self, model: OpenModel, source: str, target: str) -> None:
        self._model = model
        self._task = (
            f"Translate the text from {_english(source)} to {_english(target)}. Keep line breaks, names and "
            "numbers. Answer with the translation alone."
        )
        self.room = instructed.room(model)

    async def write(self, text: str, on_text: OnText) -> seq2seq.Written:
        """One part."""
        return await instructed.write(self._model, self._task, text, None, on_text)


def _english(code: str) -> str:
    name = NAMES.get(language_of(code), code)
    return f"{name} ({code})" if "-" in code else name


async def far(cloud: Cloud, alias: str, request: Request) -> Translation:
    """A far model's translation. Raises as `Cloud.stream`; `CloudFailed` when the answer is not what was
    asked for."""
    if request.source == request.target:
        return Translation(request.original, request.source, request.target, Usage(0, 1, 0), used(alias))
    data = {"text": request.text, "target": _english(request.target)}
    if request.source is not None:
        data["source"] = _english(request.source)
    text, usage = await ask(cloud, alias, _FAR, data)
    answer = parsed(text)
    made, told = answer.get("translation"), answer.get("source")
    if not isinstance(made, str) or not made.strip():
        raise unusable()
    source = normal(told) if isinstance(told, str) and is_code(told) else None
    return Translation(made, request.source or source, request.target, usage, used(alias))
