"""Which languages a translation model knows, and how it is told them: by nothing (a pair of its own), by a
token before the text (`>>fra<<`, OPUS-MT), by one that marks the source and one that begins the target
(M2M100, NLLB, mBART), or in words (T5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidOption
from nearside.generation.languages import language_of, match, normal
from nearside.generation.seq2seq import Settings, settings, task_parameters
from nearside.language import NAMES
from nearside.models.loaded import OpenModel

_MARKED = {
    "m2m_100": re.compile(r"__[a-z]{2,3}__|[a-z]{3}_[A-Z][a-z]{3}"),  # M2M100's own, NLLB's
    "mbart": re.compile(r"[a-z]{2}_[A-Z]{2}"),
}
_TARGET = re.compile(r">>[a-z]{2,3}(?:_\w+)?<<")
_PAIR_IN_NAME = re.compile(r"opus-mt-(?:tc-(?:big|base)-)?([^-]+)-([^-]+)$", re.IGNORECASE)
_TASK = re.compile(r"translation_([a-z]{2,3})_to_([a-z]{2,3})")


@dataclass(frozen=True, slots=True)
class Languages:
    """Codes ("en") that a model translates from and to; no `sources`: it does not say, or any."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a model translates. `sources` and `targets` are its own codes to the tokens' ids (None: no token
    is needed); no `sources`: from whatever it was trained on. `tasks`: the pairs that are asked for in words.
    `source_last`: the source's token comes after the text."""

    sources: Mapping[str, int | None] = field(default_factory=dict)
    targets: Mapping[str, int | None] = field(default_factory=dict)
    marks_source: bool = False
    source_last: bool = False
    tasks: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def languages(self) -> Languages:
        """The codes, in alphabetical order, each once."""
        return Languages(_sorted(self.sources), _sorted(self.targets))

    @property
    def only_source(self) -> str | None:
        """The source, where there is but one."""
        codes = self.languages.sources
        return codes[0] if len(codes) == 1 else None


@dataclass(frozen=True, slots=True)
class Direction:
    """One pair for one model: `prefix` goes before the text, `before` and `after` are ids around its own,
    in place of those in `marks`."""

    settings: Settings
    prefix: str = ""
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    marks: frozenset[int] = frozenset()

    def ids(self, model: OpenModel, text: str) -> NDArray[np.int64]:
        """What the encoder reads for the text: int64 [n]."""
        made = model.tokenizer.encode([self.prefix + text])[0]
        made = made[~np.isin(made, list(self.marks))] if self.marks else made
        return np.concatenate([np.asarray(self.before, np.int64), made, np.asarray(self.after, np.int64)])


_KNOWN: dict[str, Scheme] = {}
_MOST_KNOWN = 8


def scheme(model: OpenModel) -> Scheme:
    """What an open model of the kind "seq2seq" translates. Raises `UnsupportedModel` when that is nothing."""
    known = _KNOWN.get(model.key)
    if known is None:
        while len(_KNOWN) >= _MOST_KNOWN:
            del _KNOWN[next(iter(_KNOWN))]
        known = _KNOWN[model.key] = _scheme(model)
    return known


def direction(model: OpenModel, source: str, target: str) -> Direction:
    """How the model is told this pair. Raises `InvalidOption` for one that it does not translate; the hint
    says what it does."""
    known = scheme(model)
    if known.tasks:
        name = known.tasks.get((language_of(source), language_of(target)))
        if name is None:
            raise refused(model, source, target)
        return Direction(settings(model, name), str(task_parameters(model, name).get("prefix", "")))
    start, end = match(source, known.sources), match(target, known.targets)
    if (known.sources and start is None) or end is None:
        raise refused(model, source, target)
    given, id = settings(model), known.targets[end]
    if not known.marks_source:
        return Direction(given, before=() if id is None else (id,))
    marks = frozenset(mark for mark in known.targets.values() if mark is not None)
    mark = known.sources[start or ""]
    around = () if mark is None else (mark,)
    given = replace(given, start=id) if given.start in marks and id is not None else replace(given, first=id)
    if known.source_last:
        return Direction(given, after=around, marks=marks)
    return Direction(given, before=around, marks=marks)


def refused(model: OpenModel, source: str | None, target: str) -> InvalidOption:
    """The error for a pair that the model does not translate."""
    known = scheme(model)
    if known.tasks:
        can = "; ".join(f"{_name(one)} to {_name(other)}" for one, other in sorted(known.tasks))
    else:
        codes = known.languages
        start = ", ".join(map(_name, codes.sources)) if len(codes.sources) < 12 else "any of its languages"
        can = f"{f'from {start} ' if codes.sources else ''}to {', '.join(map(_name, codes.targets))}"
    pair = f"to {_name(target)}" if source is None else f"from {_name(source)} to {_name(target)}"
    return InvalidOption(
        f"{model.info.id} does not translate {pair}.",
        hint=f"It translates {can}. Choose another model for other languages.",
    )


def _name(code: str) -> str:
    name = NAMES.get(language_of(code))
    return f"{name} ({code})" if name else code


def _sorted(codes: Mapping[str, int | None]) -> tuple[str, ...]:
    return tuple(sorted({normal(_bare(code)) for code in codes}))


def _bare(token: str) -> str:
    """The code in a token."""
    return token.strip("_<>")


def _scheme(model: OpenModel) -> Scheme:
    kind = str(model.config.get("model_type", ""))
    if kind == "marian":
        return _marian(model)
    if kind in _MARKED:
        tokens = _tokens(model, _MARKED[kind])
        codes = {_bare(token): model.tokenizer.id_of(token) for token in tokens}
        codes = {code: id for code, id in codes.items() if id is not None}
        last = str(model.json("tokenizer_config.json").get("tokenizer_class", "")).startswith("MBartTok")
        if codes:
            return Scheme(codes, codes, marks_source=True, source_last=last)
    named = model.config.get("task_specific_params")
    found = [_TASK.fullmatch(name) for name in (named if isinstance(named, dict) else ())]
    tasks = {(hit[1], hit[2]): hit[0] for hit in found if hit is not None}
    if not tasks:
        raise model.refuse("translation")
    sources, targets = (dict.fromkeys(side) for side in zip(*tasks, strict=True))
    return Scheme(sources, targets, tasks=tasks)


def _tokens(model: OpenModel, pattern: re.Pattern[str]) -> list[str]:
    """The tokens for languages: where tokenizer_config.json does not list them, those of the vocabulary."""
    config = model.json("tokenizer_config.json")
    listed = config.get("additional_special_tokens")
    named = [token for token in (listed if isinstance(listed, list) else ()) if isinstance(token, str)]
    found = [token for token in named if pattern.fullmatch(token)]
    return found or [token for token in model.tokenizer.vocabulary() if token and pattern.fullmatch(token)]


def _marian(model: OpenModel) -> Scheme:
    """A pair from tokenizer_config.json or the model's name; the targets are the tokens where there are
    some, narrowed to the pair's where that names one language."""
    config = model.json("tokenizer_config.json")
    named = _PAIR_IN_NAME.search(model.info.id)
    start = config.get("source_lang") or (named[1] if named else "")
    end = config.get("target_lang") or (named[2] if named else "")
    sources: dict[str, int | None] = {code: None for code in _single(start)}
    tokens = {_bare(token): model.tokenizer.id_of(token) for token in _tokens(model, _TARGET)}
    ends = _single(end)
    marked = {code: id for code, id in tokens.items() if not ends or language_of(code) in ends}
    targets: Mapping[str, int | None] = marked or {code: None for code in ends}
    if not targets:
        raise model.refuse("translation between languages that its files name")
    return Scheme(sources, targets)


def _single(code: object) -> Sequence[str]:
    """The language that a code names, none where it names a group ("ROMANCE", "mul")."""
    if not isinstance(code, str):
        return ()
    short = language_of(code)
    return (short,) if short in NAMES or len(short) == 2 else ()
