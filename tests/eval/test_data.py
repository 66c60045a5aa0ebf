"""Reading data sets: what is wrong with a file is said with its place."""

import pytest

from nearside_server.errors import UsageError
from nearside_server.evaluation.data import BadData, read_lines

FIELDS = {"text": str, "score": (int, float)}


def test_lines_are_objects_with_at_least_these_fields(tmp_path):
    (tmp_path / "a.jsonl").write_text(
        '{"text": "é", "score": 1}\n\n{"text": "", "score": 2.5, "more": []}', "utf-8"
    )
    assert read_lines(tmp_path, "a.jsonl", FIELDS) == [
        {"text": "é", "score": 1},
        {"text": "", "score": 2.5, "more": []},
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"{", "a.jsonl:1 is not JSON"),
        (b'{"text": "a", "score": 1}\n[1]', "a.jsonl:2 holds no JSON object"),
        (b'{"text": "a"}', "a.jsonl:1 has no 'score'"),
        (b'{"text": 5, "score": 1}', "a.jsonl:1 has text = 5"),
        (b'{"text": "a", "score": true}', "score = True"),
        (b'{"text": "a", "score": null}', "score = None"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_files_that_are_wrong(tmp_path, content, message):
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(BadData, match=message):
        read_lines(tmp_path, "a.jsonl", FIELDS)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(BadData, match=r"a\.jsonl cannot be read") as raised:
        read_lines(tmp_path, "a.jsonl", FIELDS)
    assert isinstance(raised.value, UsageError)
    assert "--data" in raised.value.hint
