"""The page's calls of tasks with models of their own: options, shapes, UTF-16 offsets, written text."""

import json
from types import SimpleNamespace

import pytest

from nearside.errors import InvalidInput, InvalidOption, NearsideError
from nearside.models.check import Check
from nearside.models.recommend import Recommendation
from nearside.types import (
    Classification,
    Entities,
    Entity,
    Extraction,
    FieldSource,
    Labels,
    ModelUsed,
    Translation,
    Usage,
)
from nearside.wire.page import dispatch

USED = ModelUsed("org/m", "r1", "fp32", "cpu", "ab")
COST = Usage(5, 1, 0, 2)
TEXT = "😀 Ada in Paris"
ANSWERED = {"usage", "decision", "model"}


class Asked:
    """A client that remembers what it was asked and gives what it was told to."""

    def __init__(self, answer, writes=()):
        self.answer, self.writes, self.asked = answer, writes, None
        self.models = SimpleNamespace(recommend=self._do, check=self._do, rollback=self._do)

    async def _do(self, *args, on_progress=None, on_text=None, **given):
        self.asked = (args, given)
        for piece in self.writes:
            if on_text is not None:
                on_text(piece)
        if on_progress is not None:
            on_progress(1, 1)
        return self.answer

    classify = extract_entities = extract = translate = summarize = _do


async def call(client, method, chunks=None, told=None, **params):
    """Return an answer as JSON brings it to the page."""
    made = await dispatch(
        client, method, params, told and told.append, chunks.append if chunks is not None else None
    )
    return json.loads(json.dumps(made))


async def test_classify():
    client = Asked(Classification((Labels(("good", "bad"), (0.9, 0.1)), Labels((), ())), COST, USED))
    many = await call(client, "classify", texts=["a", "b"], topK=2, threshold=0.5, labels=["good", "bad"])
    assert client.asked == ((["a", "b"],), {"top_k": 2, "threshold": 0.5, "labels": ["good", "bad"]})
    assert many["results"] == [
        {"labels": ["good", "bad"], "scores": [0.9, 0.1]},
        {"labels": [], "scores": []},
    ]
    one = await call(client, "classify", texts="a")
    assert set(one) == {"labels", "scores"} | ANSWERED
    assert client.asked[1] == {"top_k": None, "threshold": None, "labels": None}


async def test_entities_have_utf16_offsets():
    found = (Entity("Ada", "PER", 2, 5, 0.9), Entity("Paris", "LOC", 9, 14, 0.8))
    client = Asked(Entities((found,), COST, USED))
    one = await call(client, "extractEntities", texts=TEXT, aggregation="max", types=["PER"])
    assert client.asked == ((TEXT,), {"aggregation": "max", "types": ["PER"]})
    assert one["entities"] == [
        {"text": "Ada", "type": "PER", "start": 3, "end": 6, "score": 0.9},
        {"text": "Paris", "type": "LOC", "start": 10, "end": 15, "score": 0.8},
    ]
    many = await call(client, "extractEntities", texts=[TEXT])
    assert many["results"] == [{"entities": one["entities"]}]
    assert client.asked[1] == {"aggregation": "simple", "types": None}


async def test_extractions_have_utf16_offsets_where_there_are_any():
    fields = {"who": FieldSource("entity", 2, 5, 0.9), "mood": FieldSource("model")}
    client = Asked(Extraction({"who": "Ada", "mood": "glad"}, fields, ("age",), COST, USED))
    made = await call(client, "extract", text=TEXT, schema={"type": "object"})
    assert client.asked == ((TEXT, {"type": "object"}), {})
    assert (made["value"], made["missing"]) == ({"who": "Ada", "mood": "glad"}, ["age"])
    assert made["fields"] == {
        "who": {"method": "entity", "start": 3, "end": 6, "score": 0.9},
        "mood": {"method": "model", "start": None, "end": None, "score": None},
    }


async def test_translations_come_as_they_are_written():
    client = Asked(Translation("Bonjour toi", "en", "fr", COST, USED), ("Bonjour", " toi"))
    chunks, told = [], [None]
    made = await call(client, "translate", chunks, told, text="Hello you", to="fr", **{"from": "en"})
    assert client.asked == (("Hello you",), {"target": "fr", "source": "en"})
    assert chunks == [{"text": "Bonjour"}, {"text": " toi"}]
    assert told[1:] == [{"done": 1, "total": 1}]
    assert {name: made[name] for name in ("text", "from", "to")} == {
        "text": "Bonjour toi",
        "from": "en",
        "to": "fr",
    }
    assert made["usage"] == {"tokens": 5, "texts": 1, "cached": 0, "written": 2}
    await call(client, "translate", text="Hello", to="fr")
    assert client.asked[1]["source"] is None


async def test_every_task_takes_a_timeout_and_a_place_behind_others(make):
    client = Asked(Translation("x", None, "fr", COST, USED))
    await call(client, "translate", text="x", to="fr", timeout=2.5, background=True, model="org/m")
    given = client.asked[1]
    assert (given["timeout"], given["background"], given["model"]) == (2.5, True, "org/m")
    for wrong in ({"timeout": 0}, {"timeout": "soon"}, {"background": 1}):
        with pytest.raises(InvalidOption):
            await call(make().client, "embed", texts="x", **wrong)


async def test_the_kind_and_length_of_vectors_arrive(make):
    ports = make()
    short = await dispatch(ports.client, "embed", {"texts": "x", "kind": "passage"})
    assert len(short["embeddings"][0]) == 256
    for wrong in ({"kind": "song"}, {"dimensions": 0}):
        with pytest.raises(InvalidOption):
            await dispatch(ports.client, "embed", {"texts": "x", **wrong})


async def test_recommendations():
    made = Check(
        "org/m", "good", "int8", "wasm", 7, True, 20, False, 512, ("en",), None, ("It runs.",), "org/s", True
    )
    client = Asked(Recommendation("translate", made, (), ("Because.",)))
    told = await call(client, "models.recommend", task="translate", languages=["en", "fr"])
    assert client.asked == (("translate",), {"languages": ["en", "fr"]})
    assert (told["task"], told["others"], told["reasons"]) == ("translate", [], ["Because."])
    assert told["model"] == {
        "id": "org/m",
        "verdict": "good",
        "dtype": "int8",
        "backend": "wasm",
        "bytes": 7,
        "exact": True,
        "memory": 20,
        "stored": False,
        "window": 512,
        "languages": ["en"],
        "license": None,
        "reasons": ["It runs."],
        "smaller": "org/s",
        "thinks": True,
    }
    client = Asked(made)
    assert (await call(client, "models.check", id="org/m"))["check"] == told["model"]
    assert (await call(Asked("r0"), "models.rollback", id="org/m")) == {"revision": "r0"}


async def test_the_model_that_was_chosen_for_a_task_is_told(make):
    client = make().client
    changed = await call(client, "settings.set", changes={"models.translate": "org/m"})
    assert changed["models"] == {"translate": "org/m"}
    back = await call(client, "settings.set", changes={"models.translate": None})
    assert back["models"] == {}


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("translate", {"text": "x"}, InvalidInput),
        ("translate", {"text": "x", "to": "fr", "target": "de"}, InvalidOption),
        ("extract", {"text": "x"}, InvalidInput),
        ("classify", {"texts": "x", "top_k": 1}, InvalidOption),
        ("extractEntities", {"texts": "x", "labels": ["PER"]}, InvalidOption),
    ],
)
async def test_wrong_calls(make, method, params, kind):
    with pytest.raises(NearsideError) as raised:
        await dispatch(make().client, method, params)
    assert type(raised.value) is kind
