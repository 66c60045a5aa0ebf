"""Cutting texts: nothing lost, nothing too long, at good borders, with few calls of the tokenizer."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.retrieval.chunking import cut, cutting


def words(texts):
    """A tokenizer whose tokens are words and signs."""
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


def letters(texts):
    """A tokenizer whose tokens are the characters that are no white space."""
    return [len(re.sub(r"\s", "", text)) for text in texts]


def pieces(text, limit, count=words):
    return [text[span.start : span.end] for span in cut([text], limit, count)[0]]


def test_a_short_text_is_one_piece_and_a_blank_one_none():
    assert pieces("Two words.", 10) == ["Two words."]
    assert pieces("  Two words.\n", 10) == ["Two words."]
    assert pieces("", 10) == pieces(" \n\t ", 10) == pieces(" " * 50_000, 10) == []


def test_sentences_stay_whole_where_they_can():
    text = "One two three. Four five six! Seven eight nine? Ten eleven twelve."
    assert pieces(text, 8) == ["One two three. Four five six!", "Seven eight nine? Ten eleven twelve."]


def test_pieces_are_of_equal_length_rather_than_one_full_and_a_rest():
    text = " ".join(f"w{i}" for i in range(110))
    assert [words([piece])[0] for piece in pieces(text, 100)] == [60, 50]  # in groups of 12 words


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Dr. No said: “Stop!” Then he left the room quickly.", "Dr. No said: “Stop!”"),
        ("First line here now\nSecond line here now", "First line here now"),
        ("你好世界。再见世界。", "你好世界。"),
        ("これは猫です！「犬です。」と言う。", "これは猫です！"),
        ("यह पहला वाक्य है। यह दूसरा वाक्य है।", "यह पहला वाक्य है।"),
        ("هذا سؤال؟ هذا جواب طويل", "هذا سؤال؟"),
    ],
)
def test_borders_of_sentences_in_many_scripts(text, first):
    limit = max(letters([text])[0] * 2 // 3, letters([first])[0])
    assert pieces(text, limit, letters)[0] == first


def test_a_sentence_that_is_too_long_is_cut_between_words():
    text = "alpha beta gamma delta epsilon zeta"
    made = pieces(text, 3)
    assert made == ["alpha beta gamma", "delta epsilon zeta"]


def test_a_word_that_is_too_long_is_cut_between_characters():
    made = pieces("x" * 100, 30, letters)
    assert "".join(made) == "x" * 100
    assert max(map(len, made)) <= 30
    assert len(made) == 4


@pytest.mark.parametrize(
    "cluster",
    [
        "e\u0301",  # an accent of its own
        "👍🏽",  # a skin tone
        "👨‍👩‍👧‍👦",  # joined people
        "🇩🇪",  # two letters make a flag
        "❤️",  # a variation selector
        "한",  # Hangul letters that make one syllable
        "षि",  # a vowel sign
    ],
)
def test_what_is_one_character_to_a_reader_is_not_cut(cluster):
    made = pieces(cluster * 40, 25, letters)
    assert len(made) > 1
    assert "".join(made) == cluster * 40
    assert all(piece == cluster * (len(piece) // len(cluster)) for piece in made)


def test_a_piece_that_would_be_a_little_too_long_is_not_made():
    assert pieces("abc " * 8, 8, letters) == ["abc abc"] * 4


def test_even_one_character_is_cut_when_it_must_be():
    text = "a" + "\u0301" * 50
    made = pieces(text, 10, letters)
    assert "".join(made) == text
    assert max(map(len, made)) <= 10


def test_a_token_that_cannot_be_cut_stays():
    assert pieces("ab", 3, lambda texts: [5 * len(text) for text in texts]) == ["a", "b"]


def test_many_texts_take_one_call_for_each_kind_of_border():
    calls = []

    def count(texts):
        calls.append(len(texts))
        return words(texts)

    cut(["short"] * 50, 10, count)
    assert calls == [50]
    calls.clear()
    cut(["short", "One two three. Four five six. " * 5, "no stop " * 20] * 20, 10, count)
    assert len(calls) == 3  # whole texts, sentences, words
    calls.clear()
    cut(["One two three. " * 5_000], 10, count)
    assert calls == [5_000]  # a book is not counted as a whole


def test_much_text_is_counted_a_part_at_a_time():
    sizes = []

    def count(texts):
        sizes.append(sum(map(len, texts)))
        return words(texts)

    text = "One two three. " * 50_000
    steps = list(cutting([text], 100, count))
    assert len(steps) == len(sizes) > 5
    assert max(sizes) <= 110_000
    assert cut([text], 100, words) == cut([text], 100, count)


def test_a_very_long_word_that_is_one_token_stays_whole():
    text = "x" * 100_000
    assert pieces(text + " and more", 2) == [text + " and", "more"]


@given(st.text(st.sampled_from("ab .!?\n。é😀\u0301\u200d🇩🇪"), max_size=200), st.integers(1, 40))
def test_nothing_is_lost_and_nothing_is_too_long(text, limit):
    spans = cut([text], limit, letters)[0]
    end = 0
    for span in spans:
        assert text[end : span.start].strip() == ""
        piece = text[span.start : span.end]
        assert piece == piece.strip() != ""
        assert letters([piece])[0] <= limit
        end = span.end
    assert text[end:].strip() == ""


@given(st.lists(st.text("ab .", max_size=60), max_size=5), st.integers(1, 10))
def test_a_text_is_cut_the_same_way_alone_and_among_others(texts, limit):
    assert cut(texts, limit, words) == [cut([text], limit, words)[0] for text in texts]
