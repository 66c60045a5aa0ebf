"""`client.models`: recommending and checking, going back to the revision before, and whose model answers."""

import asyncio
import dataclasses
import json

import pytest

import nearside
from nearside.errors import InvalidOption, ModelNeeded, NotFound, UnknownModel
from nearside.ports.fakes import MODEL, FakeRuntime, FakeStore
from nearside.ports.store import StoredModel

FACTS = {
    "browser": {"name": "Chromium", "version": "156"},
    "formFactor": "desktop",
    "memoryGiB": 8,
    "wasm": {"simd": True},
    "storage": {"indexeddb": True, "quota": 10**11, "used": 0},
}
BERT = {"architectures": ["BertForSequenceClassification"], "model_type": "bert"}


def card(id, task=None, size=1_000_000, **more):
    path = "onnx/model_quantized.onnx"
    return {
        "id": id,
        "task": task,
        "files": [{"path": path, "bytes": size}],
        "dtypes": {"int8": path},
        **more,
    }


def kept(id, task=None, **more):
    made = card(id, task, **more)
    return StoredModel(id, "1", 1, True, files=("onnx/model_quantized.onnx",), card=made)


async def test_the_catalog_is_asked_with_the_device(make):
    client = make(facts=FACTS).client
    found = await client.models.recommend("classify")
    assert found.model.id == "Xenova/distilbert-base-uncased-finetuned-sst-2-english"
    assert (found.model.backend, found.model.dtype, found.model.stored) == ("wasm", "int8", False)
    german = await client.models.recommend("embed", languages=["de"])
    assert german.model.id == "Xenova/multilingual-e5-small"


async def test_who_thinks_before_it_answers_is_known_of_the_catalog_and_of_open_models(make, arch_models):
    found = await make(facts=FACTS).client.models.recommend("chat")
    told = {one.id: one.thinks for one in (found.model, *found.others)}
    assert told["onnx-community/Qwen3-0.6B-ONNX"] is True
    assert told["HuggingFaceTB/SmolLM2-135M-Instruct"] is False
    async with nearside.connect([arch_models]) as client:
        for id, thinks in {"arch/qwen3": True, "arch/llama": False, "arch/bert_embed": None}.items():
            assert (await client.models.check(id)).thinks is None  # its files are read when it is opened
            await client.models.preload(id)
            assert (await client.models.check(id)).thinks is thinks
        found = await client.models.recommend("chat")
        told = {one.id: one.thinks for one in (found.model, *found.others)}
        assert (told["arch/qwen3"], told["arch/llama"]) == (True, False)


async def test_what_the_site_offers_and_what_is_stored_comes_first(make):
    store = FakeStore(
        [kept("me/stored", "rerank")], [card("site/own", "rerank"), card("site/other", "embed")]
    )
    client = make(store=store, facts=FACTS).client
    found = await client.models.recommend("rerank")
    assert [found.model.id, found.others[0].id] == ["site/own", "me/stored"]
    assert found.others[0].stored and not found.model.stored
    assert found.model.exact and found.model.bytes == 1_000_000


async def test_a_stored_catalog_model_needs_nothing(make):
    id = "Xenova/bge-small-en-v1.5"
    client = make(store=FakeStore([kept(id, "embed")]), facts=FACTS).client
    made = await client.models.check(id)
    assert made.stored and made.exact and "It is stored on this device (1.0 MB)." in made.reasons


@pytest.mark.parametrize("task", ["detectLanguage", "nonsense", 3, None])
async def test_a_task_without_models_is_refused(make, task):
    with pytest.raises(InvalidOption, match="no model for a task"):
        await make(facts=FACTS).client.models.recommend(task)
    with pytest.raises(InvalidOption, match="languages"):
        await make(facts=FACTS).client.models.recommend("embed", languages="de")


async def test_an_unknown_model_is_looked_up_where_it_is(make):
    ports = make(facts=FACTS)
    ports.store.elsewhere = [card("org/far", "rerank", 5_000_000_000)]
    made = await ports.client.models.check("org/far")
    assert (made.verdict, made.exact, made.bytes) == ("no", True, 5_000_000_000)
    assert made.smaller == "Xenova/bge-reranker-base"
    with pytest.raises(UnknownModel):
        await ports.client.models.check("org/nowhere")
    with pytest.raises(InvalidOption):
        await ports.client.models.check("nonsense")


async def test_going_back_to_the_revision_before(make, settle):
    ports = make()
    ports.store.previous = {MODEL: "abc"}
    await ports.client.models.preload(MODEL)
    assert await ports.client.models.rollback(MODEL) == "abc"
    assert not ports.runtime.open_sessions
    with pytest.raises(NotFound):
        await ports.client.models.rollback(MODEL)


async def test_who_lacks_a_model_is_told_which_one_would_do(make):
    with pytest.raises(ModelNeeded, match=r"Xenova/distilbert-base-uncased-\S+ \(about 68 MB\)"):
        await make().client.classify("x")


def classifier(id):
    return FakeRuntime(
        [MODEL, id],
        outputs=("logits",),
        files={"tokenizer.json": "{}", "config.json": json.dumps(BERT)},
    )


async def test_a_stored_model_for_the_task_is_taken(make):
    ports = make(runtime=classifier("me/one"), store=FakeStore([kept("me/one", "classify")]))
    assert await ports.client._core.choice.near_model(
        "classify", ("classify",), None, ports.client.settings
    ) == (
        "me/one",
        None,
    )


async def test_an_open_model_of_the_kind_is_not_taken_for_another_task(make):
    """One that puts pairs of texts in order does not tell sentiments, though both are classifiers."""
    ports = make(runtime=classifier("me/ranker"), store=FakeStore())
    ports.runtime.card = {**ports.runtime.card, "task": "rerank"}
    await ports.client.models.preload("me/ranker")
    choice, settings = ports.client._core.choice, ports.client.settings
    assert (await choice.near_model("classify", ("classify",), None, settings))[0] is None
    assert (await choice.near_model("rerank", ("classify",), None, settings))[0] == "me/ranker"


async def test_the_visitors_choice_comes_before_everything(make):
    ports = make(runtime=FakeRuntime([MODEL, "me/embed"]))
    await ports.client.settings.change({"models.embed": "me/embed"})
    assert (await ports.client.embed("x")).model.id == "me/embed"
    assert (await ports.client.search("x", ["y"])).model.id == "me/embed"
    await ports.client.settings.change({"models.embed": None})
    assert (await ports.client.embed("x")).model.id == MODEL


@pytest.mark.parametrize("name", ["models.nonsense", "models.", "models.detectLanguage"])
async def test_a_model_is_chosen_for_tasks_that_exist(make, name):
    with pytest.raises(InvalidOption, match="no setting"):
        await make().client.settings.change({name: "a/b"})


@pytest.mark.parametrize(("languages", "named"), [(("de", "en"), "opus-mt-de-en"), ((), "m2m100_418M")])
async def test_a_translation_names_a_model_for_its_languages(make, languages, named):
    client = make().client
    _, lacks = await client._core.choice.near_model(
        "translate", ("seq2seq",), None, client.settings, languages
    )
    assert named in lacks


class Stubborn(FakeRuntime):
    """Each model has vectors of its own: another one's sign is the opposite."""

    async def open(self, model, **options):
        session = await super().open(model, **options)
        if model != MODEL:
            run = session.run

            async def opposite(feeds, want, keep=None, *, graph=None):
                return {name: -rows for name, rows in (await run(feeds, want, keep, graph=graph)).items()}

            session.run = opposite
        return session


async def test_vectors_of_two_models_are_never_mixed(make):
    """A document that was added with one model is found by another's words alone, and says that it wants to
    be added anew; when it was, by its meaning again."""
    client = make(runtime=Stubborn([MODEL, "me/embed"])).client
    text = "Cats sleep on warm windowsills."
    added = await client.documents.add("cats", text)

    async def score(model):
        hits = await client.documents.search(text, model=model)
        own = [hit.score for hit in hits.results if hit.id == added.document.id]
        return own[0], (await client.documents.list())[0].current

    alone, current = await score(MODEL)
    assert current
    mixed, current = await score("me/embed")
    assert not current and mixed < alone
    await client.documents.add("cats", text, id=added.document.id, model="me/embed")
    again, current = await score("me/embed")
    assert current and again == pytest.approx(alone, abs=1e-3)


async def test_another_version_does_not_take_over_in_the_middle(make):
    """A worker that is opened again must run the files that the engine has read: the call is made once more,
    with the model read anew."""

    class Moving(FakeRuntime):
        async def open(self, model, **options):
            return await super().open(f"{model}@{len(self.opened)}", **options)

    ports = make(runtime=Moving())
    assert (await ports.client.embed("one")).model.revision == "0"
    ports.runtime.crashes = 1
    made = await ports.client.embed("two")
    assert made.model.revision == "2"
    assert [session.info.revision for session in ports.runtime.open_sessions] == ["2"]


async def test_after_a_graphics_card_failed_the_processor_s_weights_are_named(make):
    class Failing(FakeRuntime):
        """Its first session runs on a card that fails at the second call."""

        async def open(self, model, **options):
            session = await super().open(model, **options)
            card = len(self.opened) == 1
            backend, weights = ("webgpu", "aa" * 32) if card else ("wasm", "bb" * 32)
            session.info = dataclasses.replace(
                session.info, backend=backend, sha256=weights, inputs=("input_ids",)
            )
            return session

    ports = make(runtime=Failing())
    assert (await ports.client.embed("one")).model.backend == "webgpu"
    ports.runtime.crashes = 1
    made = await ports.client.embed(["two", "one"])
    assert (made.model.backend, made.model.sha256) == ("wasm", "bb" * 32)
    assert made.usage.cached == 0  # the card's vectors are another file's
    (record, _) = await ports.client.records.list()
    assert (record["outcome"], record["model"]["sha256"]) == ("ok", "bb" * 32)


async def test_a_dry_run_names_the_model_that_would_answer(make):
    ports = make(store=FakeStore([kept("me/translate", "translate")]))
    assert (await ports.client.route("translate")).model == "me/translate"
    assert (await ports.client.route("summarize")).model == MODEL
    assert (await ports.client.route("embed")).model == MODEL
    await ports.client.settings.change({"models.summarize": "me/other"})
    assert (await ports.client.route("summarize")).model == "me/other"
    with pytest.raises(ModelNeeded, match="would"):
        await ports.client.route("transcribe")


class Updated(FakeRuntime):
    """Other weights from the second opening on."""

    async def open(self, model, *, replica=0, on_progress=None):
        session = await super().open(model, replica=replica, on_progress=on_progress)
        if len(self.opened) > 1:
            session.info = dataclasses.replace(session.info, revision="newer")
        return session


@pytest.mark.parametrize("crashes", [0, 1])
async def test_weights_that_were_replaced_leave_none_of_the_old_ones_open(make, settle, crashes):
    runtime = Updated(max_replicas=2)
    client = make(runtime=runtime).client
    await client.models.preload(MODEL)
    runtime.crashes = crashes  # the first worker is started anew; else a second one is opened for the job
    texts = [f"text {number}" for number in range(40)]
    jobs = [client.embed(texts[:20]), client.embed(texts[20:]), client.embed(["one more"])]
    made = await asyncio.gather(*jobs)
    assert {one.model.revision for one in made} <= {"fake", "newer"}
    await settle()
    assert {session.info.revision for session in runtime.open_sessions} == {"newer"}
    assert len(runtime.open_sessions) <= 2
    assert await client.models.unload(MODEL)
    assert runtime.open_sessions == []
