"""Chat: quoted here, written there, and the change from one to the other."""

import json

import pytest

from nearside.errors import CloudFailed, InvalidInput, InvalidOption, Offline
from nearside.ports.fakes import FakeCloud, FakeRuntime

CATS = "Cats sleep on the warm windowsill all afternoon. They like fish."
ASK = [{"role": "user", "content": "where do cats sleep on the windowsill"}]
WRITE = [{"role": "user", "content": "Write a poem about zeppelins"}]


async def events(stream):
    return [chunk async for chunk in stream]


def text_of(chunks):
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)


def marks(chunks):
    return [chunk["nearside"]["event"] for chunk in chunks if "nearside" in chunk]


async def test_a_document_is_quoted_with_its_place(make):
    client = make().client
    added = await client.documents.add("cats.txt", CATS)
    made = await client.chat.completions.create(ASK)
    ours = made["nearside"]
    citation = ours["citations"][0]
    assert ours["found"]
    assert citation.id == added.document.id
    assert CATS[citation.start : citation.end] == citation.text
    assert made["choices"][0]["message"]["content"].startswith(f"{citation.text} [1]")
    assert ours["decision"].tier == "near"


async def test_what_no_document_says_is_said_so(make):
    made = await make(cloud=FakeCloud()).client.chat.completions.create(WRITE)
    assert made["nearside"]["found"] is False
    assert made["nearside"]["decision"].saved is None
    assert made["nearside"]["citations"] == ()
    assert "found nothing" in made["choices"][0]["message"]["content"]


async def test_what_two_documents_say_alike_is_quoted_once(make):
    client = make().client
    await client.documents.add("one.txt", CATS)
    await client.documents.add("two.txt", CATS)
    made = await client.chat.completions.create(ASK)
    texts = [citation.text for citation in made["nearside"]["citations"]]
    assert len(texts) == len(set(texts))


async def test_the_last_side_shows_what_comes_closest_and_says_that_it_is_unsure(make):
    client = make().client
    await client.documents.add("cats.txt", "Cats sleep on the warm windowsill. They also like fish and milk.")
    question = [{"role": "user", "content": "milk for the neighbour's old tomcat at night"}]
    made = await client.chat.completions.create(question)
    ours = made["nearside"]
    text = made["choices"][0]["message"]["content"]
    assert ours["found"] is False
    assert "no sure answer" in text
    assert ours["citations"][0].text in text


async def test_prepared_help_is_not_read_again(make):
    ports = make(FakeRuntime(max_replicas=2))
    await ports.client.chat.prepare()
    assert ports.runtime.opened == []  # no model is opened for it
    await ports.client.embed("open")
    await ports.client.chat.prepare()
    read = len(ports.runtime.runs)
    assert read > 10
    assert len(ports.runtime.opened) == 1  # nor a second worker
    await ports.client.generate("what is local-only")
    assert len(ports.runtime.runs) - read < read


async def test_an_unsure_device_hands_over_to_the_cloud(make):
    ports = make(cloud=FakeCloud("Zeppelins were filled with hydrogen."))
    question = [{"role": "user", "content": "zeppelins filled hydrogen when"}]
    chunks = await events(await ports.client.chat.completions.create(question, stream=True, consent=True))
    assert marks(chunks) == ["decision", "fallback", "done"]
    assert chunks[0]["nearside"]["decision"].tier == "near"
    assert chunks[1]["nearside"]["error"]["code"] == "nothing_found"
    assert text_of(chunks) == "Zeppelins were filled with hydrogen."
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["completion_tokens"] == 5


async def test_the_cloud_streams_word_by_word_with_the_caller_s_parameters(make):
    ports = make(cloud=FakeCloud("one two three"))
    stream = await ports.client.chat.completions.create(
        WRITE, stream=True, consent=True, parameters={"temperature": 0.5, "max_tokens": None}
    )
    chunks = await events(stream)
    pieces = [chunk["choices"][0]["delta"].get("content") for chunk in chunks]
    assert [piece for piece in pieces if piece] == ["one ", "two ", "three"]
    assert dict(ports.cloud.asked[0].parameters) == {"temperature": 0.5}
    assert ports.cloud.asked[0].messages == tuple(WRITE)
    assert {chunk["model"] for chunk in chunks} == {"cloud-fast"}


async def test_a_stream_that_breaks_is_answered_here_and_nothing_is_lost(make):
    ports = make(cloud=FakeCloud(CloudFailed("cut"), before="Once upon "))
    chunks = await events(
        await ports.client.chat.completions.create(ASK, stream=True, consent=True, prefer="far")
    )
    assert marks(chunks) == ["decision", "fallback", "done"]
    assert text_of(chunks).startswith("Once upon ")
    assert chunks[-1]["nearside"]["decision"].escalated_from.code == "cloud_failed"
    whole = await ports.client.chat.completions.create(ASK, consent=True, prefer="far")
    assert "Once upon" not in whole["choices"][0]["message"]["content"]


async def test_cloud_only_that_breaks_is_an_error_after_what_came(make):
    ports = make(cloud=FakeCloud(Offline("gone"), before="Once "))
    stream = await ports.client.chat.completions.create(ASK, stream=True, mode="cloud-only")
    seen = []
    with pytest.raises(Offline):
        async for chunk in stream:
            seen.append(chunk)
    assert text_of(seen) == "Once "
    assert (await ports.client.records.list())[0]["outcome"] == "offline"


async def test_leaving_a_stream_ends_the_cloud_s_and_is_recorded(make):
    ports = make(cloud=FakeCloud("one two three"))
    stream = await ports.client.chat.completions.create(WRITE, stream=True, consent=True)
    async for chunk in stream:
        if chunk["choices"][0]["delta"].get("content"):
            break
    await stream.aclose()
    assert ports.cloud.left == 1
    assert (await ports.client.records.list())[0]["outcome"] == "cancelled"


async def test_generate_and_stream_read_the_same_answer(make):
    ports = make(cloud=FakeCloud("one two three"))
    made = await ports.client.generate("Write a list", consent=True, parameters={"seed": 3})
    assert (made.text, made.finish_reason, made.found) == ("one two three", "stop", True)
    assert dict(ports.cloud.asked[0].parameters) == {"seed": 3}
    pieces = [piece async for piece in ports.client.stream("Write a list", consent=True)]
    assert pieces == ["one ", "two ", "three"]


async def test_a_record_has_no_text_of_the_request(make):
    ports = make(cloud=FakeCloud("canary-answer"))
    await ports.client.documents.add("canary-name", "canary-document about cats")
    await ports.client.generate("canary-prompt cats", consent=True, prefer="far")
    await ports.client.generate("canary-prompt cats")
    await ports.client.summarize("canary-text. Another canary-text.")
    exported = await ports.client.records.export()
    assert len(exported.splitlines()) == 4
    assert "canary" not in exported
    assert [json.loads(line)["task"] for line in exported.splitlines()] == [
        "documents.add",
        "chat",
        "chat",
        "summarize",
    ]


@pytest.mark.parametrize(
    ("messages", "parameters", "kind"),
    [
        ("hello", None, InvalidInput),
        ([], None, InvalidInput),
        ([{"role": "king", "content": "x"}], None, InvalidInput),
        ([{"role": "system", "content": "x"}], None, InvalidInput),
        ([{"role": "user", "content": "  "}], None, InvalidInput),
        ([{"role": "user", "content": 3}], None, InvalidInput),
        ([{"role": "tool", "content": "x"}, *ASK], None, InvalidInput),
        (ASK, [1], InvalidOption),
        (ASK, {"base_url": "http://evil"}, InvalidOption),
    ],
)
async def test_what_is_no_conversation_is_refused(make, messages, parameters, kind):
    with pytest.raises(kind):
        await make().client.chat.completions.create(messages, parameters=parameters)


async def test_what_goes_far_is_roles_and_well_formed_texts_only(make):
    ports = make(cloud=FakeCloud("far"))
    odd = [{"role": "assistant", "content": None, "id": 3}, {"role": "user", "content": "half \ud83d"}]
    await ports.client.chat.completions.create(odd, consent=True, prefer="far")
    assert [dict(message) for message in ports.cloud.asked[0].messages] == [
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "half \ufffd"},
    ]


async def test_a_message_may_come_in_parts(make):
    client = make().client
    await client.documents.add("cats.txt", CATS)
    parts = [{"type": "text", "text": ASK[0]["content"]}]
    made = await client.chat.completions.create([{"role": "user", "content": parts}])
    assert made["nearside"]["found"]


async def test_a_schema_goes_far_as_words(make):
    ports = make(cloud=FakeCloud('{"a": 1}'))
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    await ports.client.chat.completions.create(
        WRITE, consent=True, parameters={"response_format": wanted, "min_p": 0.1, "repetition_penalty": 1.1}
    )
    (asked,) = ports.cloud.asked
    assert dict(asked.parameters) == {"response_format": {"type": "json_object"}}
    assert json.dumps(schema) in asked.messages[0]["content"]
    assert asked.messages[1:] == tuple(WRITE)
