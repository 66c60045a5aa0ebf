"""patterns: what is found by its looks, and near misses beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.specialists import patterns, values

KINDS = ["email", "url", "iban", "date", "money", "percent", "time", "phone", "number", "identifier", "line"]

HITS = [
    ("email", "Write to ann.o-neil+x@mail.example.co.uk.", ["ann.o-neil+x@mail.example.co.uk"]),
    ("url", "See https://a.example/b?c=1#d, or www.b.example.",
     ["https://a.example/b?c=1#d", "www.b.example"]),
    ("iban", "DE89 3704 0044 0532 0130 00 and GB29NWBK60161331926819.",
     ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"]),
    ("iban", "IBAN: CH93 0076 2011 6238 5295 7 BIC POFICHBE", ["CH93 0076 2011 6238 5295 7"]),
    ("date", "5 March 2024, March 5, 2024, 05.03.24, 2024-03-05, 3/5/2024, 1er juin 2023, 5. März 2024",
     ["5 March 2024", "March 5, 2024", "05.03.24", "2024-03-05", "3/5/2024", "1er juin 2023",
      "5. März 2024"]),
    ("money", "€5, 1.234,50 €, $1,234.50, CHF 3'000.00, 12 EUR, -£3.20",
     ["€5", "1.234,50 €", "$1,234.50", "CHF 3'000.00", "12 EUR", "-£3.20"]),
    ("percent", "19 %, 2.5% and 3 percent", ["19 %", "2.5%", "3 percent"]),
    ("time", "at 14:30, 9:05:10 or 3 pm", ["14:30", "9:05:10", "3 pm"]),
    ("phone", "+49 30 1234567, (415) 555-0137, 0049 30 123456, Tel. 1234567, 555-123-4567",
     ["+49 30 1234567", "(415) 555-0137", "0049 30 123456", "1234567", "555-123-4567"]),
    ("number", "1,234.5 of -3 and 1'000", ["1,234.5", "-3", "1'000"]),
    ("identifier", "Invoice No. INV-2024/17, order #5532, Rechnung Nr. 88-1",
     ["INV-2024/17", "5532", "88-1"]),
    ("line", "Name: Ann Lee\n- Due date: soon\nTotal:\n  12 €\n| Colour | red |",
     ["Ann Lee", "soon", "12 €", "red"]),
    ("line", "Date: today   Due: tomorrow", ["today", "tomorrow"]),
]  # fmt: skip
MISSES = [
    ("email", "a@b, @name, user@localhost, x@.com"),
    ("url", "and/or, 3.5, example.org"),
    ("iban", "DE89 3704 0044 0532 0130 01, GB29 NWBK, ORDER 1234 5678 9012 3456"),
    ("date", "31.02.2024, 2024-13-01, 1.2.3.4, 12/2024, version 1.2.24.5, may 5"),
    ("money", "5 apples, EUROPE 12, 3rd, USDA 40"),
    ("percent", "19 per, %, x2%"),
    ("time", "25:00, 12:75, 1:2:3:4, chapter 3:16a"),
    ("phone", "order 1234567, 2024-1187, 05.03.2024, DE89 3704 0044 0532 0130 00, 1234567890123456789"),
    ("number", "v2, a1b, 3rd"),
    ("identifier", "No one, number of things, the code is broken, Invoice No. of"),
    ("line", "https://a.example/b\nno colon here\n"),
]


@pytest.mark.parametrize(("kind", "text", "wanted"), HITS)
def test_hits(kind, text, wanted):
    found = patterns.find(text, kind)
    assert [one.text for one in found] == wanted
    assert all(text[one.start : one.end] == one.text for one in found)


@pytest.mark.parametrize(("kind", "text"), MISSES)
def test_near_misses(kind, text):
    assert [one.text for one in patterns.find(text, kind)] == []


def test_keys_have_their_places():
    text = "Order no. 77-A1 of today\nDue date: soon"
    (number,), (line,) = patterns.find(text, "identifier"), patterns.find(text, "line")
    assert (number.key, text[number.key_start :].startswith("Order")) == ("Order no", True)
    assert (line.key, text[line.key_start :].startswith("Due")) == ("Due date", True)


@given(st.sampled_from(KINDS), st.text("aé😀 .,:;/-+()#|@%€$\n0123456789:EURtelNo", max_size=120))
def test_places_slice_the_text(kind, text):
    last = 0
    for one in patterns.find(text, kind):
        assert text[one.start : one.end] == one.text != ""
        assert one.start >= last
        last = one.end


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1.234,50 €", 1234.5), ("$1,234.50", 1234.5), ("1 234,50", 1234.5), ("1'234.50", 1234.5),
        ("12,5", 12.5), ("1,234", 1234.0), ("1.234", 1.234), ("1.234 €", 1234.0), ("0,125", 0.125),
        ("1.234.567", 1234567.0), ("(5.00)", -5.0), ("-3", -3.0), ("−3", -3.0),
        ("19 %", 19.0), ("none", None),
        ("1234,567", 1234.567), ("12.345,6", 12345.6),
    ],
)  # fmt: skip
def test_numbers(text, wanted):
    assert values.number(text) == wanted


def test_the_text_s_own_decimal_mark_decides():
    assert values.number("1.234", ",") == 1234
    assert values.number("1,234", ",") == 1.234
    assert values.number("1.234", ".") == 1.234
    assert values.decimal_mark("12,50 and 3,99 of 1.000,00") == ","
    assert values.decimal_mark("$12.50") == "."
    assert values.decimal_mark("12 and 1,234") is None


@given(st.integers(-(10**9), 10**9), st.integers(0, 99))
def test_written_numbers_are_read_again(whole, cents):
    american = f"{whole:,}.{cents:02}"
    european = american.replace(",", "x").replace(".", ",").replace("x", ".")
    value = float(f"{whole}.{cents:02}")
    assert values.number(american) == value
    assert values.number(european) == value


@pytest.mark.parametrize(
    ("text", "day_first", "wanted"),
    [
        ("2024-03-05", None, "2024-03-05"), ("5.3.2024", None, "2024-03-05"),
        ("05.03.24", None, "2024-03-05"),
        ("05/03/2024", None, "2024-05-03"), ("05/03/2024", True, "2024-03-05"),
        ("25/03/2024", False, "2024-03-25"),
        ("March 5th, 2024", None, "2024-03-05"), ("5 de marzo de 2024", None, "2024-03-05"),
        ("1er août 2023", None, "2023-08-01"), ("31.02.2024", None, None), ("soon", None, None),
        ("01.01.70", None, "1970-01-01"), ("01.01.68", None, "2068-01-01"),
        ("29 février 2024", None, "2024-02-29"),
        ("29.02.2023", None, None), ("2024/12/02", None, "2024-12-02"),
    ],
)  # fmt: skip
def test_dates(text, day_first, wanted):
    assert values.day(text, day_first) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("on 25/03/2024 and 01/02/2024", True),
        ("03/25/2024", False),
        ("€5 on 01/02/2024", True),
        ("$5", False),
        ("x", None),
    ],
)
def test_the_order_of_days_that_a_text_shows(text, wanted):
    assert values.day_comes_first(text) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2:30 pm", "14:30"),
        ("14:30", "14:30"),
        ("12 am", "00:00"),
        ("9h05", "09:05"),
        ("9:05:10", "09:05:10"),
        ("25:00", None),
        ("7", None),
    ],
)
def test_times(text, wanted):
    assert values.clock(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), [("Yes", True), ("nein", False), ("✓", True), ("maybe", None)])
def test_yes_and_no(text, wanted):
    assert values.boolean(text) is wanted
