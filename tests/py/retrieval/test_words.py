"""Words in any script: what is the same word, where words begin and end, what gets marked."""

import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.retrieval import words
from nearside.retrieval.words import find, fold, mark, marking_terms, run_terms, runs, singular, terms
from nearside.types import Span


def marked(query, text):
    """Return the marked pieces of a text."""
    return [text[span.start : span.end] for span in mark(text, marking_terms(query))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("  \n\t ", []),
        ("...!?", []),
        ("_", []),
        ("Hello, World!", ["hello", "world"]),
        ("snake_case_name", ["snake", "case", "name"]),
        ("state-of-the-art", ["state", "of", "the", "art"]),
        ("l'eau don't", ["l", "eau", "don", "t"]),
        ("3.14 and 1,000", ["3", "14", "and", "1", "000"]),
        ("C3PO x86", ["c3po", "x86"]),
        ("naïve café", ["naive", "cafe"]),
        ("na\u0131ve cafe\u0301", ["naive", "cafe"]),  # dotless i; a decomposed accent
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("Ørsted Łódź", ["orsted", "lodz"]),
        ("İstanbul ISTANBUL", ["istanbul", "istanbul"]),
        ("ﬁne ｆｕｌｌ", ["fine", "full"]),  # a ligature; wide letters
        ("Ёлка ёлка елка", ["елка", "елка", "елка"]),
        ("Ελλάδα ΕΛΛΆΔΑ", ["ελλαδα", "ελλαδα"]),
        ("co\u00adop", ["coop"]),  # a soft hyphen
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("مُحَمَّد محمد", ["محمد", "محمد"]),
        ("שָׁלוֹם שלום", ["שלום", "שלום"]),
        ("می\u200cخواهم", ["میخواهم"]),
        ("水", ["水"]),
        ("日本語", ["日", "本", "語", "日本", "本語"]),
        ("Python入門", ["python", "入", "門", "入門"]),
        ("東京2024", ["東", "京", "東京", "2024"]),
        ("カタカナ ｶﾞ", ["カ", "タ", "カ", "ナ", "カタ", "タカ", "カナ", "カ", "\u3099", "カ\u3099"]),
        ("학교에서", ["학", "교", "에", "서", "학교", "교에", "에서"]),
        ("😀 👨‍👩‍👧 🇩🇪", []),
        ("a😀b", ["a", "b"]),
        ("\ud800abc", ["abc"]),
    ],
)
def test_terms(text, found):
    assert terms(text) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("resume", "resumé"),  # an accent that people leave out
        ("BREIT", "breit"),
        ("\u00e9", "e\u0301"),
    ],
)
def test_words_that_are_found_by_each_other(one, other):
    assert set(terms(one)) & set(terms(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("мой", "мои"),  # й is a letter, not an и with an accent
        ("ガ", "カ"),  # so is a voiced kana
        ("कि", "की"),  # vowel signs make words
        ("cat", "dog"),
        ("cat", "cats"),  # nothing is stemmed in the index
        ("ab", "a b"),
        ("だ", "た"),
    ],
)
def test_words_that_are_not_the_same(one, other):
    assert terms(one) != terms(other)


def test_thai_finds_a_text_that_shares_a_pair():
    assert set(terms("แมวนอน")) & set(terms("ฉันเห็นแมวตัวหนึ่ง")) - set("แมวนอน")


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("cats", "cat"),
        ("queries", "query"),
        ("movies", "movy"),
        ("boxes", "boxe"),
        ("horses", "horse"),
        ("shoes", "shoes"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("virus", "virus"),
        ("gas", "gas"),
        ("is", "is"),
        ("häuses", "häuses"),
        ("cat", "cat"),
    ],
)
def test_singular(word, root):
    assert singular(word) == root


def test_the_marks_are_all_the_marks_there_are_in_living_scripts():
    known = {
        code
        for first, last in (pair.split("-") for pair in _ranges(words.marks()))
        for code in range(ord(first), ord(last) + 1)
    }
    missing = {
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code))[0] == "M" and code not in known
    }
    notation = ("SIGNWRITING", "MUSICAL SYMBOL", "ZNAMENNY", "COMBINING GREEK MUSICAL", "VARIATION SELECTOR")
    ancient = ("PHAISTOS", "COPTIC EPACT", "COMBINING OLD PERMIC", "DUPLOYAN")
    named = [unicodedata.name(chr(code)) for code in missing]
    assert [name for name in named if not name.startswith((*notation, *ancient))] == []


def _ranges(text):
    return [text[i : i + 3] for i in range(0, len(text), 3)]


def test_marking():
    text = "Cats sleep; a cat's café is not a catalogue. CAFÉ!"
    assert marked("cat CAFE", text) == ["Cats", "cat", "café", "CAFÉ"]
    assert marked("", text) == []
    assert marked("?!", text) == []


@pytest.mark.parametrize(
    ("query", "text", "pieces"),
    [
        ("日本の首都", "東京は日本の首都です", ["日本の首都"]),
        ("日本", "日本と日光", ["日本"]),  # 日 alone is no reason to mark 日光
        ("日", "日本と日光", ["日", "日"]),  # unless it is all there is
        ("水 東京", "東京の水", ["東京", "水"]),
        ("a vitamin", "a vitamin a day", ["vitamin"]),
        ("a", "a vitamin a day", ["a", "a"]),
        ("don't", "don t", ["don"]),
        ("हिन्दी", "मैं हिन्दी बोलता", ["हिन्दी"]),
        ("emoji", "😀 emoji 😀", ["emoji"]),
    ],
)
def test_what_is_marked(query, text, pieces):
    assert marked(query, text) == pieces


@given(st.text(max_size=60))
def test_places_and_terms_agree(text):
    found = list(find(text))
    assert [term for term, _ in found] == terms(text)
    for term, span in found:
        assert 0 <= span.start < span.end <= len(text)
        piece = text[span.start : span.end]
        assert term in (fold(piece), *run_terms(piece))


@given(st.text(max_size=60), st.text(max_size=20))
def test_marks_are_in_order_and_apart(text, query):
    spans = mark(text, marking_terms(query))
    for one, two in pairwise(spans):
        assert one.end <= two.start
    assert all(isinstance(span, Span) and span.start < span.end <= len(text) for span in spans)


@given(st.text(max_size=40))
def test_composed_and_decomposed_text_have_the_same_words(text):
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    if not any("\u1100" <= sign <= "\u11ff" for sign in decomposed):  # jamo come apart into other pairs
        assert terms(composed) == terms(decomposed)


@given(st.text(max_size=40))
def test_runs_make_the_terms(text):
    assert [term for run in runs(text) for term in run_terms(run)] == terms(text)
