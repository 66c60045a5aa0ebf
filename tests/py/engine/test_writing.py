"""Chat with a model of this device that writes: OpenAI's shapes, every option, several at a time, the other
side when it fails."""

import asyncio
import dataclasses
import threading
import time

import pytest

import nearside
from nearside.errors import DeadlineExceeded, InvalidOption, ModelCrashed, UnsupportedModel
from nearside.ports.fakes import FakeCloud

ASK = [{"role": "user", "content": "When does the library open?"}]
GREEDY = {"temperature": 0, "max_tokens": 12}
QWEN, LLAMA = "arch/qwen3", "arch/llama"


@pytest.fixture
def client(arch_models):
    """Return a client over the small models."""
    return nearside.connect([arch_models], dtype="fp32")


async def said(client, parameters, messages=ASK, model=QWEN):
    """The answer's text and the whole completion."""
    made = await client.chat.completions.create(messages, model=model, parameters=parameters)
    return made["choices"][0]["message"]["content"], made


def session(client, model):
    return client._core.manager.find(model).lane._replicas[0].session


async def with_cloud(client, cloud, model=QWEN):
    """Give a client a far side, and let the visitor choose the model for chat."""
    client._core.pipeline.far.cloud = cloud
    await client.settings.change({"models.chat": model, "cloud": "allow"})


async def test_a_completion_has_openai_s_shape(client):
    async with client:
        text, made = await said(client, GREEDY)
        chunks = []
        stream = await client.chat.completions.create(ASK, stream=True, model=QWEN, parameters=GREEDY)
        async for chunk in stream:
            chunks.append(chunk)
    assert made["object"] == "chat.completion"
    assert made["model"] == QWEN
    assert made["choices"][0]["finish_reason"] == "length"
    assert made["usage"]["prompt_tokens"] == 32  # the template's, from the reference
    assert made["usage"]["completion_tokens"] == 12
    assert made["usage"]["total_tokens"] == 44
    assert made["nearside"]["decision"].tier == "near"
    assert text
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert "".join(delta.get("content", "") for delta in deltas) == text
    assert deltas[0] == {"role": "assistant"}
    assert len([delta for delta in deltas if delta.get("content")]) > 2
    assert chunks[-1]["choices"][0]["finish_reason"] == "length"
    assert chunks[-1]["usage"]["completion_tokens"] == 12


async def test_the_model_that_the_visitor_chose_for_chat_writes(client):
    async with client:
        await client.settings.change({"models.chat": LLAMA})
        made = await client.generate("Write a poem", parameters=GREEDY)
        pieces = [piece async for piece in client.stream("Write a poem", parameters=GREEDY)]
    assert made.model.id == LLAMA
    assert made.usage.written == 12
    assert "".join(pieces) == made.text


async def test_each_cut_down_to_one_candidate_is_greedy(client):
    async with client:
        greedy, _ = await said(client, GREEDY)
        hot = {"temperature": 50.0, "max_tokens": 12, "seed": 1}
        assert (await said(client, hot))[0] != greedy
        for name, value in (("top_k", 1), ("top_p", 0.0), ("min_p", 1.0)):
            assert (await said(client, {**hot, name: value}))[0] == greedy


async def test_a_seed_repeats_an_answer(client):
    async with client:
        hot = {"temperature": 2.0, "max_tokens": 12}
        one, two, other = [(await said(client, {**hot, "seed": seed}))[0] for seed in (3, 3, 4)]
        assert one == two != other


@pytest.mark.parametrize("name", ["repetition_penalty", "presence_penalty", "frequency_penalty"])
async def test_penalties_change_what_is_written(client, name):
    async with client:
        long = {"temperature": 0, "max_tokens": 24}
        plain, _ = await said(client, long)
        assert (await said(client, {**long, name: 2.0}))[0] != plain


async def test_a_stop_text_ends_the_answer_before_it(client):
    async with client:
        plain, _ = await said(client, GREEDY)
        sign = plain[1:3]
        place = plain.find(sign)
        for stop in (sign, ["never there", sign]):
            text, made = await said(client, {**GREEDY, "stop": stop})
            assert text == plain[:place]
            assert made["choices"][0]["finish_reason"] == "stop"
        assert made["usage"]["completion_tokens"] < 12


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_a_limit_ends_the_answer(client, name):
    async with client:
        _, made = await said(client, {"temperature": 0, name: 5})
    assert made["usage"]["completion_tokens"] == 5


async def test_the_window_ends_the_answer(client):
    async with client:
        _, made = await said(client, {"temperature": 0}, model="arch/llama_sp")
        window = client._core.manager.find("arch/llama_sp").max_tokens
    usage = made["usage"]
    ended = made["choices"][0]["finish_reason"]
    assert ended == ("length" if usage["total_tokens"] == window else "stop")
    assert usage["total_tokens"] <= window


async def test_thinking_is_the_template_s_switch(client):
    async with client:
        counts = [
            (await said(client, {**GREEDY, "thinking": thinking}))[1]["usage"]["prompt_tokens"]
            for thinking in (True, False)
        ]
    assert counts[0] == 32
    assert counts[1] > 32  # an empty thought stands there already


async def test_thoughts_come_apart_from_the_answer(client, monkeypatch):
    from nearside.generation import chat

    class Scripted(chat.TextStream):
        """The pieces of a model that thinks: the small one's are noise."""

        def __init__(self, tokenizer):
            self.pieces = ["<thi", "nk>\nhm", "m\n</th", "ink>\n\n", "Nine", " o'clock"]

        def add(self, token):
            return self.pieces.pop(0) if self.pieces else ""

        def end(self):
            return ""

    monkeypatch.setattr(chat, "TextStream", Scripted)
    async with client:
        text, made = await said(client, GREEDY)
        stream = await client.chat.completions.create(ASK, stream=True, model=QWEN, parameters=GREEDY)
        deltas = [chunk["choices"][0]["delta"] async for chunk in stream]
        pieces = [piece async for piece in client.stream("x", model=QWEN, parameters=GREEDY)]
    assert text == "Nine o'clock"
    assert made["choices"][0]["message"]["reasoning_content"] == "hmm"
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == "hmm"
    assert "".join(delta.get("content", "") for delta in deltas) == text
    assert "".join(pieces) == text


async def test_the_oldest_turns_make_room(client):
    talk = [{"role": "system", "content": "Be brief."}]
    for number in range(40):
        talk.append({"role": "user", "content": f"Question {number}: when does the library open?"})
        talk.append({"role": "assistant", "content": "The library opens at nine."})
    talk.append(ASK[0])
    async with client:
        _, made = await said(client, GREEDY, talk)
        window = client._core.manager.find(QWEN).max_tokens
        assert made["usage"]["prompt_tokens"] <= window - 12
        dropped = made["nearside"]["dropped"]
        assert dropped > 0
        kept = [talk[0], *talk[1 + dropped :]]
        assert kept[1]["role"] == "user"
        again = await said(client, {**GREEDY, "truncate": False}, kept)
        assert again[1]["nearside"]["dropped"] == 0
        assert again[1]["usage"] | {"prompt_tokens_details": 0} == made["usage"] | {
            "prompt_tokens_details": 0
        }
        with pytest.raises(UnsupportedModel, match="tokens"):
            await said(client, {**GREEDY, "truncate": False}, talk)
        with pytest.raises(UnsupportedModel, match="tokens"):
            await said(client, GREEDY, [{"role": "user", "content": "library " * 2000}])


async def test_a_next_turn_goes_on_from_the_last_one(client):
    async with client:
        first = {"temperature": 0, "max_tokens": 1}
        text, made = await said(client, first, model=LLAMA)
        talk = [*ASK, {"role": "assistant", "content": text.strip() or "x"}, ASK[0]]
        warm, made = await said(client, GREEDY, talk, model=LLAMA)
        assert made["usage"]["prompt_tokens_details"]["cached_tokens"] > 60
        assert len(session(client, LLAMA)._kept) == 1
        _, other = await said(client, GREEDY, [{"role": "system", "content": "Be brief."}, *ASK], model=LLAMA)
        assert 16 <= other["usage"]["prompt_tokens_details"]["cached_tokens"] < 60  # the template's beginning
        assert len(session(client, LLAMA)._kept) == 1
        cold, made = await said(client, GREEDY, talk, model=LLAMA)
        assert made["usage"]["prompt_tokens_details"]["cached_tokens"] < 60
        assert cold == warm
        await client.models.unload(LLAMA)
        again, made = await said(client, GREEDY, talk, model=LLAMA)
        assert made["usage"]["prompt_tokens_details"]["cached_tokens"] == 0
        assert again == cold


@pytest.mark.parametrize("model", [QWEN, LLAMA])
async def test_what_two_prompts_begin_with_is_read_once(client, model):
    parameters = {**GREEDY, "thinking": False}
    talk = [*ASK, {"role": "assistant", "content": "At nine, and on Sundays at ten."}, *ASK]
    other = [*talk[:-1], {"role": "user", "content": "And when does it close?"}]
    async with client:
        cold = {}
        for name, messages in (("talk", talk), ("other", other)):
            cold[name], made = await said(client, parameters, messages, model)
            assert made["usage"]["prompt_tokens_details"]["cached_tokens"] == 0
            await client.models.unload(model)
        # An answer that the next prompt does not repeat, then the same conversation with another end.
        await said(client, parameters, model=model)
        for name, messages in (("talk", talk), ("other", other), ("talk", talk)):
            warm, made = await said(client, parameters, messages, model)
            assert warm == cold[name]
            usage = made["usage"]
            assert 16 <= usage["prompt_tokens_details"]["cached_tokens"] < usage["prompt_tokens"]
            assert len(session(client, model)._kept) == 1


async def test_a_past_that_is_lost_is_noticed_and_read_again(client):
    parameters = {**GREEDY, "thinking": False}
    async with client:
        text, _ = await said(client, parameters)
        running = session(client, QWEN)
        ((handle, kept),) = running._kept.items()
        running._kept[handle] = {name: value[:, :, :3] for name, value in kept.items()}
        again, made = await said(client, parameters)
        assert again == text
        assert made["usage"]["prompt_tokens_details"]["cached_tokens"] == 0
        assert len(running._kept) == 1


async def test_a_worker_that_dies_of_the_prompt_is_asked_once_more(client):
    async with client:
        text, _ = await said(client, GREEDY, model=LLAMA)
        for crashes in (1, 9):
            running = session(client, LLAMA)
            run, calls = running.run, []

            async def fails(*args, calls=calls, run=run, crashes=crashes, **options):
                calls.append(1)
                if len(calls) <= crashes:
                    raise ModelCrashed("The worker died.")
                return await run(*args, **options)

            running.run = fails
            client._core.manager.find(LLAMA).lane._open_again = revived(client, LLAMA)
            ask = [{"role": "user", "content": "Another question altogether?"}]
            if crashes == 1:
                await said(client, GREEDY, ask, model=LLAMA)
            else:
                with pytest.raises(ModelCrashed):
                    await said(client, GREEDY, ask, model=LLAMA)
            assert 1 < len(calls) < 20
            running.run = run
        assert (await said(client, GREEDY, model=LLAMA))[0] == text


def revived(client, model):
    """What starts a worker anew: the same one goes on."""

    async def again(replica):
        replica.dead = False

    return again


async def test_a_long_prompt_is_read_in_parts_and_left_within_one(client, monkeypatch):
    from nearside.generation import loop

    long = [{"role": "user", "content": "Who may borrow the books? " * 12}]
    async with client:
        whole, made = await said(client, GREEDY, long)
        await client.models.unload(QWEN)
        monkeypatch.setattr(loop, "PREFILL", 8)
        assert made["usage"]["prompt_tokens"] > 80
        parts, made = await said(client, GREEDY, long)
        assert parts == whole
        assert made["usage"]["prompt_tokens_details"]["cached_tokens"] == 0
        running = session(client, QWEN)
        run, sizes, going = running.run, [], asyncio.Event()

        async def counted(feeds, *args, **options):
            sizes.append(feeds["input_ids"].size)
            if len(sizes) == 3:
                going.set()
            return await run(feeds, *args, **options)

        running.run = counted
        other = [{"role": "system", "content": "Else."}, *long]
        task = asyncio.create_task(said(client, GREEDY, other))
        await asyncio.wait_for(going.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        left = len(sizes)
        await running.free("nobody")  # after the call that was left
        assert left <= 5  # of more than ten
        assert len(sizes) == left
        assert running._kept == {}


async def test_a_worker_that_was_started_anew_gets_the_whole_prompt(client):
    async with client:
        text, _ = await said(client, {"temperature": 0, "max_tokens": 1}, model=LLAMA)
        talk = [*ASK, {"role": "assistant", "content": text.strip() or "x"}, ASK[0]]
        client._core.manager.find(LLAMA).lane._replicas[0].dead = True
        warm, made = await said(client, GREEDY, talk, model=LLAMA)
        assert made["usage"]["prompt_tokens_details"]["cached_tokens"] == 0
        await said(client, GREEDY, model=LLAMA)
        cold, _ = await said(client, GREEDY, talk, model=LLAMA)
    assert warm == cold


async def test_several_conversations_at_a_time_do_not_mix(client):
    questions = [f"Question {number}: who may borrow the books?" for number in range(5)]
    async with client:
        alone = [
            (await said(client, GREEDY, [{"role": "user", "content": question}]))[0] for question in questions
        ]
        together = await asyncio.gather(
            *(said(client, GREEDY, [{"role": "user", "content": question}]) for question in questions)
        )
        assert [text for text, _ in together] == alone
        assert len(set(alone)) > 2
        await session(client, QWEN).free("nobody")  # after what was freed before
        assert len(session(client, QWEN)._kept) == 1


async def test_leaving_stops_within_a_token_and_keeps_nothing_half_done(client):
    async with client:
        await said(client, GREEDY)
        running = session(client, QWEN)
        calls, going = [], asyncio.Event()
        run = running.run

        async def counted(*args, **options):
            calls.append(1)
            if len(calls) == begun + 5:
                going.set()
            return await run(*args, **options)

        begun = 10**6
        running.run = counted
        stream = await client.chat.completions.create(
            ASK, stream=True, model=QWEN, parameters={"temperature": 2.0, "seed": 7}
        )
        async for chunk in stream:
            if chunk["choices"][0]["delta"].get("content"):
                break
        begun = len(calls)
        await stream.aclose()
        await asyncio.sleep(0.05)
        assert len(calls) <= begun + 1
        task = asyncio.create_task(said(client, {"temperature": 2.0, "seed": 7}))
        await asyncio.wait_for(going.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stopped = len(calls)
        await asyncio.sleep(0.05)
        assert len(calls) == stopped
        await running.free("nobody")  # after what was freed before
        assert len(running._kept) == 0
        assert (await client.records.list())[0]["outcome"] == "cancelled"


async def test_a_stream_keeps_to_its_deadline(client):
    cloud = FakeCloud("one two three")
    cloud.gate.clear()
    async with client:
        client._core.pipeline.far.cloud = cloud
        stream = await client.chat.completions.create(
            ASK, stream=True, consent=True, prefer="far", timeout=0.2
        )
        seen = []
        with pytest.raises(DeadlineExceeded, match=r"0\.2"):
            async for chunk in stream:
                seen.append(chunk)
        assert seen[-1]["choices"][0]["delta"] == {"content": "one "}
        assert cloud.left == 1
        with pytest.raises(DeadlineExceeded):
            await client.generate("x", model=QWEN, timeout=0.0001)


async def test_a_deadline_holds_in_the_middle_of_a_prompt(client):
    async with client:
        await client.models.preload(QWEN)
        running = session(client, QWEN)
        run, gate = running._run, threading.Event()

        def slow(*args):
            gate.wait(5)  # a call that nobody can stop
            return run(*args)

        running._run = slow
        started = time.monotonic()
        with pytest.raises(DeadlineExceeded, match=r"0\.3"):
            await client.generate("x", model=QWEN, timeout=0.3)
        assert time.monotonic() - started < 2
        assert (await client.records.list())[0]["outcome"] == "deadline_exceeded"
        gate.set()
        running._run = run
        await said(client, GREEDY)
        await asyncio.sleep(0.05)
        assert len(running._kept) == 1


async def test_the_callers_own_time_counts(client):
    async with client:
        stream = await client.chat.completions.create(
            ASK, stream=True, model=QWEN, parameters={**GREEDY, "max_tokens": 2}, timeout=5
        )
        loop = asyncio.get_running_loop()
        await anext(stream)
        now = loop.time
        loop.time = lambda: now() + 6
        try:
            with pytest.raises(DeadlineExceeded):
                async for _ in stream:
                    pass
        finally:
            loop.time = now
        assert (await client.records.list())[0]["outcome"] == "deadline_exceeded"


async def test_an_answer_in_the_background_lets_another_one_go_first(client):
    async with client:
        await said(client, GREEDY)
        running = session(client, QWEN)
        run, order, begun = running.run, [], asyncio.Event()

        async def noted(feeds, want, keep=None, **options):
            order.append(keep.handle)
            if len(order) == 3:
                begun.set()
            return await run(feeds, want, keep, **options)

        running.run = noted
        long = {"temperature": 0, "max_tokens": 30}
        behind = asyncio.create_task(
            client.generate("In the background.", model=QWEN, parameters=long, background=True)
        )
        await asyncio.wait_for(begun.wait(), 10)
        first = asyncio.create_task(client.generate("Now!", model=QWEN, parameters=long))
        mine, other = await asyncio.gather(behind, first)
        assert mine.usage.written == other.usage.written == 30
    names = list(dict.fromkeys(order))
    places = [place for place, handle in enumerate(order) if handle == names[1]]
    assert len(places) == 30
    assert order[places[1] : places[-1]].count(names[0]) == 0  # not one step in between
    assert order[places[-1] :].count(names[0]) > 20


async def test_weights_that_were_replaced_before_the_first_word_are_read_anew(client, monkeypatch):
    async with client:
        text, _ = await said(client, GREEDY)
        manager = client._core.manager
        lane = manager.find(QWEN).lane
        lane._replicas[0].dead = True
        opened = manager._runtime.open

        async def other(model, **options):
            made = await opened(model, **options)
            made.info = dataclasses.replace(made.info, revision="newer")
            return made

        monkeypatch.setattr(manager._runtime, "open", other)
        again, made = await said(client, GREEDY, [*ASK])
        assert again == text
        assert made["nearside"]["model"].revision == "newer"
        assert manager.find(QWEN).lane is not lane


async def test_what_does_not_fit_here_is_answered_there(client):
    cloud = FakeCloud("From the cloud.")
    long = [{"role": "user", "content": "library " * 2000}]
    async with client:
        await with_cloud(client, cloud)
        made = await client.chat.completions.create(
            long, parameters={"top_k": 5, "thinking": False, "temperature": 0.5}
        )
        with pytest.raises(InvalidOption):  # the caller's fault stays here
            await client.chat.completions.create(ASK, parameters={"top_k": -1})
    assert made["choices"][0]["message"]["content"] == "From the cloud."
    assert made["nearside"]["decision"].escalated_from.code == "unsupported_model"
    assert dict(cloud.asked[0].parameters) == {"temperature": 0.5}
    assert len(cloud.asked) == 1


async def test_a_crash_in_the_middle_is_answered_there(client):
    cloud = FakeCloud("From the cloud.")
    async with client:
        await with_cloud(client, cloud)
        plain = await client.generate(ASK[0]["content"], parameters=GREEDY)
        running = session(client, QWEN)
        run, calls = running.run, []

        async def fails(*args, **options):
            calls.append(1)
            if len(calls) > 6:
                raise ModelCrashed("The worker died.")
            return await run(*args, **options)

        running.run = fails
        stream = await client.chat.completions.create(ASK, stream=True, parameters=GREEDY)
        chunks = [chunk async for chunk in stream]
    events = [chunk["nearside"]["event"] for chunk in chunks if "nearside" in chunk]
    assert events == ["decision", "fallback", "done"]
    texts = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    place = next(i for i, chunk in enumerate(chunks) if chunk.get("nearside", {}).get("event") == "fallback")
    assert plain.text.startswith("".join(texts[:place]))
    assert "".join(texts[:place])
    assert "".join(texts[place:]) == "From the cloud."


async def test_writing_stays_here_where_a_model_here_writes(client):
    async with client:
        await with_cloud(client, FakeCloud())
        await client.settings.change({"mode": "balanced"})
        made = await client.route("chat", prompt="Write a poem")
        assert (made.tier, made.model) == ("near", QWEN)
        await client.settings.change({"models.chat": None})
        assert (await client.route("chat", prompt="Write a poem")).tier == "far"


async def test_a_model_without_a_template_goes_on_with_a_text(tiny_models):
    async with nearside.connect([tiny_models], dtype="fp32") as client:
        made = await client.generate("Once upon", model="tiny/stories260K", parameters={"max_tokens": 30})
        assert made.text.startswith("a time, there was")
        talk = [*ASK, {"role": "assistant", "content": "At nine."}, *ASK]
        with pytest.raises(UnsupportedModel, match="no chat template"):
            await said(client, GREEDY, talk, model="tiny/stories260K")


async def test_documents_that_answer_stand_in_the_prompt(arch_models):
    async with nearside.connect([arch_models], dtype="fp32", default_model="arch/bert_embed") as client:
        _, plain = await said(client, GREEDY)
        added = await client.documents.add(
            "hours.txt", "When does the library open? The library opens at nine."
        )
        _, made = await said(client, GREEDY)
    (source,) = made["nearside"]["citations"]
    assert (source.number, source.id) == (1, added.document.id)
    assert source.text == "When does the library open? The library opens at nine."
    assert made["usage"]["prompt_tokens"] > plain["usage"]["prompt_tokens"] + 20
    assert plain["nearside"]["citations"] == ()
