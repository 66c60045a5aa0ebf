"""Answers kept to a schema: whatever is chosen of what is allowed, it parses, it fits, and it ends."""

import asyncio
import gc
import json
import random
import re
import time
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

import nearside
from nearside.errors import InvalidOption, UnsupportedModel
from nearside.generation import turns
from nearside.generation.characters import quoted
from nearside.generation.constraint import Automaton, guide, wanted_format
from nearside.generation.pattern import NotSupported, parse
from nearside.generation.regular import Derivatives
from nearside.generation.schemas import of_schema
from nearside.generation.vocabulary import build, token_bytes, vocabulary_of

NAMES = ["qwen3", "llama", "llama_sp"]
PATTERNS = [
    r"^[A-Z]{2}-\d{3}$",
    r"^(yes|no)?$",
    r"^[^\s@]{1,5}@[a-z]+\.(com|org)$",
    r"^\w{0,4}[\"\\/]\S{1,2}$",
    r"^(é|ü{2,3})$",
    r"^.{2}$",
]
EVERYTHING = 5000  # tokens: more than any of the schemas below can take


@pytest.fixture(scope="session")
def vocabulary(tokenizer, architectures):
    """Return a function that gives a small model's vocabulary."""
    made = {}

    def load(name):
        if name not in made:
            text = (architectures / name / "tokenizer.json").read_text("utf-8")
            tokens = tokenizer(name).vocabulary()
            made[name] = build(token_bytes(tokens, text, name), len(tokens) + 5)
        return made[name]

    return load


def tokens_of(mask):
    return np.flatnonzero(np.unpackbits(mask, bitorder="little"))


def written(vocabulary, schema, chance, end=0):
    """Choose among the allowed tokens by chance until the end; the text and how many tokens it took."""
    one = guide(json.dumps(schema), vocabulary, frozenset([end]))
    made = []
    while not one.finished:
        assert len(made) < EVERYTHING
        allowed = tokens_of(one.allowed())
        assert allowed.size  # never a dead end
        token = int(chance.choice(allowed.tolist()))
        if token == end:
            break
        made.append(token)
        one.add(token)
    return b"".join(vocabulary.texts[token] for token in made).decode(), len(made)


def values():
    return st.one_of(st.none(), st.booleans(), st.integers(-99, 99), st.text(max_size=5), st.just(1.5))


def schemas(depth=2):
    """Any schema of those that are supported, with bounds."""
    small = st.integers(0, 3)
    strings = st.one_of(
        st.builds(
            lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more}, small, small
        ),
        st.builds(
            lambda pattern: {"type": "string", "pattern": pattern},
            st.sampled_from(PATTERNS),
        ),
        st.just({"type": "string", "format": "date"}),
    )
    simple = st.one_of(
        strings,
        st.sampled_from([{"type": kind} for kind in ("integer", "number", "boolean", "null")]),
        st.just({"type": ["integer", "null"], "title": "nullable"}),
        st.builds(lambda items: {"enum": items}, st.lists(values(), min_size=1, max_size=4)),
        st.builds(lambda value: {"const": value}, values()),
        st.just({"$ref": "#/$defs/one"}),
    )
    if depth == 0:
        return simple
    inner = schemas(depth - 1)
    arrays = st.builds(
        lambda items, low, more: {"type": "array", "items": items, "minItems": low, "maxItems": low + more},
        inner,
        small,
        small,
    )

    def objects(properties, bits):
        required = [name for name, bit in zip(properties, bits, strict=False) if bit]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    texts = st.text(max_size=4)
    made = st.builds(objects, st.dictionaries(texts, inner, max_size=4), st.lists(st.booleans(), max_size=4))
    choices = st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=3))
    return st.one_of(simple, arrays, made, choices)


@pytest.mark.parametrize("name", NAMES)
@given(schema=schemas(), seed=st.integers(0, 2**32))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_allowed_fits_the_schema(vocabulary, name, schema, seed):
    schema = {"$defs": {"one": {"enum": ["a", 1]}}, **schema}
    text, count = written(vocabulary(name), schema, random.Random(seed))
    Draft202012Validator(schema, format_checker=FormatChecker(["date"])).validate(json.loads(text))
    assert count <= len(text.encode())


@pytest.mark.parametrize("name", NAMES)
def test_masks_are_what_trying_each_token_gives(vocabulary, name):
    one = vocabulary(name)
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "maxLength": 40}, "b": {"type": "number"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    automaton = Automaton(of_schema(schema), one)
    chance, state = random.Random(1), 0
    for _ in range(60):
        allowed = tokens_of(automaton.allowed(state))
        tried = [id for id, text in enumerate(one.texts) if text and automaton.after(state, text) >= 0]
        assert allowed.tolist() == tried
        if automaton.finished(state):
            state = 0
            continue
        state = automaton.after(state, one.texts[int(chance.choice(tried))])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["json_object", "json_schema"])
async def test_models_with_random_weights_write_what_fits(arch_models, name, kind):
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 6},
            "size": {"enum": ["small", "large"]},
            "tags": {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
        },
        "required": ["name", "size"],
        "additionalProperties": False,
    }
    wanted = {"type": kind}
    if kind == "json_schema":
        wanted["json_schema"] = {"name": "thing", "schema": schema}
    ended = 0
    async with nearside.connect([arch_models], dtype="fp32") as client:
        for seed in range(6):
            made = await client.chat.completions.create(
                [{"role": "user", "content": "A thing."}],
                model=f"arch/{name}",
                parameters={"temperature": 1.5, "seed": seed, "response_format": wanted},
            )
            choice = made["choices"][0]
            if choice["finish_reason"] == "length" and kind == "json_object":
                continue  # a free text may go on until the window is full
            value = json.loads(choice["message"]["content"])
            assert isinstance(value, dict)
            if kind == "json_schema":
                Draft202012Validator(schema).validate(value)
            ended += 1
    assert ended == 6 or (kind == "json_object" and ended)


@pytest.mark.parametrize("pattern", PATTERNS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_pattern_is_found_in_what_it_allows(vocabulary, pattern, seed):
    text, _ = written(vocabulary("qwen3"), {"type": "string", "pattern": pattern}, random.Random(seed))
    assert re.search(pattern, json.loads(text))


def fits(language, text):
    steps = Derivatives()
    for byte in text.encode():
        language = next((after for members, after in steps.row(language) if members >> byte & 1), None)
        if language is None:
            return False
    return language.empty


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"^a+b?$", ["a", "aab"], ["", "b", "abb"]),
        (r"b", ["abc", "b"], ["ac", ""]),
        (r"^(?:ab|c){2,3}$", ["abab", "cc", "abcab"], ["ab", "cccc"]),
        (r"^[^a-c\d]$", ["d", "-"], ["a", "5", "dd"]),
        (r"^\u00e9\x41\.\$$", ["éA.$"], ["eA.$"]),
        (r"^[\]\-x]$", ["]", "-", "x"], ["\\"]),
        (r"^a|b$", ["a!", "!b"], ["!", "ba"]),
    ],
)
def test_patterns_are_read_as_others_read_them(pattern, yes, no):
    language = parse(pattern, quoted)
    for text in [*yes, *no]:
        assert (re.search(pattern, text) is not None) == (text in yes)
        assert fits(language, json.dumps(text, ensure_ascii=False)[1:-1]) == (text in yes)


@pytest.mark.parametrize("pattern", [r"(?=a)", r"\bx", r"(a)\1", "(", "[a", "a{2000}", "a^b", "*", "[z-a]"])
def test_patterns_that_are_not_understood_are_refused(pattern):
    with pytest.raises(NotSupported):
        parse(pattern, quoted)


@pytest.mark.parametrize(
    ("schema", "word"),
    [
        ({"type": "integer", "minimum": 3}, "minimum"),
        ({"type": "array", "uniqueItems": True}, "uniqueItems"),
        ({"type": "object", "patternProperties": {}}, "patternProperties"),
        ({"type": "object", "additionalProperties": {"type": "null"}}, "additionalProperties"),
        ({"allOf": [{"type": "string"}]}, "allOf"),
        ({"type": "string", "format": "email"}, "format"),
        ({"type": "string", "pattern": "a", "maxLength": 3}, "pattern"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}, "ref"),
        ({"$ref": "https://example.org/x"}, "ref"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "oneOf"),
        ({"enum": [1], "minLength": 3}, "minLength"),
        ({"type": "thing"}, "thing"),
        ({"type": "array", "maxItems": -1}, "maxItems"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "maxLength"),
        ({"enum": []}, "enum"),
        ([], "schema"),
    ],
)
def test_what_cannot_be_kept_to_is_named(schema, word):
    with pytest.raises(InvalidOption, match=word):
        of_schema(schema)


def nested(depth):
    schema = {"type": "null"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema, "maxItems": 1}
    return schema


def doubling(depth):
    """A schema of a few lines with 2 ** depth values."""
    parts = {}
    for number in range(depth):
        part = {"$ref": f"#/$defs/{number + 1}"}
        parts[str(number)] = {
            "type": "object",
            "properties": {"a": part, "b": part},
            "required": ["a", "b"],
            "additionalProperties": False,
        }
    parts[str(depth)] = {"type": "null"}
    return {"$ref": "#/$defs/0", "$defs": parts}


@pytest.mark.parametrize("schema", [nested(900), doubling(40)])
def test_a_schema_that_nobody_could_wait_for_is_refused(vocabulary, schema):
    with pytest.raises(InvalidOption, match="too large"):
        guide(json.dumps(schema), vocabulary("qwen3"), frozenset())


def test_large_schemas_are_no_hindrance(vocabulary):
    names = [f"a_property_of_number_{number:03}" for number in range(60)]
    thing = {
        "type": "object",
        "properties": {name: {"type": "null"} for name in names},
        "required": names,
        "additionalProperties": False,
    }
    for schema in ({"type": "array", "items": thing, "minItems": 1, "maxItems": 1}, doubling(8)):
        text, _ = written(vocabulary("qwen3"), schema, random.Random(1))
        Draft202012Validator(schema).validate(json.loads(text))
    long = {"enum": ["word " * 600]}
    assert json.loads(written(vocabulary("qwen3"), long, random.Random(1))[0]) == long["enum"][0]


def test_automata_go_with_their_vocabulary(tokenizer, architectures):
    text = (architectures / "llama" / "tokenizer.json").read_text("utf-8")
    one = build(token_bytes(tokenizer("llama").vocabulary(), text, "llama"), 400)
    for number in range(20):
        guide(json.dumps({"const": number}), one, frozenset()).allowed()
    assert len(one.automata) == 8
    first = one.automata[json.dumps({"const": 12})]
    guide(json.dumps({"const": 12}), one, frozenset())
    assert list(one.automata.values())[-1] is first  # it was used last
    gone = weakref.ref(first)
    del one, first
    gc.collect()
    assert gone() is None


async def test_others_have_their_turns_while_a_vocabulary_is_read(monkeypatch):
    chance = random.Random(0)
    words = {"".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(60_000)}
    tokens = [*('ĠĊ"{}[]:,.-_+=!?0123456789abcdefghijklmnopqrstuvwxyz'), *sorted(words)]
    parts = '{"added_tokens": [], "decoder": {"type": "ByteLevel"}}'
    lane, lag = _Lane(), []

    async def watch():
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            lag.append(time.perf_counter() - before)

    watching = asyncio.create_task(watch())
    model = SimpleNamespace(
        tokenizer=SimpleNamespace(vocabulary=lambda: tokens),
        config={},
        files={"tokenizer.json": parts},
        info=SimpleNamespace(id="org/large"),
        lane=lane,
    )
    one = await vocabulary_of(model)
    made = len(lag)
    assert made > 5
    held, free = (guide("", one, frozenset()) for one in (one, build(one.texts, one.size)))
    for token in (tokens.index("{"), tokens.index('"')):
        held.add(token)
        free.add(token)
    monkeypatch.setattr(turns, "TURN", 0.0005)
    await held.ready()
    assert len(lag) > made + 3
    started = time.perf_counter()
    mask = held.allowed()
    assert time.perf_counter() - started < 0.005  # it is there
    watching.cancel()
    assert tokens_of(mask).tolist() == tokens_of(free.allowed()).tolist()
    assert max(lag) < 1
    assert await vocabulary_of(model) is one


class _Lane:
    """Something that can be referred to weakly."""


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "string", "maxLength": 2}, {"type": "integer"}, {"type": "null"}]},
        {"oneOf": [{"const": 1}, {"enum": ["1", 2]}, {"type": "boolean"}]},
        {
            "oneOf": [
                {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]}
                for kind in ("a", "b")
            ]
        },
    ],
)
def test_one_of_needs_parts_that_exclude_each_other(vocabulary, schema):
    for seed in range(20):
        text, _ = written(vocabulary("llama"), schema, random.Random(seed))
        Draft202012Validator(schema).validate(json.loads(text))


def test_a_vocabulary_without_the_letters_is_refused():
    small = build([b"", b"{", b"}", b"12", b"1"], 8)
    with pytest.raises(UnsupportedModel):
        Automaton(of_schema({"type": "string"}), small)
    number = Automaton(of_schema({"type": "integer"}), small)
    assert tokens_of(number.allowed(0)).tolist() == [4]  # 2 has no token of its own: 12 could be a dead end


@pytest.mark.parametrize(
    "value",
    ["json", {"type": "xml"}, {}, {"type": "json_schema"}, {"type": "json_schema", "json_schema": {}}],
)
def test_what_is_no_format_is_refused(value):
    with pytest.raises(InvalidOption, match="response_format"):
        wanted_format(value)


def test_text_is_no_constraint():
    assert wanted_format(None) is None
    assert wanted_format({"type": "text"}) is None


async def test_a_format_is_not_thought_about(arch_models):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        with pytest.raises(InvalidOption, match="thinking"):
            await client.generate(
                "x",
                model="arch/qwen3",
                parameters={"thinking": True, "response_format": {"type": "json_object"}},
            )


@pytest.mark.parametrize(
    ("name", "token", "data"),
    [
        ("qwen3", "Ġ", b" "),
        ("qwen3", "Ċ", b"\n"),
        ("qwen3", "<|im_end|>", b""),
        ("qwen3", "<think>", b""),
        ("llama_sp", "<0x0A>", b"\n"),
        ("llama_sp", "▁the", b" the"),
        ("llama_sp", "</s>", b""),
        ("t5", "▁", b" "),
        ("bert_ner", "[CLS]", b""),
        ("bert_ner", "##s", b"s"),
        ("bert_ner", "a", b" a"),
    ],
)
def test_what_tokens_write(tokenizer, architectures, name, token, data):
    text = (architectures / name / "tokenizer.json").read_text("utf-8")
    made = tokenizer(name)
    id = made.id_of(token)
    assert id is not None
    assert token_bytes(made.vocabulary(), text, name)[id] == data
