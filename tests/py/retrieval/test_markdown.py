"""Markdown sections: each begins with its heading, and what only looks like a heading is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.retrieval.markdown import sections


def pieces(text):
    return [text[span.start : span.end] for span in sections(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("no heading\n\nat all", ["no heading\n\nat all"]),
        ("# A\nx\n# B\ny", ["# A\nx\n", "# B\ny"]),
        ("intro\n\n# A\nx\n", ["intro\n\n", "# A\nx\n"]),
        ("# A\n\n## B\n\nx\n\n## C\ny", ["# A\n\n## B\n\nx\n\n", "## C\ny"]),
        ("A\n===\nx\n\nB\n---\ny", ["A\n===\nx\n\n", "B\n---\ny"]),
        ("x\r\n\r\n## B\r\ny\r\n", ["x\r\n\r\n", "## B\r\ny\r\n"]),
        ("x\n######\ny", ["x\n", "######\ny"]),
        ("x\n   ## B\ny", ["x\n", "   ## B\ny"]),
    ],
)
def test_sections(text, expected):
    assert pieces(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "x\n\n```\n# a comment\n```\ny",
        "x\n\n~~~~\n# a\n~~~\n# b\n~~~~\ny",
        "x\n\n```python\n# never closed\n",
        "x\n    # indented code\ny",
        "x\n#hashtag\ny",
        "x\n####### seven\ny",
        "---\ntitle: x\n---\ny",
        "a paragraph\nof two lines\n---\ny",
        "x\n\n---\n\ny",
        "x\n\n`` `inline # ` ``\ny",
        "| a | b |\n|---|---|\n| 1 | 2 |",
    ],
)
def test_what_is_no_heading(text):
    assert pieces(text) == [text]


def test_a_fence_ends_and_headings_count_again():
    assert len(sections("x\n```\n# no\n```\n# yes\ny")) == 2
    assert len(sections("x\n``` `not a fence` ```\n# yes\ny")) == 2


@given(st.text(st.sampled_from("# -=`~\n\rab\t"), max_size=60))
def test_the_sections_are_the_text(text):
    made = sections(text)
    assert "".join(text[span.start : span.end] for span in made) == text
    assert all(span.start < span.end for span in made) or not text
