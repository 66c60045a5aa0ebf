"""Answers that have to fit a JSON schema: which tokens may come next."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nearside.errors import InvalidOption, UnsupportedModel
from nearside.generation.regular import EMPTY, NEVER, Derivatives, Expression, clipped, over
from nearside.generation.schemas import any_object, of_schema, too_large
from nearside.generation.turns import Work, at_once, in_turns
from nearside.generation.vocabulary import LONGEST, Level, Vocabulary

_DEAD = -1
_FORMATS = ("text", "json_object", "json_schema")
_KEPT = 8


def wanted_format(value: object) -> str | None:
    """What `response_format` asks for, as text: None, or the schema as JSON ("" for any object). Raises
    `InvalidOption` for what is none of OpenAI's three shapes."""
    if value is None:
        return None
    kind = value.get("type") if isinstance(value, Mapping) else None
    if kind not in _FORMATS:
        raise InvalidOption(
            f"response_format is {value!r:.60}.", hint=f"Its type is one of: {', '.join(_FORMATS)}."
        )
    assert isinstance(value, Mapping)  # noqa: S101 (else it has no type)
    if kind == "text":
        return None
    if kind == "json_object":
        return ""
    named = value.get("json_schema")
    if not isinstance(named, Mapping) or "schema" not in named:
        raise InvalidOption(
            "response_format has no schema.",
            hint='Give {"type": "json_schema", "json_schema": {"name": "...", "schema": {...}}}.',
        )
    try:
        return json.dumps(named["schema"])
    except (TypeError, ValueError, RecursionError):
        raise InvalidOption("The schema in response_format is no JSON.") from None


class Automaton:
    """The texts that one vocabulary can write in one language, as numbered states; state 0 is the beginning.
    Rows and masks are made when they are asked for first, and kept.

    Raises `UnsupportedModel` when the vocabulary cannot write any of them."""

    def __init__(self, language: Expression, vocabulary: Vocabulary) -> None:
        # Only bytes with a token of their own: then every state can be completed, byte by byte if need be.
        self._vocabulary = vocabulary
        start = over(language, vocabulary.alphabet)
        if start is NEVER:
            raise UnsupportedModel("This model has no tokens to write such an answer with.")
        self._derivatives = Derivatives()
        self._states: list[Expression] = []
        self._numbers: dict[Expression, int] = {}
        self._table = np.full((64, 256), _DEAD, np.int32)
        self._filled = np.zeros(64, np.bool_)
        self._masks: dict[Expression, NDArray[np.uint8]] = {}
        self._of_state: dict[int, NDArray[np.uint8]] = {}
        self._number(start)

    def after(self, state: int, data: bytes) -> int:
        """The state after some bytes, -1 when they do not fit."""
        for byte in data:
            if state == _DEAD:
                break
            self._fill(state)
            state = int(self._table[state, byte])
        return state

    def complete(self, state: int) -> bool:
        """Whether the text may end here."""
        return self._states[state].empty

    def finished(self, state: int) -> bool:
        """Whether it must."""
        return self._states[state] is EMPTY

    def allowed(self, state: int) -> NDArray[np.uint8]:
        """The tokens that may come next, ends not among them, as `Best.allowed`; not to be written to."""
        known = self._of_state.get(state)
        return at_once(self.find(state)) if known is None else known

    def find(self, state: int) -> Work[NDArray[np.uint8]]:
        """`allowed` as work that others can have their turns in."""
        # Far ends of repetitions make no difference to a token: one mask serves all of them.
        near = clipped(self._states[state], LONGEST)
        mask = self._masks.get(near)
        if mask is None:
            bits = np.zeros(self._vocabulary.size, np.bool_)
            bits[(yield from self._reached(self._number(near)))] = True
            mask = np.packbits(bits, bitorder="little")
            mask.flags.writeable = False
            self._masks[near] = mask
        self._of_state[state] = mask
        return mask

    def _reached(self, state: int) -> Work[NDArray[np.int64]]:
        """The ids of the tokens whose bytes fit: level by level, and only below the nodes that do."""
        found = []
        levels = self._vocabulary.levels
        nodes = np.arange(levels[0].bytes.size) if levels else np.zeros(0, np.int64)
        states = np.full(nodes.size, state, np.int32)
        for level in levels:
            if not nodes.size:
                break
            for one in np.flatnonzero(np.bincount(states)).tolist():
                self._fill(one)
                yield
            states = self._table[states, level.bytes[nodes]]
            yield
            alive = states != _DEAD
            nodes, states = nodes[alive], states[alive]
            here = np.zeros(level.bytes.size, np.bool_)
            here[nodes] = True
            found.append(level.tokens[here[level.ends]])
            yield
            nodes, states = _children(level, nodes, states)
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def _number(self, state: Expression) -> int:
        number = self._numbers.get(state)
        if number is None:
            number = self._numbers[state] = len(self._states)
            self._states.append(state)
            if number >= len(self._table):
                self._table = np.concatenate([self._table, np.full_like(self._table, _DEAD)])
                self._filled = np.concatenate([self._filled, np.zeros_like(self._filled)])
        return number

    def _fill(self, state: int) -> None:
        """Make the row of a state."""
        if self._filled[state]:
            return
        for members, after in self._derivatives.row(self._states[state]):
            number = self._number(after)
            data = np.frombuffer(members.to_bytes(32, "little"), np.uint8)
            self._table[state, np.unpackbits(data, bitorder="little").view(np.bool_)] = number
        self._filled[state] = True


def _children(
    level: Level, nodes: NDArray[np.int64], states: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The nodes below some of a level, each with its parent's state."""
    start, end = level.first[nodes], level.first[nodes + 1]
    counts = end - start
    total = int(counts.sum())
    # 0, 1, 2, ... within each parent's children, from where they begin.
    offsets = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(start, counts) + offsets, np.repeat(states, counts)


class Guide:
    """The way of one answer through an automaton. `ends` are the ids that may end it."""

    def __init__(self, automaton: Automaton, vocabulary: Vocabulary, ends: frozenset[int]) -> None:
        self._automaton = automaton
        self._vocabulary = vocabulary
        self._ends = np.asarray(sorted(end for end in ends if end < vocabulary.size), np.int64)
        self._state = 0

    @property
    def finished(self) -> bool:
        """Whether nothing more may come."""
        return self._automaton.finished(self._state)

    def allowed(self) -> NDArray[np.uint8]:
        """The tokens that may come next, as `Best.allowed`: an end only where the text is complete."""
        mask = self._automaton.allowed(self._state)
        if self._automaton.complete(self._state) and self._ends.size:
            mask = mask.copy()
            np.bitwise_or.at(mask, self._ends >> 3, np.left_shift(1, self._ends & 7).astype(np.uint8))
        return mask

    async def ready(self) -> None:
        """Find what `allowed` is asked for next; others have their turns meanwhile."""
        await in_turns(self._automaton.find(self._state))

    def add(self, token: int) -> None:
        """Go on after a token that was allowed."""
        self._state = self._automaton.after(self._state, self._vocabulary.texts[token])


def guide(schema: str, vocabulary: Vocabulary, ends: frozenset[int]) -> Guide:
    """The guide for an answer in a format (see `wanted_format`). The automata of the last few formats are
    kept with the vocabulary. Raises `InvalidOption` for a schema that is not supported,
    `UnsupportedModel`."""
    automata: dict[str, Automaton] = vocabulary.automata
    made = automata.pop(schema, None)
    if made is None:
        try:
            made = Automaton(of_schema(json.loads(schema)) if schema else any_object(), vocabulary)
        except RecursionError:
            raise too_large() from None
        while len(automata) >= _KEPT:
            del automata[next(iter(automata))]
    automata[schema] = made  # the last one to go
    return Guide(made, vocabulary, ends)


def describe(schema: str) -> str:
    """What a model is told about the format, so that it means what it writes."""
    if not schema:
        return "Answer with one JSON object and nothing else."
    return f"Answer with JSON that fits this schema, and nothing else:\n{schema}"
