"""Code points to UTF-16 code units, against Python's own encoder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.wire.utf16 import utf16_offsets

# Lone surrogates included: JavaScript's strings have them.
texts = st.text(st.one_of(st.sampled_from("aé日😀𝒳\ud83d\udc00\u200d"), st.characters()), max_size=40)


def units(text):
    """Return how many UTF-16 code units a text has, the slow way."""
    return sum(2 if ord(sign) > 0xFFFF else 1 for sign in text)


@pytest.mark.parametrize(
    ("text", "offsets", "expected"),
    [
        ("", [0], [0]),
        ("plain", [0, 2, 5], [0, 2, 5]),
        ("éa日", [0, 1, 2, 3], [0, 1, 2, 3]),
        ("😀a😀", [0, 1, 2, 3], [0, 2, 3, 5]),
        ("😀a😀", [3, 0, 2, 2], [5, 0, 3, 3]),
        ("\ud83da", [1, 2], [1, 2]),
        ("👨‍👩‍👧", [5], [8]),
        ("😀", [], []),
    ],
)
def test_offsets(text, offsets, expected):
    assert utf16_offsets(text, offsets) == expected


@given(texts, st.lists(st.floats(0, 1), max_size=8))
def test_any_offsets_in_any_order(text, shares):
    offsets = [int(share * len(text)) for share in shares]
    assert utf16_offsets(text, offsets) == [units(text[:offset]) for offset in offsets]


@given(texts)
def test_cutting_the_utf16_text_there_gives_the_same_piece(text):
    middle = len(text) // 2
    (unit,) = utf16_offsets(text, [middle])
    encoded = text.encode("utf-16-le", "surrogatepass")
    assert encoded[: unit * 2].decode("utf-16-le", "surrogatepass").encode(
        "utf-16-le", "surrogatepass"
    ) == text[:middle].encode("utf-16-le", "surrogatepass")
