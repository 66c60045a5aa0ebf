"""Tokens to text while they come: the pieces are the whole, and no character comes in halves."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nearside.generation.stream import TextStream

KINDS = [
    "qwen3",
    "llama",
    "llama_sp",
    "marian",
    "t5",
    "m2m100",
    "moonshine",
    "whisper",
    "bart_summ",
    "bert_ner",
]


def pieces(tokenizer, ids):
    stream = TextStream(tokenizer)
    return [*(stream.add(int(id)) for id in ids), stream.end()]


@pytest.mark.parametrize("name", KINDS)
@given(numbers=st.lists(st.integers(0, 2**16), max_size=40))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pieces_of_any_tokens_are_the_whole_text(tokenizer, name, numbers):
    made = tokenizer(name)
    size = len(made.vocabulary())
    ids = [number % size for number in numbers]
    assert "".join(pieces(made, ids)) == made.decode(ids)


@pytest.mark.parametrize("name", KINDS)
@given(text=st.text(max_size=40))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pieces_of_any_text_are_the_whole_text(tokenizer, name, text):
    made = tokenizer(name)
    ids = made.encode([text], special=False)[0]
    got = pieces(made, ids)
    assert "".join(got) == made.decode(ids)
    if name in ("qwen3", "llama", "llama_sp", "moonshine") and "\ufffd" not in text:
        assert not any("\ufffd" in piece for piece in got)  # every byte has a token: nothing is unknown


def test_a_character_comes_with_its_last_byte(tokenizer):
    made = tokenizer("qwen3")
    ids = made.encode(["a🚀b"], special=False)[0]
    assert [piece for piece in pieces(made, ids) if piece] == ["a", "🚀", "b"]
    assert len(ids) > 3


def test_words_come_as_they_are_written(tokenizer):
    made = tokenizer("llama_sp")
    ids = made.encode(["The library opens"], special=False)[0]
    got = pieces(made, ids)
    assert got[0]  # the first token is shown at once
    assert "".join(got) == "The library opens"


def test_special_tokens_are_hidden(tokenizer):
    made = tokenizer("qwen3")
    end = made.id_of("<|im_end|>")
    ids = [*made.encode(["one"], special=False)[0], end, *made.encode([" two"], special=False)[0], end]
    assert "".join(pieces(made, ids)) == "one two"
