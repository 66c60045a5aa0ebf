"""Thoughts and answers, told apart wherever the pieces' borders are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.generation.thinking import Thoughts, without_thoughts


def split(pieces, inside=False):
    made = Thoughts(inside=inside)
    parts = [part for piece in pieces for part in made.add(piece)] + made.end()
    thoughts = "".join(part.text for part in parts if part.thought)
    return thoughts, "".join(part.text for part in parts if not part.thought)


@given(st.integers(1, 7))
def test_any_borders_give_the_same(size):
    text = "<think>\nOne.\n\nTwo < three.\n</think>\n\nThe answer: <think> is a tag.\n"
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert split(pieces) == ("One.\n\nTwo < three.", "The answer: <think> is a tag.\n")
    assert split([piece for piece in pieces], inside=False) == split([text])


@pytest.mark.parametrize(
    ("text", "inside", "expected"),
    [
        ("No thoughts.", False, ("", "No thoughts.")),
        ("  spaces stay", False, ("", "  spaces stay")),
        ("", False, ("", "")),
        ("<thi", False, ("", "<thi")),
        ("<think>\n\n</think>\n\nyes", False, ("", "yes")),
        ("mid</think>end", True, ("mid", "end")),
        ("never ends\n", True, ("never ends", "")),
        ("<think>never ends</thi", False, ("never ends</thi", "")),
        ("late <think>x</think>", False, ("", "late <think>x</think>")),
    ],
)
def test_what_counts_as_a_thought(text, inside, expected):
    assert split([text], inside) == expected
    assert split(list(text), inside) == expected


def test_an_earlier_answer_loses_its_thoughts():
    assert without_thoughts("<think>\nhm\n</think>\n\nYes.") == "Yes."
    assert without_thoughts("Yes.") == "Yes."
