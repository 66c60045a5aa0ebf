"""The page's calls: names, options, shapes, UTF-16 offsets, errors."""

import json

import numpy as np
import pytest

from nearside.errors import InvalidInput, InvalidOption, NearsideError, UnknownMethod, UnknownModel
from nearside.ports.fakes import MODEL, FakeStore
from nearside.ports.store import StorageReport, StoredModel
from nearside.wire.page import METHODS, dispatch

DOCS = ["😀 A cat sleeps. " + "Filler without end. " * 20, "😀😀 the zebra 😀 came"]


def check_json(value):
    """Fail unless a value is what JSON knows (numpy numbers and tuples are not)."""
    if isinstance(value, dict):
        assert all(type(name) is str for name in value)
        for inside in value.values():
            check_json(inside)
    elif isinstance(value, list):
        for inside in value:
            check_json(inside)
    else:
        assert value is None or type(value) in (str, int, float, bool), type(value)


def cut16(text, start, end):
    """Return a piece of a text by UTF-16 offsets, as JavaScript's slice does."""
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")


async def test_embed(make):
    answer = await dispatch(make().client, "embed", {"texts": ["a", "b"]})
    vectors = answer.pop("embeddings")
    assert [(v.shape, v.dtype) for v in vectors] == [((256,), np.float32)] * 2
    check_json(answer)
    assert answer["usage"] == {"tokens": 6, "texts": 2, "cached": 0, "written": 0}
    assert answer["model"]["id"] == MODEL
    assert set(answer["model"]) == {"id", "revision", "dtype", "backend", "sha256"}


async def test_similarity(make):
    answer = await dispatch(make().client, "similarity", {"a": "one", "b": "one"})
    check_json(answer)
    assert answer["score"] == 1.0
    assert set(answer) == {"score", "usage", "decision", "model"}


async def test_search_has_utf16_offsets(make):
    answer = await dispatch(make().client, "search", {"query": "zebra", "docs": DOCS, "topK": 1})
    check_json(answer)
    (hit,) = answer["results"]
    assert set(hit) == {"index", "score", "text", "start", "end", "highlights"}
    assert (hit["index"], hit["text"]) == (1, DOCS[1])
    assert (hit["start"], hit["end"]) == (0, len(DOCS[1]) + 3)
    (mark,) = hit["highlights"]
    assert mark == {"start": 9, "end": 14}
    assert cut16(hit["text"], mark["start"], mark["end"]) == "zebra"


async def test_passages_have_utf16_offsets_in_their_document(make):
    answer = await dispatch(
        make().client, "search", {"query": "filler", "docs": DOCS, "passages": True, "topK": 100}
    )
    assert len(answer["results"]) > 3
    for hit in answer["results"]:
        assert cut16(DOCS[hit["index"]], hit["start"], hit["end"]) == hit["text"]


async def test_lone_surrogates_survive(make):
    docs = ["\ud83d😀 zebra"]
    (hit,) = (await dispatch(make().client, "search", {"query": "zebra", "docs": docs}))["results"]
    assert hit["text"] == docs[0]
    assert hit["highlights"] == [{"start": 4, "end": 9}]
    json.dumps(hit)


async def test_device_is_the_report(make):
    answer = await dispatch(make(facts={"cores": 4}).client, "device", {})
    check_json(answer)
    assert answer["cores"] == 4
    assert answer["means"][0]["topic"] == "processor"


async def test_models(make):
    card = {"id": MODEL, "task": "embed", "languages": ["en"]}
    stored = StoredModel(MODEL, "r1", 700, True, last_used=1_700_000_000.25, card=card)
    ports = make(store=FakeStore([stored], [card]))
    listed = await dispatch(ports.client, "models.list", {})
    check_json(listed)
    assert listed["models"] == [
        {
            "id": MODEL,
            "revision": "r1",
            "task": "embed",
            "bytes": 700,
            "stored": True,
            "loaded": False,
            "dtype": None,
            "backend": None,
            "license": None,
            "languages": ["en"],
            "source": None,
            "starter": True,
            "lastUsed": 1_700_000_000_250,
        }
    ]
    told = []
    loaded = await dispatch(ports.client, "models.preload", {"id": MODEL}, told.append)
    check_json(loaded)
    assert loaded["model"]["loaded"] is True
    assert told[0] == {"phase": "download", "loaded": 0, "total": 100}
    assert told[-1] == {"phase": "ready", "loaded": 100, "total": 100}
    assert await dispatch(ports.client, "models.unload", {"id": MODEL}) == {"unloaded": True}
    assert await dispatch(ports.client, "models.unload", {"id": MODEL}) == {"unloaded": False}
    assert await dispatch(ports.client, "models.delete", {"id": MODEL}) == {"deleted": True}
    assert await dispatch(ports.client, "models.delete", {"id": MODEL}) == {"deleted": False}


async def test_storage(make):
    ports = make()
    ports.store.report = StorageReport(
        persistent=False, used=5, quota=None, persisted=None, note="Memory only."
    )
    assert await dispatch(ports.client, "models.storage", {}) == {
        "persistent": False,
        "used": 5,
        "quota": None,
        "persisted": None,
        "note": "Memory only.",
    }


@pytest.mark.parametrize(
    ("method", "params"), [("embed", {"texts": ["a", "b"]}), ("search", {"query": "a", "docs": ["a", "b"]})]
)
async def test_progress_in_texts(make, method, params):
    told = []
    await dispatch(make().client, method, params, told.append)
    assert told[-1] == {"done": 2, "total": 2}


async def test_options_that_are_null_count_as_not_given(make):
    answer = await dispatch(
        make().client, "search", {"query": "cat", "docs": DOCS, "topK": None, "passages": None, "model": None}
    )
    assert len(answer["results"]) == 2


@pytest.mark.parametrize("method", ["", "Embed", "models", "models.", "close", "__init__", "models.list.x"])
async def test_methods_that_do_not_exist(make, method):
    with pytest.raises(UnknownMethod, match="no method"):
        await dispatch(make().client, method, {})


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("embed", {}, InvalidInput),
        ("embed", {"texts": None}, InvalidInput),
        ("embed", {"texts": [1]}, InvalidInput),
        ("embed", {"texts": ["a"], "topK": 3}, InvalidOption),
        ("embed", {"texts": ["a"], "model": 3}, InvalidOption),
        ("embed", {"texts": ["a"], "model": "nope"}, InvalidOption),
        ("embed", {"texts": ["a"], "model": "no/where"}, UnknownModel),
        ("similarity", {"a": "x"}, InvalidInput),
        ("search", {"query": "a", "docs": ["a"], "top_k": 3}, InvalidOption),
        ("search", {"query": "a", "docs": ["a"], "topK": float("nan")}, InvalidOption),
        ("search", {"query": "a", "docs": ["a"], "passages": 1}, InvalidOption),
        ("search", {"query": "", "docs": ["a"]}, InvalidInput),
        ("device", {"verbose": True}, InvalidOption),
        ("models.preload", {}, InvalidInput),
        ("models.preload", {"id": None}, InvalidOption),
        ("models.unload", {"id": ["a/b"]}, InvalidOption),
        ("models.delete", {"id": "../x"}, InvalidOption),
    ],
)
async def test_wrong_calls_are_typed_errors(make, method, params, kind):
    with pytest.raises(NearsideError) as raised:
        await dispatch(make().client, method, params)
    assert type(raised.value) is kind
    check_json(raised.value.to_wire())


def test_every_method_of_the_page_is_there():
    assert set(METHODS) == {
        "embed",
        "similarity",
        "search",
        "rerank",
        "zeroShot",
        "summarize",
        "answer",
        "detectLanguage",
        "classify",
        "extractEntities",
        "extract",
        "translate",
        "transcribe",
        "teach",
        "classifiers.list",
        "classifiers.get",
        "classifiers.classify",
        "classifiers.export",
        "classifiers.import",
        "classifiers.delete",
        "documents.add",
        "documents.list",
        "documents.get",
        "documents.search",
        "documents.delete",
        "generate",
        "chat",
        "chat.prepare",
        "route",
        "records.list",
        "records.export",
        "records.clear",
        "settings.get",
        "settings.set",
        "device",
        "models.list",
        "models.recommend",
        "models.check",
        "models.rollback",
        "models.preload",
        "models.unload",
        "models.delete",
        "models.storage",
    }
