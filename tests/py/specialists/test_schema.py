"""schema: what is taken, what is refused, and values made to fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.errors import InvalidOption
from nearside.specialists import schema
from nearside.specialists.schema import Unfit


def one(**field):
    """Return the field `x` of a schema."""
    return schema.checked({"type": "object", "properties": {"x": field}}).fields[0]


def test_leaves():
    root = schema.checked(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "properties": {
                "a": {"type": "string"},
                "b": {
                    "type": "object",
                    "properties": {"c": {"type": ["number", "null"]}, "d": {"type": "date"}},
                },
                "e": {"type": "array", "items": {"type": "object", "properties": {"f": {"type": "integer"}}}},
            },
            "required": ["a"],
        }
    )
    assert [(path, field.kind) for path, field in root.leaves()] == [
        ("a", "string"), ("b.c", "number"), ("b.d", "date"), ("e", "array"),
    ]  # fmt: skip
    assert root.fields[2].item.fields[0].kind == "integer"


X = {"x": {"type": "string"}}
DEEP = {"type": "string"}
for _ in range(8):
    DEEP = {"type": "object", "properties": {"x": DEEP}}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (None, "no object"),
        ([], "no object"),
        ({"type": "string"}, "string"),
        ({"type": "object"}, "no properties"),
        ({"type": "object", "properties": {}}, "no properties"),
        ({"type": "object", "properties": {"x": {"type": "tuple"}}}, "of x"),
        ({"type": "object", "properties": {"x": {"type": "string", "minItems": 1}}}, "minItems"),
        ({"type": "object", "properties": {"x": {"anyOf": [{"type": "string"}]}}}, "anyOf"),
        ({"type": "object", "properties": {"x": {"type": "string", "format": "ipv4"}}}, "ipv4"),
        ({"type": "object", "properties": {"x": {"type": "string", "pattern": "("}}}, "pattern"),
        ({"type": "object", "properties": {"x": {"type": "string", "enum": []}}}, "enum"),
        ({"type": "object", "properties": {"x": {"type": "number", "minimum": "1"}}}, "bound"),
        ({"type": "object", "properties": X, "required": ["y"]}, "requires"),
        ({"type": "object", "properties": {"": {"type": "string"}}}, "without a name"),
        (
            {"type": "object", "properties": {"x": {"type": "array", "items": {"type": "array"}}}},
            "list in a list",
        ),
        (DEEP, "too deep"),
        ({"type": "object", "properties": {f"x{n}": {"type": "string"} for n in range(201)}}, "too many"),
        (
            {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": 3}}}}},
            r"a\.b",
        ),
    ],
)
def test_schemas_that_are_refused(given, says):
    with pytest.raises(InvalidOption, match=says):
        schema.checked(given)


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ({"type": "number"}, "1.234,50 €", 1234.5),
        ({"type": "number"}, 3, 3),
        ({"type": "number", "minimum": 0, "maximum": 9}, "9", 9.0),
        ({"type": "integer"}, "1,234", 1234),
        ({"type": "integer"}, 3.0, 3),
        ({"type": "boolean"}, "yes", True),
        ({"type": "boolean"}, False, False),
        ({"type": "string", "format": "date"}, "5 March 2024", "2024-03-05"),
        ({"type": "date"}, "05.03.2024", "2024-03-05"),
        ({"type": "string", "format": "time"}, "2:30 pm", "14:30"),
        ({"type": "string", "format": "date-time"}, "5 March 2024, 14:30", "2024-03-05T14:30:00"),
        ({"type": "string", "format": "email"}, " a@b.example ", "a@b.example"),
        ({"type": "string", "format": "uri"}, "https://a.example/b", "https://a.example/b"),
        ({"type": "string", "format": "phone"}, "030 1234567", "030 1234567"),
        ({"type": "string", "format": "iban"}, "GB29 NWBK 6016 1331 9268 19", "GB29 NWBK 6016 1331 9268 19"),
        ({"type": "string", "enum": ["full-time", "part-time"]}, "Full time", "full-time"),
        ({"type": "integer", "enum": [1, 2]}, "2", 2),
        ({"type": "string", "const": "X"}, "x", "X"),
        ({"type": "string", "pattern": "^[A-Z]{2}\\d+$"}, "AB12", "AB12"),
        ({"type": "string", "minLength": 2, "maxLength": 3}, "abc", "abc"),
    ],
)
def test_values_that_fit(field, value, wanted):
    made = schema.fit(one(**field), value)
    assert made == wanted
    assert type(made) is type(wanted)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "number"}, "many"),
        ({"type": "number"}, True),
        ({"type": "number"}, None),
        ({"type": "number"}, float("nan")),
        ({"type": "number", "maximum": 9}, "10"),
        ({"type": "number", "minimum": 1}, 0),
        ({"type": "integer"}, "1.5"),
        ({"type": "boolean"}, "perhaps"),
        ({"type": "date"}, "31.02.2024"),
        ({"type": "string"}, "  "),
        ({"type": "string", "format": "email"}, "a@b"),
        ({"type": "string", "format": "email"}, "write a@b.example"),
        ({"type": "string", "format": "uri"}, "a.example"),
        ({"type": "string", "format": "iban"}, "GB29 NWBK 6016 1331 9268 18"),
        ({"type": "string", "format": "date-time"}, "5 March 2024"),
        ({"type": "string", "enum": ["a"]}, "b"),
        ({"type": "string", "pattern": "^\\d+$"}, "12a"),
        ({"type": "string", "maxLength": 2}, "abc"),
        ({"type": "string", "minLength": 2}, "a"),
    ],
)
def test_values_that_do_not(field, value):
    with pytest.raises(Unfit):
        schema.fit(one(**field), value)


def test_the_text_s_marks_and_order_are_used():
    assert schema.fit(one(type="number"), "1.234", ",") == 1234
    assert schema.fit(one(type="date"), "05/03/2024", None, True) == "2024-03-05"
    assert schema.fit(one(type="date"), "05/03/2024", None, False) == "2024-05-03"


@given(
    st.sampled_from([{"type": kind} for kind in ("number", "integer", "boolean", "date", "string")]),
    st.one_of(
        st.text(max_size=20), st.floats(), st.integers(), st.booleans(), st.none(), st.lists(st.integers())
    ),
)
def test_what_fits_is_of_its_kind(field, value):
    kinds = {"number": (int, float), "integer": int, "boolean": bool, "date": str, "string": str}
    try:
        made = schema.fit(one(**field), value)
    except Unfit:
        return
    assert isinstance(made, kinds[field["type"]])
    assert made == made
