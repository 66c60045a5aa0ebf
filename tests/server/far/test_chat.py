"""Chat completions through the proxy: what the provider is asked, what comes back, how failures look."""

import json
import threading
import time

import pytest

ERROR = {"code", "message", "hint", "retryable", "type", "param", "fallback"}


def assert_clean(provider, answer):
    """Nothing of the provider but the text may be in an answer."""
    said = answer.body.decode() + str(answer.headers)
    assert provider.SECRET not in said
    assert provider.KEY not in said
    assert "upstream-name" not in said
    assert not {"set-cookie", "server", "openai-organization"} & set(answer.headers)


def test_a_whole_answer(far, provider):
    answer = far.chat()
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store, no-transform"
    body = answer.json
    assert body.pop("id").startswith("chatcmpl-")
    assert abs(body.pop("created") - time.time()) < 3600
    assert body == {
        "object": "chat.completion",
        "model": "cloud-fast",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
    }
    assert_clean(provider, answer)


def test_a_streamed_answer(far, provider):
    answer = far.chat(stream=True)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["content-security-policy"].endswith("sandbox")
    *pieces, mark = answer.events
    assert mark == "[DONE]"
    assert {(each["object"], each["model"]) for each in pieces} == {("chat.completion.chunk", "cloud-fast")}
    assert len({each["id"] for each in pieces}) == 1
    assert [each["choices"] for each in pieces] == [
        [{"index": 0, "delta": {"role": "assistant", "content": "Hel"}, "finish_reason": None}],
        [{"index": 0, "delta": {"content": "lo"}, "finish_reason": None}],
        [{"index": 0, "delta": {}, "finish_reason": "stop"}],
    ]
    assert not any("usage" in each for each in pieces)
    assert_clean(provider, answer)


def test_tokens_are_told_to_whoever_asks(far):
    answer = far.chat(stream=True, stream_options={"include_usage": True})
    *_, usage, mark = answer.events
    assert (usage["choices"], mark) == ([], "[DONE]")
    assert usage["usage"] == {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    quiet = far.chat(stream=True, stream_options={"include_usage": False})
    assert not any("usage" in each for each in quiet.events[:-1])


@pytest.mark.parametrize(
    "usage", [{}, {"prompt_tokens": -1}, {"prompt_tokens": "5"}, {"prompt_tokens": 1.5}, [], "x", None]
)
def test_tokens_that_make_no_sense_are_left_out(far, provider, usage):
    provider.answer = lambda body: (
        provider.streamed(provider.piece("a", "stop", usage=usage), provider.DONE)
        if body["stream"]
        else provider.plain(provider.whole(usage=usage))
    )
    assert "usage" not in far.chat().json
    assert not any(
        "usage" in each for each in far.chat(True, stream_options={"include_usage": True}).events[:-1]
    )


def test_what_the_provider_is_asked(far, provider):
    far.chat(
        stream=True,
        temperature=0.5,
        top_p=1,
        stop=["x"],
        seed=7,
        presence_penalty=-2,
        frequency_penalty=0.1,
        response_format={"type": "json_object"},
        max_tokens=9,
        n=1,
    )
    assert provider.bodies == [
        {
            "model": "upstream-name",
            "messages": provider.HELLO,
            "temperature": 0.5,
            "top_p": 1.0,
            "stop": ["x"],
            "seed": 7,
            "presence_penalty": -2.0,
            "frequency_penalty": 0.1,
            "response_format": {"type": "json_object"},
            "max_tokens": 9,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]


def test_no_header_of_the_caller_is_passed_on(far, provider):
    more = ("X_Forwarded_Foo", "Cookie", "X_Api_Key", "Authorization", "OpenAI_Organization", "Traceparent")
    far.post({"model": "cloud-fast", "messages": provider.HELLO}, **dict.fromkeys(more, "caller-canary"))
    (headers,) = provider.headers
    assert "caller-canary" not in str(headers)
    assert headers.pop("user-agent").startswith("nearside/")
    assert int(headers.pop("content-length")) > 0
    assert headers == {
        "host": f"127.0.0.1:{provider.port}",
        "authorization": f"Bearer {provider.KEY}",
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",
    }


@pytest.mark.parametrize(
    ("lines", "asked", "sent"),
    [
        ("", {}, {}),
        ("", {"max_tokens": 50}, {"max_tokens": 50}),
        ("", {"max_completion_tokens": 50}, {"max_tokens": 50}),
        ("max_output_tokens = 20", {}, {"max_tokens": 20}),
        ("max_output_tokens = 20", {"max_tokens": 50}, {"max_tokens": 20}),
        ("max_output_tokens = 20", {"max_tokens": 5}, {"max_tokens": 5}),
        ("max_output_tokens = 20", {"max_tokens": 9, "max_completion_tokens": 7}, {"max_tokens": 7}),
        (
            'max_output_tokens = 20\nmax_tokens_name = "max_completion_tokens"',
            {"max_tokens": 50},
            {"max_completion_tokens": 20},
        ),
    ],
)
def test_the_length_of_an_answer_is_bounded(connected, provider, lines, asked, sent):
    far = connected(model_lines=lines)
    assert far.chat(**asked).status == 200
    (body,) = provider.bodies
    assert {name: value for name, value in body.items() if name.startswith("max_")} == sent


def test_text_in_every_script(far, provider):
    text = 'Zażółć 日本語 👩‍👩‍👧 \u0000 \u2028 \\ " \ud83d\ude00'
    text = text.encode("utf-16", "surrogatepass").decode("utf-16")
    provider.answer = lambda body: (
        provider.streamed(
            *[provider.piece(letter) for letter in text], provider.piece(finish="stop"), provider.DONE
        )
        if body["stream"]
        else provider.plain(provider.whole(text))
    )
    assert far.chat().json["choices"][0]["message"]["content"] == text
    assert far.chat(True, messages=[{"role": "user", "content": text}]).text == text
    assert provider.bodies[-1]["messages"][0]["content"] == text


def test_content_in_parts(far, provider):
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    messages = [{"role": "system", "content": "s"}, {"role": "user", "name": "me", "content": parts}]
    assert far.post({"model": "cloud-fast", "messages": messages}).status == 200
    assert provider.bodies[0]["messages"] == messages


def test_a_sound_is_passed_on_as_it_came(far, provider):
    sound = {"type": "input_audio", "input_audio": {"data": "A" * 1_280_060, "format": "wav"}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "{}"}, sound]}]
    assert far.post({"model": "cloud-fast", "messages": messages}).status == 200
    assert provider.bodies[0]["messages"] == messages


def test_a_refusal_of_the_model_and_unknown_reasons(far, provider):
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": None, "refusal": "No."},
        "finish_reason": "x",
    }
    provider.answer = lambda body: provider.plain({"choices": [choice]})
    (got,) = far.chat().json["choices"]
    assert got == {
        "index": 0,
        "message": {"role": "assistant", "content": None, "refusal": "No."},
        "finish_reason": "stop",
    }


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("given", "status", "code", "kind", "retryable"),
    [
        (400, 400, "cloud_refused", "invalid_request_error", False),
        (413, 413, "cloud_refused", "invalid_request_error", False),
        (422, 422, "cloud_refused", "invalid_request_error", False),
        (451, 451, "cloud_refused", "invalid_request_error", False),
        (429, 429, "rate_limited", "rate_limit_error", True),
        (408, 504, "cloud_failed", "api_error", True),
        (500, 502, "cloud_failed", "api_error", True),
        (503, 502, "cloud_failed", "api_error", True),
        (504, 504, "cloud_failed", "api_error", True),
        (529, 502, "cloud_failed", "api_error", True),
        (302, 502, "cloud_failed", "api_error", False),
        (204, 502, "cloud_failed", "api_error", True),
    ],
)
def test_refusals(far, provider, stream, given, status, code, kind, retryable):
    said = {"error": {"message": provider.SECRET, "type": provider.SECRET, "code": "x"}}
    provider.answer = lambda body: provider.plain(said, given, location=f"{provider.url}/elsewhere")
    answer = far.chat(stream)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.error) == ERROR
    error = answer.error
    assert (error["code"], error["type"], error["retryable"]) == (code, kind, retryable)
    assert (error["param"], error["fallback"]) == (None, "local")
    assert_clean(provider, answer)
    assert len(provider.bodies) == 1, "neither a redirect nor a retry"


@pytest.mark.parametrize(
    ("given", "passed"),
    [("7", "7"), ("0", "0"), ("1" + "0" * 9, "3600"), ("9" * 400, None), ("-1", None), ("x", None)],
)
def test_when_to_come_back(far, provider, given, passed):
    provider.answer = lambda body: provider.plain({}, 429, retry_after=given)
    assert far.chat().headers.get("retry-after") == passed


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_what_only_the_operator_can_change_is_told_once(connected, provider, status):
    provider.answer = lambda body: provider.plain({"error": {"message": provider.SECRET}}, status)
    far = connected()
    for _ in range(3):
        answer = far.chat()
        assert (answer.status, answer.error["code"], answer.error["retryable"]) == (
            502,
            "cloud_failed",
            False,
        )
    assert far.server.stop() == 0
    (line,) = far.server.complaints()
    assert line.startswith("The provider test ")
    assert str(status) in line
    assert provider.SECRET not in line


GARBAGE = [
    b"",
    b"<html>",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b'{"choices": 5}',
    b'{"choices": []}',
    b"\xff\xfe",
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", GARBAGE)
def test_an_answer_that_makes_no_sense(far, provider, body):
    provider.answer = lambda asked: (
        provider.streamed(b"data: " + body + b"\n\n") if asked["stream"] else provider.plain(body)
    )
    for stream in (False, True):
        answer = far.chat(stream)
        assert (answer.status, answer.error["code"]) == (502, "cloud_failed")


@pytest.mark.parametrize(
    ("kind", "encoding"),
    [("text/html", ""), ("application/json", ""), ("text/event-stream", "gzip"), ("text/event-stream", "br")],
)
def test_a_stream_that_is_none(far, provider, kind, encoding):
    headers = {"content-type": kind, **({"content-encoding": encoding} if encoding else {})}
    provider.answer = lambda body: provider.streamed(*provider.STREAM, **headers)
    answer = far.chat(True)
    assert (answer.status, answer.error["code"]) == (502, "cloud_failed")


def cases(provider):
    """How a stream can break after its first piece."""
    return {
        "cut": [None],
        "ends without an end": [],
        "not JSON": [b"data: {\n\n", provider.DONE],
        "an error in its place": [b'data: {"error": {"message": "org-canary-0815"}}\n\n', provider.DONE],
        "too long a piece": [b"data: " + b"x" * (1024 * 1024) + b"\n\n", provider.DONE],
        "a line without an end": [b"data: " + b"x" * 600_000, b"x" * 600_000, provider.DONE],
    }


@pytest.mark.parametrize("name", list(cases(type("", (), {"DONE": b""}))))
def test_a_stream_that_breaks(far, provider, name):
    connection, answer, go_on = held_back(far, provider, cases(provider)[name])
    first = answer.readline()
    go_on.set()
    said = far.answer(first + answer.read())
    connection.close()
    assert said.text == "Hel"
    last = said.events[-1]
    assert set(last) == {"error"}
    assert set(last["error"]) == ERROR
    assert (last["error"]["code"], last["error"]["fallback"]) == ("cloud_failed", "local")
    assert b"[DONE]" not in said.body
    assert_clean(provider, said)


def test_what_came_before_a_failure_is_passed_on(far, provider):
    """Even when both came in the same packet."""
    provider.answer = lambda body: provider.streamed(provider.piece("Hel") + b"data: {\n\n" + provider.DONE)
    answer = far.chat(True)
    assert (answer.status, answer.text) == (200, "Hel")
    assert answer.events[-1]["error"]["code"] == "cloud_failed"


def held_back(far, provider, rest):
    """Ask for a stream whose `rest` comes when the event is set; return connection, answer and event."""
    go_on = threading.Event()

    def parts():
        yield provider.piece("Hel")
        assert go_on.wait(30)
        yield from rest

    provider.answer = lambda body: type(provider.streamed())(
        200, {"content-type": "text/event-stream"}, parts()
    )
    connection = far.server.connect()
    body = {"model": "cloud-fast", "messages": provider.HELLO, "stream": True}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 200
    return connection, answer, go_on


HI = b'{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}'


@pytest.mark.parametrize(
    "text",
    [
        b"data:" + HI + b"\n\ndata:[DONE]\n\n",
        b"data: " + HI + b"\r\n\r\ndata: [DONE]\r\n\r\n",
        b"data: " + HI + b"\r\rdata: [DONE]\r\r",
        b"data: " + HI + b"\n\ndata: [DONE]",
        b"data: " + HI + b"\n\n",
        b"data: " + HI,
        b": hello\n\nevent: x\nid: 1\ndata: "
        + HI[:12]
        + b"\ndata: "
        + HI[12:]
        + b"\n\n\n\ndata: [DONE]\n\ndata: more\n\n",
        b'data: {"choices":[]}\n\ndata: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n',
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_streams_as_they_are_in_the_wild(far, provider, text, size):
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    provider.answer = lambda body: provider.streamed(*pieces)
    answer = far.chat(True)
    assert (answer.status, answer.text, answer.events[-1]) == (200, "Hi", "[DONE]")


def test_every_piece_goes_out_at_once(far, provider):
    """The second piece is held back until the first one has arrived."""
    connection, answer, go_on = held_back(far, provider, [provider.piece("lo", "stop"), provider.DONE])
    assert b"Hel" in answer.readline()
    go_on.set()
    assert b"[DONE]" in answer.read()
    connection.close()
