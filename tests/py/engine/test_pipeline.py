"""The way of a request: which side is asked, what happens when it fails, what is recorded."""

import asyncio

import pytest

from nearside.errors import (
    CloudFailed,
    CloudRefused,
    InvalidInput,
    InvalidOption,
    ModelCorrupt,
    NoProvider,
    NoRoute,
    Offline,
    RateLimited,
    UnknownMethod,
)
from nearside.ports.cloud import CloudDelta, CloudModel
from nearside.ports.fakes import FakeCloud, FakeDatabase, FakeRuntime

TEXT = "Cats sleep on the warm windowsill. Trains run on rails. Bread needs an oven and time."


async def test_a_task_that_never_needs_the_cloud_does_not_even_ask_for_it(make):
    ports = make(cloud=FakeCloud())
    answer = await ports.client.embed("one", mode="prefer-cloud")
    assert answer.decision.tier == "near"
    assert answer.decision.cost == 0
    assert ports.cloud.listed == 0


async def test_without_a_cloud_everything_is_answered_here(make):
    answer = await make().client.summarize(TEXT)
    assert answer.decision.tier == "near"
    assert [one.removed_by for one in answer.decision.candidates] == [None, "provider"]


async def test_the_cloud_answers_where_the_mode_says_so(make):
    ports = make(cloud=FakeCloud("A short summary."))
    answer = await ports.client.summarize(TEXT, mode="prefer-cloud")
    assert answer.summary == "A short summary."
    assert (answer.decision.tier, answer.decision.model, answer.model.backend) == (
        "far",
        "cloud-fast",
        "cloud",
    )
    assert answer.decision.cost == answer.usage.tokens * 150 + answer.usage.written * 600
    assert [request.alias for request in ports.cloud.asked] == ["cloud-fast"]


@pytest.mark.parametrize(
    "error", [Offline("gone"), RateLimited("later"), CloudFailed("broken"), NoProvider("none")]
)
async def test_a_refusal_of_the_cloud_is_answered_here_and_says_so(make, error):
    ports = make(cloud=FakeCloud(error))
    answer = await ports.client.summarize(TEXT, mode="prefer-cloud")
    assert answer.decision.tier == "near"
    assert answer.decision.escalated_from.code == error.code
    assert "because the cloud could not" in answer.decision.explanation
    (record,) = await ports.client.records.list()
    assert record["decision"]["escalated_from"]["tier"] == "far"
    assert record["outcome"] == "ok"


async def test_what_calls_meet_is_remembered_for_the_next_decision(make):
    ports = make(cloud=FakeCloud(Offline("gone"), "A summary."))
    await ports.client.summarize(TEXT, mode="prefer-cloud")
    second = await ports.client.summarize(TEXT, mode="prefer-cloud")
    assert second.decision.candidates[1].removed_by == "connectivity"
    await ports.clock.advance(6)
    third = await ports.client.summarize(TEXT, mode="prefer-cloud")
    assert third.decision.tier == "far"


async def test_an_error_of_this_device_goes_to_the_cloud_when_the_rules_allow(make):
    runtime = FakeRuntime()
    runtime.open_errors = [ModelCorrupt("bad file")] * 3
    ports = make(runtime, cloud=FakeCloud("A summary."))
    with pytest.raises(ModelCorrupt):  # nobody has agreed to the cloud
        await ports.client.summarize(TEXT)
    answer = await ports.client.summarize(TEXT, consent=True)
    assert (answer.decision.tier, answer.decision.escalated_from.code) == ("far", "model_corrupt")
    with pytest.raises(ModelCorrupt):
        await ports.client.summarize(TEXT, consent=True, mode="local-only")
    outcomes = [record["outcome"] for record in await ports.client.records.list()]
    assert outcomes == ["model_corrupt", "ok", "model_corrupt"]


async def test_the_visitor_s_local_only_stands_above_every_call(make):
    ports = make(cloud=FakeCloud(), mode="prefer-cloud")
    await ports.client.settings.set(mode="local-only")
    answer = await ports.client.summarize(TEXT, mode="cloud-only", prefer="far", consent=True)
    assert answer.decision.tier == "near"
    chat = await ports.client.generate("Write a poem", mode="cloud-only", consent=True)
    assert chat.decision.tier == "near"
    assert (ports.cloud.asked, ports.cloud.listed) == ([], 0)


async def test_a_local_document_asks_nobody(make):
    ports = make(cloud=FakeCloud(), local_document=True)
    answer = await ports.client.summarize(TEXT, mode="cloud-only", consent=True)
    assert answer.decision.mode == "local-only"
    assert (ports.cloud.asked, ports.cloud.listed) == ([], 0)


async def test_cloud_only_without_a_cloud_is_a_typed_error_with_a_record(make):
    ports = make()
    with pytest.raises(NoRoute):
        await ports.client.summarize(TEXT, mode="cloud-only")
    assert (await ports.client.embed("one", mode="cloud-only")).decision.tier == "near"
    assert [record["outcome"] for record in await ports.client.records.list()] == ["ok", "no_route"]


async def test_consent_is_asked_for_once_and_kept(make):
    ports = make(cloud=FakeCloud("A poem."))
    dry = await ports.client.route("chat", prompt="Write a poem")
    assert dry.candidates[1].removed_by == "consent"
    await ports.client.settings.set(cloud="allow")
    answer = await ports.client.generate("Write a poem")
    assert (answer.decision.tier, answer.text) == ("far", "A poem.")


async def test_another_tab_s_settings_count_at_once(make):
    database = FakeDatabase()
    one, other = make(database=database, cloud=FakeCloud("A poem.")), make(database=database)
    await one.client.settings.set(cloud="allow")
    assert (await one.client.generate("Write a poem")).decision.tier == "far"
    await other.client.settings.set(mode="local-only")
    assert (await one.client.generate("Write a poem")).decision.tier == "near"


async def test_a_dry_run_asks_no_model_and_leaves_no_record(make):
    ports = make(cloud=FakeCloud())
    decision = await ports.client.route("summarize", characters=100, mode="prefer-cloud")
    assert (decision.tier, decision.id) == ("far", "")
    assert ports.cloud.asked == []
    assert await ports.client.records.list() == []
    with pytest.raises(UnknownMethod):
        await ports.client.route("dance")
    with pytest.raises(InvalidOption):
        await ports.client.route("embed", characters=-1)


async def test_a_long_text_does_not_fit_the_cloud_model(make):
    ports = make(cloud=FakeCloud())
    decision = await ports.client.route("summarize", characters=100_000, mode="prefer-cloud")
    assert decision.candidates[1].removed_by == "context"


@pytest.mark.parametrize(
    "options", [{"mode": "sideways"}, {"prefer": "both"}, {"consent": 1}, {"model": 3}, {"model": ""}]
)
async def test_impossible_options_are_refused(make, options):
    with pytest.raises(InvalidOption):
        await make().client.summarize(TEXT, **options)


async def test_a_caller_s_mistake_is_not_taken_to_the_cloud(make):
    ports = make(cloud=FakeCloud())
    with pytest.raises(InvalidInput):
        await ports.client.summarize("", consent=True)
    assert ports.cloud.asked == []


async def test_a_cancelled_request_leaves_a_record(make, settle):
    ports = make()
    await ports.client.embed("warm up")
    ports.runtime.hold()
    job = asyncio.create_task(ports.client.embed([f"text {i}" for i in range(30)]))
    await settle()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (await ports.client.records.list())[0]["outcome"] == "cancelled"


async def test_a_named_model_decides_the_side(make):
    ports = make(cloud=FakeCloud("far"))
    far = await ports.client.summarize(TEXT, model="cloud-fast", consent=True)
    assert far.decision.tier == "far"
    near = await ports.client.summarize(TEXT, model="nearside/all-MiniLM-L6-v2", mode="prefer-cloud")
    assert near.decision.tier == "near"


async def test_local_only_that_comes_while_a_model_loads_still_binds(make, settle):
    runtime = FakeRuntime()
    runtime.open_errors = [ModelCorrupt("bad file")]
    ports = make(runtime, cloud=FakeCloud("far"))
    runtime.open_gate.clear()
    job = asyncio.create_task(ports.client.summarize(TEXT, consent=True))
    await settle()
    await ports.client.settings.set(mode="local-only")
    runtime.open_gate.set()
    answer = await job
    assert (answer.decision.tier, answer.decision.mode) == ("near", "local-only")
    assert ports.cloud.asked == []


async def test_an_answer_is_recorded_once_as_what_it_was(make):
    ports = make(cloud=FakeCloud("far"))
    await ports.client.generate("Write it", consent=True)
    await ports.client.chat.completions.create([{"role": "user", "content": "Write it"}], consent=True)
    await ports.client.close()
    kept = [entry.value for entry in await ports.database.list("records")]
    assert [record["outcome"] for record in kept] == ["ok", "ok"]
    assert all(record["usage"]["written"] == 1 for record in kept)


async def test_a_visitor_who_wants_to_be_asked_is(make):
    page = make(cloud=FakeCloud("far"), mode="prefer-cloud")
    assert (await page.client.generate("Write it")).decision.tier == "far"
    await page.client.settings.set(cloud="ask")
    assert (await page.client.generate("Write it")).decision.tier == "near"
    await page.client.settings.set(mode="prefer-cloud")
    assert (await page.client.generate("Write it")).decision.tier == "far"
    strict = make(cloud=FakeCloud("far"), mode="cloud-only")
    await strict.client.settings.set(mode="prefer-local", cloud="ask")
    assert (await strict.client.generate("Write it")).decision.tier == "near"


@pytest.mark.parametrize("error", [Offline("gone"), RateLimited("later"), CloudFailed("broken")])
async def test_an_unsure_answer_is_better_than_none(make, error):
    ports = make(cloud=FakeCloud(error))
    answer = await ports.client.generate("zeppelins filled hydrogen when", consent=True)
    assert (answer.found, answer.decision.tier) == (False, "near")
    assert answer.decision.escalated_from.code == error.code
    assert len(ports.cloud.asked) == 1


async def test_who_asks_for_this_device_gets_its_answer(make):
    ports = make(cloud=FakeCloud("far"))
    answer = await ports.client.generate("zeppelins filled hydrogen when", consent=True, prefer="near")
    assert (answer.found, answer.decision.tier) == (False, "near")
    assert ports.cloud.asked == []


async def test_a_proxy_that_hangs_holds_up_one_decision_only(make, settle):
    class Hanging(FakeCloud):
        async def models(self):
            self.listed += 1
            if self.listed == 1:
                await asyncio.sleep(3600)
            return self.offered

    ports = make(cloud=Hanging("far"))
    first = await ports.client.generate("Write it", consent=True)
    assert first.decision.tier == "near"
    await ports.clock.advance(6)
    assert (await ports.client.generate("Write it", consent=True)).decision.tier == "far"


async def test_any_defect_of_the_far_side_is_no_defect_of_this_one(make):
    class Broken(FakeCloud):
        async def models(self):
            raise ValueError("a defect")

    assert (await make(cloud=Broken()).client.generate("Write it", consent=True)).decision.tier == "near"


async def test_what_is_not_known_to_be_free_is_not_called_free(make):
    class Silent(FakeCloud):
        async def stream(self, request):
            yield CloudDelta("A summary.", "stop")

    ports = make(cloud=Silent())
    assert (await ports.client.summarize(TEXT, mode="prefer-cloud")).decision.cost is None
    broken = make(cloud=FakeCloud(CloudFailed("cut"), before="half"))
    assert (await broken.client.summarize(TEXT, mode="prefer-cloud")).decision.cost is None


@pytest.mark.parametrize("finish", ["length", "content_filter"])
async def test_an_answer_that_was_cut_short_is_no_answer(make, finish):
    class Short(FakeCloud):
        async def stream(self, request):
            yield CloudDelta("Half a summ", finish)

    answer = await make(cloud=Short()).client.summarize(TEXT, mode="prefer-cloud")
    assert (answer.decision.tier, answer.decision.escalated_from.code) == ("near", "cloud_failed")


async def test_a_record_does_not_repeat_what_an_error_says(make):
    ports = make(cloud=FakeCloud(CloudRefused("Invalid prompt: my secret diary")))
    answer = await ports.client.summarize(TEXT, mode="prefer-cloud")
    assert "secret" in answer.decision.explanation
    assert "secret" not in await ports.client.records.export()


async def test_many_short_texts_are_asked_in_questions_that_fit(make):
    cloud = FakeCloud('{"results": []}', models=(CloudModel("small", 4000),))
    ports = make(cloud=cloud)
    answer = await ports.client.zero_shot(["word " * 40] * 60, ["cats", "trains"], mode="prefer-cloud")
    assert cloud.asked  # it fits, though all the texts together would not
    assert answer.decision.tier == "near"  # and the answer made no sense


async def test_in_local_only_mode_no_model_comes_from_the_hub(make):
    asked = []

    class Runtime(FakeRuntime):
        async def open(self, model, **options):
            asked.append(await ports.client.may_ask_hub())
            return await super().open(model, **options)

    ports = make(Runtime())
    await ports.client.embed("one", mode="local-only")
    await ports.client.models.unload("nearside/all-MiniLM-L6-v2")
    await ports.client.embed("two")
    await ports.client.settings.set(mode="local-only")
    await ports.client.models.unload("nearside/all-MiniLM-L6-v2")
    await ports.client.embed("three")
    await ports.client.settings.set(mode=None, hub=False)
    await ports.client.models.unload("nearside/all-MiniLM-L6-v2")
    await ports.client.embed("four")
    assert asked == [False, True, False, False]
    assert await make(local_document=True).client.may_ask_hub() is False
