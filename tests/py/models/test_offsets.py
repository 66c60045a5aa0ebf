"""Offsets that are found again from the tokens are those that the Rust package gives."""

import os
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nearside.models.offsets import Offsets
from nearside.platform.cpython.tokenizers import RustTokenizers

KINDS = (
    "bert_embed", "deberta_nli", "llama", "llama_sp", "m2m100", "marian", "qwen3", "roberta_qa", "t5",
    "whisper", "xlmr_embed",
)  # fmt: skip
TRICKY = (
    "ab zAZ09 .,'!?-_\n\t\r éÀßİΣς\u0301\u0308\u0323\u200d\u200b\u00a0\u3000\u2009"
    "ﬁ½①Ａ～東가각हि्न😀👩🏻𠀀\ufeff\x00\x85▁Ġ<>"
)
NEWER = "\U00011938"  # composed since Unicode 13, which the Rust package's tables do not know
TEXTS = st.text(
    st.one_of(
        st.sampled_from(TRICKY),
        st.characters(exclude_categories=["Cs", "Cn"], exclude_characters=NEWER),
    ),
    max_size=24,
) | st.lists(
    st.sampled_from(
        ["[MASK]", "<mask>", "<s>", "</s>", "<unk>", "[UNK]", " ", "word", "<0x41>", "<|im_end|>"]
    )
).map("".join)


class Pair:
    def __init__(self, text):
        self.rust = RustTokenizers().load({"tokenizer.json": text})
        self.offsets = Offsets(text, self.rust.vocabulary())

    def compare(self, text):
        for special in (True, False):
            (expected,) = self.rust.encode_with_offsets([text], special=special)
            offsets, extra = self.offsets.find(text, expected.ids, special=special)
            np.testing.assert_array_equal(offsets, expected.offsets, repr(text))
            np.testing.assert_array_equal(extra, expected.special, repr(text))


@pytest.fixture(scope="module")
def pairs(architectures):
    return [Pair((architectures / kind / "tokenizer.json").read_text()) for kind in KINDS]


@settings(max_examples=120, deadline=None)
@example(text="\xad")  # a normalizer can leave nothing
@example(text="\x00\x07")
@given(text=TEXTS)
def test_any_text(pairs, text):
    for pair in pairs:
        pair.compare(text)


def test_marks_that_change_places_and_characters_that_become_several(pairs):
    words = [
        "e\u0301\u0323",
        "A\u030a\u0301",
        "\u0301start",
        "ﬁ½㎏ﷺ",
        "각\u11a8",
        "ΣΟΦΟΣ",
        "İ",
        "a" * 150 + " b",
        "  x   y  ",
    ]
    for pair in pairs:
        for word in words:
            for form in ("NFC", "NFD"):
                pair.compare(f"{unicodedata.normalize(form, word)} and {word}")


def test_the_bytes_of_a_character_all_cover_it(architectures):
    pair = Pair((architectures / "llama_sp" / "tokenizer.json").read_text())
    text = "x😀y"
    (made,) = pair.rust.encode_with_offsets([text], special=False)
    offsets, _ = pair.offsets.find(text, made.ids, special=False)
    assert offsets.tolist().count([1, 2]) == 4


@pytest.mark.skipif("shared" not in os.environ.get("NEARSIDE_REQUIRE", ""), reason="takes a while: for CI")
def test_the_shared_texts(pairs, shared_texts):
    for pair in pairs:
        for text in shared_texts[::7]:
            pair.compare(text)
