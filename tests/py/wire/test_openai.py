"""What the proxy says, read: models, streams however they are cut, refusals."""

import json

import pytest

from nearside.errors import CloudFailed, CloudRefused, NoProvider, RateLimited
from nearside.ports.cloud import CloudModel, CloudRequest
from nearside.wire import openai
from nearside.wire.sse import MAX_EVENT, Events


def chunk(text=None, finish=None, usage=None):
    choices = (
        [] if usage else [{"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}]
    )
    return f"data: {json.dumps({'choices': choices, 'usage': usage})}\n\n".encode()


STREAM = (
    chunk("Grüße 😀 ")
    + b": keep-alive\r\n\r\n"
    + chunk("there")
    + chunk(None, "stop")
    + chunk(usage={"prompt_tokens": 7, "completion_tokens": 3})
    + b"data: [DONE]\n\n"
)


async def pieces(*parts):
    for part in parts:
        yield part


async def read(*parts):
    return [delta async for delta in openai.deltas(pieces(*parts))]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_a_stream_reads_the_same_however_it_is_cut(size):
    deltas = await read(*(STREAM[i : i + size] for i in range(0, len(STREAM), size)))
    assert "".join(delta.text for delta in deltas) == "Grüße 😀 there"
    assert [delta.finish_reason for delta in deltas if delta.finish_reason] == ["stop"]
    assert (deltas[-1].input_tokens, deltas[-1].output_tokens) == (7, 3)


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        chunk("half"),
        b"data: not json\n\n",
        b"data: [1, 2]\n\n",
        b'data: {"choices": [3]}\n\n',
        b"data: " + b"x" * (MAX_EVENT + 10),
    ],
)
async def test_a_stream_that_is_none_is_a_typed_error(stream):
    with pytest.raises(CloudFailed):
        await read(stream)


async def test_an_error_in_the_stream_is_raised_after_what_came():
    seen = []
    error = b'data: {"error": {"code": "rate_limited", "message": "Slowly.", "fallback": "local"}}\n\n'
    with pytest.raises(RateLimited, match="Slowly"):
        async for delta in openai.deltas(pieces(chunk("some"), error)):
            seen.append(delta.text)
    assert seen == ["some"]


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (503, '{"error": {"code": "no_provider", "message": "None."}}', NoProvider),
        (429, '{"error": {"code": "other"}}', RateLimited),
        (429, "<html>", RateLimited),
        (400, '{"error": {"code": "invalid_input", "message": "Bad."}}', CloudRefused),
        (404, "", CloudRefused),
        (500, "[]", CloudFailed),
        (502, '{"error": "text"}', CloudFailed),
    ],
)
def test_every_refusal_is_one_of_the_far_side_s_errors(status, text, kind):
    error = openai.failure(status, text)
    assert type(error) is kind
    assert error.message


def test_only_our_proxy_s_words_are_passed_on():
    said = {"code": "cloud_refused", "message": "Invalid prompt: my secret", "hint": "secret"}
    error = openai.failure(400, json.dumps({"error": said}))
    assert (type(error), "secret" in repr(error)) == (CloudRefused, False)
    ours = openai.failure(400, json.dumps({"error": {**said, "message": "x" * 5000, "fallback": "local"}}))
    assert (len(ours.message), ours.hint) == (300, "secret")


def test_the_list_of_models():
    ours = {"context_window": 8000, "max_output_tokens": None, "input_price": 150, "output_price": True}
    text = json.dumps({"data": [{"id": "cloud-fast", "nearside": ours}, {"id": "plain"}]})
    assert openai.models(text) == [CloudModel("cloud-fast", 8000, None, 150, None), CloudModel("plain")]
    for bad in ("", "{}", '{"data": 3}', '{"data": [{}]}', '{"data": ["x"]}'):
        with pytest.raises(CloudFailed):
            openai.models(bad)


def test_a_request_is_streamed_with_usage_and_cannot_be_told_otherwise():
    made = json.loads(
        openai.body(CloudRequest("cloud-fast", [{"role": "user", "content": "ü"}], {"seed": 1}))
    )
    assert made == {
        "seed": 1,
        "model": "cloud-fast",
        "messages": [{"role": "user", "content": "ü"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_an_event_may_have_several_lines_of_data():
    assert list(Events().feed(b"data: a\ndata:b\nid: 3\n\ndata: c\r\n\r\n")) == ["a\nb", "c"]
