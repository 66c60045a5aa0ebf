"""The error tree: its drawing, its codes, its way over the wire and back."""

import copy
import pickle
import re
from pathlib import Path

import pytest

from nearside import errors
from nearside.errors import BY_CODE, EngineFailed, InvalidInput, InvalidOption, ModelGone, from_wire

ROOT = Path(__file__).resolve().parents[2]
KINDS = list(BY_CODE.values())


def test_every_error_class_is_in_the_table_and_in_the_drawing():
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type)
        and issubclass(value, errors.NearsideError)
        and value is not errors.NearsideError
    ]
    assert set(classes) == set(KINDS)
    drawn = re.findall(r"[├└]── (\w+) +(\w+) +(\*?)", errors.__doc__)
    assert drawn == [(kind.__name__, kind.code, "*" * kind.retryable) for kind in KINDS]


def test_javascript_has_the_same_codes_and_the_same_idea_of_what_can_be_tried_again():
    source = (ROOT / "web" / "errors.js").read_text("utf-8")
    table = source[source.index("CODES = {") : source.index("};")]
    rows = re.findall(r"^  (\w+): \[.*?(true|false)\],$", table, re.MULTILINE | re.DOTALL)
    assert {code: again == "true" for code, again in rows} == {kind.code: kind.retryable for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_an_error_comes_back_from_the_wire_as_it_went(kind):
    sent = kind("It broke.")
    assert sent.hint.endswith(".")
    assert sent.to_wire() == {
        "code": kind.code,
        "message": "It broke.",
        "hint": kind.hint,
        "retryable": kind.retryable,
    }
    back = from_wire(sent.to_wire())
    assert type(back) is kind
    assert back.to_wire() == sent.to_wire()


def test_what_one_error_says_does_not_stick_to_its_class():
    special = InvalidInput("Busy.", hint="Wait.", retryable=True)
    assert special.to_wire() == {
        "code": "invalid_input",
        "message": "Busy.",
        "hint": "Wait.",
        "retryable": True,
    }
    assert InvalidInput("Other.").retryable is False
    assert InvalidInput("Other.").hint != "Wait."
    assert from_wire(special.to_wire()).to_wire() == special.to_wire()


@pytest.mark.parametrize(
    ("fields", "kind", "message"),
    [
        ({"code": "brand_new", "message": "Hm."}, EngineFailed, "Hm. (brand_new)"),
        ({"message": "Hm."}, EngineFailed, "Hm."),
        ({}, EngineFailed, "unknown error"),
        ({"code": 7, "message": "Hm."}, EngineFailed, "Hm. (7)"),
        ({"code": "model_gone", "message": "Away."}, ModelGone, "Away."),
        ({"code": "model_gone", "message": "Away.", "hint": None, "retryable": None}, ModelGone, "Away."),
    ],
)
def test_nothing_from_the_wire_is_lost(fields, kind, message):
    error = from_wire(fields)
    assert type(error) is kind
    assert error.message == str(error) == message
    assert error.hint


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_can_be_copied(again):
    error = again(InvalidOption("No.", hint="Yes.", retryable=True))
    assert type(error) is InvalidOption
    assert error.to_wire()["hint"] == "Yes."
    assert repr(error) == "InvalidOption('No.', hint='Yes.', retryable=True)"
