"""What the engine answers over the fakes, in CPython and in Pyodide alike. Defines `scenario()`."""

import asyncio

from nearside.engine.client import Client
from nearside.errors import ModelGone, NearsideError
from nearside.ports.fakes import MODEL, FakeProbe, FakeRuntime, FakeStore, FakeTokenizers, ManualClock
from nearside.wire.page import dispatch

DOCS = [
    "A cat sleeps on the warm windowsill.",
    "Stock prices fell on Monday.",
    "😀 東京は日本の首都です。 \ud83d",
    "Nothing of note happened here. " * 12 + "Then the zebra came. " + "And it left. " * 12,
    "",
    "किताब हिन्दी में है",
]


def make(**options):
    runtime = FakeRuntime(max_replicas=2)
    ports = (runtime, FakeTokenizers(), FakeStore(), FakeProbe({"cores": 2, "secure": True}), ManualClock())
    return Client(*ports, **options), runtime


CHANCE = {"id", "created"}


def plain(value):
    """Return an answer as JSON has it, numbers rounded to what cannot differ, without ids made by chance."""
    if isinstance(value, dict):
        return {name: plain(inside) for name, inside in value.items() if name not in CHANCE}
    if isinstance(value, list):
        return [plain(inside) for inside in value]
    if hasattr(value, "tolist"):
        return [round(number, 4) + 0.0 for number in value.tolist()[:8]]
    return round(value, 4) if isinstance(value, float) else value


async def answers():
    client, _ = make()
    calls = [
        ("embed", {"texts": ["one", "two words", "", "long text " * 30, "\ud800 half", "one"]}),
        ("similarity", {"a": "a cat", "b": "the cat"}),
        ("search", {"query": "cat", "docs": DOCS}),
        ("search", {"query": "日本 の 首都", "docs": DOCS, "topK": 2}),
        ("search", {"query": "zebra", "docs": DOCS, "passages": True, "topK": 3}),
        ("search", {"query": "हिन्दी", "docs": DOCS, "passages": True, "topK": 1}),
        ("search", {"query": "cat", "docs": DOCS, "topK": float("nan")}),
        ("embed", {"texts": [None]}),
        ("rerank", {"query": "cat", "docs": DOCS, "topK": 2}),
        ("zeroShot", {"texts": ["a cat", "prices fell"], "labels": ["cat", "prices"]}),
        ("zeroShot", {"texts": "a cat", "labels": ["cat", "prices"], "multiLabel": True}),
        ("summarize", {"text": " ".join(DOCS), "style": "bullets", "maxTokens": 40}),
        ("answer", {"question": "where does the cat sleep", "context": " ".join(DOCS)}),
        ("detectLanguage", {"text": "Dies ist ein deutscher Satz."}),
        ("detectLanguage", {"text": "これは日本語です。"}),
        ("teach", {"examples": [{"text": "a cat", "label": "cats"}, {"text": "prices", "label": "money"}]}),
        ("documents.add", {"name": "a.md", "text": "# Cats\n\n" + DOCS[0], "id": "a"}),
        ("documents.add", {"name": "b", "text": DOCS[3], "id": "b"}),
        ("documents.search", {"query": "the cat on the windowsill"}),
        ("documents.get", {"id": "a"}),
        ("documents.delete", {"id": "b"}),
        ("generate", {"prompt": "where does the cat sleep on the windowsill"}),
        ("chat", {"messages": [{"role": "user", "content": "Write a poem"}], "mode": "balanced"}),
        ("route", {"task": "summarize", "characters": 5000, "mode": "prefer-cloud"}),
        ("summarize", {"text": "A. B.", "mode": "cloud-only"}),
        ("settings.set", {"changes": {"mode": "local-only"}}),
        ("settings.get", {}),
        ("embed", {"texts": "x", "model": "no/where"}),
        ("device", {}),
        ("models.list", {}),
        ("models.unload", {"id": MODEL}),
        ("nonsense", {}),
    ]
    made = []
    for method, params in calls:
        told = []
        try:
            answer = plain(await dispatch(client, method, params, told.append))
        except NearsideError as error:
            answer = error.to_wire()
        made.append({"answer": answer, "told": told[-1:]})
    return made


async def concurrency():
    """Bulk work, a query in between, a crash, a cancellation, an unloading: on this loop, whichever it is."""
    client, runtime = make()
    await client.embed("warm up")
    runtime.hold()
    job = asyncio.ensure_future(client.embed([f"text {i}" for i in range(300)]))
    await settle()
    query = asyncio.ensure_future(client.embed("query"))
    await settle()
    replicas = len(runtime.open_sessions)
    runtime.let(6)
    await settle()
    early = query.done()
    runtime.crashes = 1
    runtime.let(20)
    await settle()
    reopened = len(runtime.opened)
    job.cancel()
    cancelled = isinstance((await asyncio.gather(job, return_exceptions=True))[0], asyncio.CancelledError)
    other = asyncio.ensure_future(client.embed([f"other {i}" for i in range(50)]))
    runtime.hold()
    await settle()
    await client.models.unload(MODEL)
    gone = isinstance((await asyncio.gather(other, return_exceptions=True))[0], ModelGone)
    runtime.let()
    found = await client.search("text 7", [f"text {i}" for i in range(40)])
    return {
        "replicas": replicas,
        "early": early,
        "reopened": reopened,
        "cancelled": cancelled,
        "gone": gone,
        "best": found.results[0].index,
        "records": [record["outcome"] for record in await client.records.list()],
        "left": await left(client),
    }


async def left(client):
    """Whether more tasks are left than the watchers of two lanes."""
    await client.records.close()
    return len([task for task in asyncio.all_tasks() if task is not asyncio.current_task()]) > 2


async def settle():
    for _ in range(60):
        await asyncio.sleep(0)


async def scenario():
    return {"answers": await answers(), "concurrency": await concurrency()}
