"""The catalog: its rows, the sizes computed, and which rows a task gets."""

import pytest

from nearside.engine.client import TASKS
from nearside.models.catalog import split_id
from nearside.models.graphs import SUFFIXES
from nearside.models.known import MANY, about, candidates, catalog, find, in_words, suggestion, tasks

NEED_A_MODEL = {
    "embed", "similarity", "search", "rerank", "teach", "classify", "zeroShot", "summarize", "answer",
    "extractEntities", "extract", "translate", "transcribe", "chat", "documents.add", "documents.search",
}  # fmt: skip


def test_every_row_is_whole():
    for row in catalog():
        assert split_id(row.id) == (row.id, None)
        assert row.tasks
        assert row.sizes and set(row.sizes) <= set(SUFFIXES)
        assert all(1_000_000 < size < 5_000_000_000 for size in row.sizes.values())
        assert row.languages
        assert row.window is None or row.window >= 128
        assert row.size.startswith("about ")
        assert find(row.id) is row
    assert len({row.id for row in catalog()}) == len(catalog())


def test_every_row_appears_for_its_tasks():
    for row in catalog():
        for task in row.tasks:
            assert row in candidates(task)


def test_every_task_has_candidates():
    assert set(TASKS) - {"detectLanguage"} == NEED_A_MODEL
    for task in NEED_A_MODEL:
        assert candidates(task)
        assert task in tasks()
    assert candidates("detectLanguage") == ()
    assert find("org/none") is None


@pytest.mark.parametrize(
    ("parameters", "table", "dtype", "listed"),
    [
        (22.7, 11.9, "fp32", 90.4),
        (22.7, 11.9, "q4", 54.5),
        (1236, 263, "fp16", 2470),
        (1236, 263, "q4", 1660),
        (1236, 263, "q4f16", 1070),
        (162.8, 28.3, "q4", 200),
        (162.8, 28.3, "q4f16", 134),
        (137, 23.4, "int8", 138),
    ],
)
def test_computed_sizes_are_close_to_the_listed_ones(parameters, table, dtype, listed):
    assert about(parameters * 1e6, dtype, table * 1e6) == pytest.approx(listed * 1e6, rel=0.02)


def test_an_unknown_dtype_has_no_size():
    with pytest.raises(KeyError):
        about(1e6, "int3")


def test_pairs_speak_in_one_direction():
    pair = find("Xenova/opus-mt-en-fr")
    assert pair.speaks(["en", "fr"]) and pair.speaks([])
    assert not pair.speaks(["fr", "en"]) and not pair.speaks(["en", "fr", "de"])
    many = find("Xenova/m2m100_418M")
    assert many.languages == (MANY,) and many.speaks(["is", "yo"])
    assert find("Xenova/bge-reranker-base").speaks(["zh"])
    assert not find("Xenova/bge-reranker-base").speaks(["zh", "de"])


def test_what_is_suggested_fits_most_devices():
    assert suggestion("chat").id == "onnx-community/Qwen3-0.6B-ONNX"
    assert suggestion("translate", ["de", "en"]).id == "Xenova/opus-mt-de-en"
    assert suggestion("translate").id == "Xenova/m2m100_418M"
    assert suggestion("classify", ["fr"]).id == "Xenova/bert-base-multilingual-uncased-sentiment"
    assert suggestion("detectLanguage") is None


@pytest.mark.parametrize(
    ("count", "words"),
    [(999, "1 kB"), (2_300_000, "2.3 MB"), (109e6, "109 MB"), (1_240_000_000, "1.2 GB"), (12e9, "12 GB")],
)
def test_sizes_in_words(count, words):
    assert in_words(count) == words
