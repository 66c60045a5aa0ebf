"""The page's calls of tasks and kept things: shapes, UTF-16 offsets, options that arrive."""

import json

import pytest

from nearside.errors import InvalidInput, InvalidOption, NearsideError, NotFound, UnknownMethod
from nearside.ports.fakes import FakeCloud
from nearside.wire.page import dispatch

TEXT = "😀 Cats sleep on the windowsill. 😀😀 Trains run on rails. Bread needs an oven 😀 and time."
ANSWERED = {"usage", "decision", "model"}
EXAMPLES = [
    {"text": "where is my parcel", "label": "delivery"},
    {"text": "give me my money back", "label": "refund"},
]


def cut16(text, start, end):
    """Return a piece of a text by UTF-16 offsets, as JavaScript's slice does."""
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")


async def call(client, method, **params):
    """Return an answer as JSON brings it to the page; arrays are left out, as they cross beside it."""
    return json.loads(json.dumps(await dispatch(client, method, params), default=lambda array: None))


async def test_summaries_and_answers_have_utf16_offsets(make):
    client = make().client
    summary = await call(client, "summarize", text=TEXT, style="detailed")
    assert len(summary["sentences"]) == 2  # one of three words is too short to say anything
    for sentence in summary["sentences"]:
        assert cut16(TEXT, sentence["start"], sentence["end"]) == sentence["text"]
    headline = await call(client, "summarize", text=TEXT, style="headline")
    assert len(headline["sentences"]) == 1
    short = await call(client, "summarize", text=TEXT, style="detailed", maxTokens=8)
    assert len(short["summary"]) < len(summary["summary"])
    answer = await call(client, "answer", question="trains on rails", context=TEXT, topK=2)
    assert set(answer) == {"answer", "score", "start", "end", "alternatives", "noAnswer"} | ANSWERED
    assert len(answer["alternatives"]) == 1
    for span in (answer, *answer["alternatives"]):
        assert cut16(TEXT, span["start"], span["end"]) == span["answer"]


async def test_one_text_or_many(make):
    client = make().client
    one = await call(client, "zeroShot", texts="cats sleep", labels=["cats", "trains"], multiLabel=True)
    assert set(one) == {"labels", "scores"} | ANSWERED
    many = await call(client, "zeroShot", texts=["cats", "trains"], labels=["cats", "trains"])
    assert [len(each["labels"]) for each in many["results"]] == [2, 2]
    assert sum(many["results"][0]["scores"]) == pytest.approx(1)
    other = await call(
        client, "zeroShot", texts="cats", labels=["cats", "trains"], hypothesis="I am no {} at all"
    )
    assert other["scores"] != many["results"][0]["scores"]
    ranked = await call(client, "rerank", query="trains", docs=["cats", "trains run"], topK=1)
    assert [each["index"] for each in ranked["results"]] == [1]


async def test_a_classifier_is_taught_kept_exported_and_read_again(make):
    client = make().client
    taught = (await call(client, "teach", examples=EXAMPLES, name="mail"))["classifier"]
    assert (taught["name"], taught["labels"], taught["examples"]) == ("mail", ["delivery", "refund"], 2)
    file = (await call(client, "classifiers.export", id=taught["id"]))["file"]
    again = (await call(make().client, "classifiers.import", file=file))["classifier"]
    assert again["labels"] == taught["labels"]
    assert (await call(client, "classifiers.list"))["classifiers"] == [taught]
    assert (await call(client, "classifiers.get", id=taught["id"]))["classifier"] == taught
    found = await call(client, "classifiers.classify", id=taught["id"], texts=["my parcel", "my money"])
    assert [each["labels"][0] for each in found["results"]] == ["delivery", "refund"]
    assert (await call(client, "classifiers.delete", id=taught["id"])) == {"deleted": True}
    with pytest.raises(NotFound):
        await call(client, "classifiers.classify", id=taught["id"], texts="x")


async def test_documents_have_utf16_offsets_and_times_in_milliseconds(make):
    client = make().client
    added = (await call(client, "documents.add", name="a.md", text=TEXT, id="one"))["document"]
    assert (added["id"], added["kind"], added["characters"]) == ("one", "markdown", len(TEXT) + 4)
    assert added["added"] == round(added["added"])
    assert (await call(client, "documents.list"))["documents"] == [added]
    got = await call(client, "documents.get", id="one")
    assert (got["text"], got["document"]["name"]) == (TEXT, "a.md")
    found = await call(client, "documents.search", query="trains run on rails", topK=1)
    (hit,) = found["results"]
    assert cut16(TEXT, hit["start"], hit["end"]) == hit["text"]
    marked = [cut16(hit["text"], mark["start"], mark["end"]) for mark in hit["highlights"]]
    assert "Trains" in marked
    plain = await call(client, "documents.add", name="a.md", text=TEXT, id="two", kind="text")
    assert plain["document"]["kind"] == "text"
    assert [one["id"] for one in (await call(client, "documents.list"))["documents"]] == ["one", "two"]
    assert await call(client, "documents.delete", id="one") == {"deleted": True}


async def test_an_answer_s_citations_have_utf16_offsets(make):
    client = make().client
    await call(client, "documents.add", name="a.txt", text=TEXT, id="one")
    made = await call(client, "generate", prompt="trains run on rails where")
    citation = made["citations"][0]
    assert made["found"]
    assert cut16(TEXT, citation["start"], citation["end"]) == citation["text"]
    chat = await call(client, "chat", messages=[{"role": "user", "content": "trains run on rails where"}])
    assert chat["nearside"]["citations"][0]["start"] == citation["start"]


async def test_chunks_are_handed_over_one_by_one(make):
    chunks = []
    client = make(cloud=FakeCloud("one two")).client
    params = {
        "messages": [{"role": "user", "content": "Write it"}],
        "stream": True,
        "consent": True,
        "parameters": {"seed": 1},
    }
    assert await dispatch(client, "chat", params, None, chunks.append) == {}
    chunks = json.loads(json.dumps(chunks))
    assert [chunk["choices"][0]["delta"].get("content") for chunk in chunks] == [None, "one ", "two", None]
    assert chunks[0]["nearside"]["decision"]["candidates"][0] == {
        "tier": "far",
        "model": "cloud-fast",
        "removedBy": None,
    }
    assert chunks[-1]["nearside"]["model"]["backend"] == "cloud"


async def test_every_task_takes_the_options_of_routing(make):
    client = make(cloud=FakeCloud("far")).client
    tasks = {
        "embed": {"texts": "a"},
        "similarity": {"a": "x", "b": "y"},
        "search": {"query": "a", "docs": ["a"]},
        "rerank": {"query": "a", "docs": ["a"]},
        "zeroShot": {"texts": "a", "labels": ["b", "c"]},
        "summarize": {"text": TEXT},
        "answer": {"question": "a", "context": TEXT},
        "detectLanguage": {"text": TEXT},
        "teach": {"examples": EXAMPLES},
        "documents.add": {"name": "a", "text": "b"},
        "documents.search": {"query": "a"},
        "generate": {"prompt": "a"},
        "chat": {"messages": [{"role": "user", "content": "a"}]},
        "route": {"task": "chat"},
    }
    for method, params in tasks.items():
        answer = await call(client, method, **params, mode="local-only", prefer="far", consent=True)
        decision = answer.get("nearside", answer).get("decision", answer)
        assert (decision["tier"], decision["mode"]) == ("near", "local-only"), method
        with pytest.raises(InvalidOption):
            await call(client, method, **params, mode="sideways")


async def test_settings_and_records_reach_the_page(make):
    client = make(cloud=FakeCloud()).client
    before = await call(client, "settings.get")
    assert (before["mode"], before["chosen"], before["cloud"], before["hub"]) == (
        "prefer-local",
        False,
        "ask",
        True,
    )
    assert before["provider"] == {"connected": True, "models": ["cloud-fast"], "state": "up"}
    after = await call(client, "settings.set", changes={"mode": "local-only", "hub": False})
    assert (after["mode"], after["chosen"], after["hub"]) == ("local-only", True, False)
    assert after["provider"]["connected"] is False
    await dispatch(client, "embed", {"texts": "a"})
    (record,) = (await call(client, "records.list", limit=5))["records"]
    assert (record["task"], record["facts"]["nearModel"]) == ("embed", "nearside/all-MiniLM-L6-v2")
    assert (await call(client, "records.export"))["text"].count("\n") == 1
    await call(client, "records.clear")
    assert (await call(client, "records.list"))["records"] == []


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("teach", {"examples": "x"}, InvalidInput),
        ("teach", {"examples": [["a", "b"]]}, InvalidInput),
        ("teach", {"examples": [{"text": "a", "label": "b", "weight": 1}]}, InvalidInput),
        ("settings.set", {"changes": []}, InvalidInput),
        ("settings.set", {"changes": {"theme": "dark"}}, InvalidOption),
        ("records.list", {"limit": 0}, InvalidOption),
        ("route", {"task": "dance"}, UnknownMethod),
        ("route", {"task": ["chat"]}, UnknownMethod),
        ("settings.set", {"changes": {"self": 1}}, InvalidOption),
        ("detectLanguage", {"text": "a", "model": "a/b"}, InvalidOption),
        ("summarize", {"text": "A. B.", "model": "no spaces please"}, InvalidOption),
        ("generate", {"prompt": "a", "parameters": [1]}, InvalidOption),
        ("documents.get", {"id": "nobody"}, NotFound),
        ("documents.list", {"mode": "local-only"}, InvalidOption),
        ("chat", {"messages": [], "parameters": {}}, InvalidInput),
        ("generate", {"prompt": "a", "parameters": {"api_key": "x"}}, InvalidOption),
    ],
)
async def test_wrong_calls_are_typed_errors(make, method, params, kind):
    with pytest.raises(NearsideError) as raised:
        await dispatch(make().client, method, params)
    assert type(raised.value) is kind
