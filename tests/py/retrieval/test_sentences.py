"""Sentences: where they end and where they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.retrieval.sentences import prose, sentences


def cut(text):
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("Dr. Smith met J. K. Rowling.", 1),
        ("He lives in the U.S. The weather is fine.", 2),
        ("The U.S. Army came.", 1),
        ("It costs 3.5 dollars, e.g. for tea, i.e. little.", 1),
        ("No. 5 is best. I said no. We left.", 3),
        ("See Fig. 3. It shows more.", 2),
        ('She said "Stop!" and went. (He stayed.) So it is.', 3),
        ("It is known.[12] Others disagree.", 2),
        ("2. The second point. It is short.", 2),
        ("Who knows... maybe later. Yes.", 2),
        ("東京は日本の首都です。人口は多い。", 2),
        ("यह एक वाक्य है। यह दूसरा है।", 2),
        ("", 0),
        (" \n\t\n ", 0),
        ("no end", 1),
    ],
)
def test_where_sentences_end(text, count):
    assert len(cut(text)) == count


def test_lines_end_sentences_unless_they_were_wrapped():
    wrapped = (
        "It was the best of times and it was the worst of times, it\n"
        "was the age of wisdom and the age of foolishness; and then\n"
        "Mr. Brown came. All was well."
    )
    assert [len(piece.split("\n")) for piece in cut(wrapped)] == [3, 1]
    assert cut("# A heading\nA line of text\n- one\n- two\n\nThe end") == [
        "# A heading",
        "A line of text",
        "- one",
        "- two",
        "The end",
    ]


@given(st.text(alphabet="ab .!?\n。\"'(1A[]", max_size=80))
def test_nothing_is_lost_and_nothing_overlaps(text):
    spans = sentences(text)
    end = 0
    for span in spans:
        assert span.start < span.end
        assert not text[end : span.start].strip()
        piece = text[span.start : span.end]
        assert piece == piece.strip()
        end = span.end
    assert not text[end:].strip()


@pytest.mark.parametrize("piece", [".", "a. ", '"', ".)", "1. ", "\n", "。", ".[", "word "])
def test_long_odd_texts_take_no_time(piece):
    text = piece * 20_000 + "x"
    assert sum(len(part) for part in cut(text)) <= len(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The moon\n\nIt turns once. It is far.", ["It turns once.", "It is far."]),
        (
            "# Ferries\n\nThey leave at nine.\n\n## Prices\n\nFour euros.",
            ["They leave at nine.", "Four euros."],
        ),
        ("One line\nA second\nA third", ["One line", "A second", "A third"]),  # a poem: nothing but such
        ("They need:\n- milk\n- bread\nAll.", ["They need:", "- milk", "- bread", "All."]),
        ("It ends here. No stop at the end", ["It ends here.", "No stop at the end"]),
    ],
)
def test_headings_are_no_prose(text, kept):
    assert [text[span.start : span.end] for span in prose(text, sentences(text))] == kept
