"""How long an answer lives: who leaves, who falls silent, what is held open and what is used again."""

import http.client
import json
import socket
import time

import pytest


def endless(provider, first=()):
    """Return an answer that goes on until the other side has left."""

    def parts():
        yield from first
        while True:
            yield 0.02
            yield b": still here\n\n"

    return type(provider.streamed())(200, {"content-type": "text/event-stream"}, parts())


@pytest.mark.parametrize("when", ["before the answer", "after a piece"])
@pytest.mark.parametrize("stream", [True, False])
def test_whoever_leaves_ends_the_providers_work(far, provider, when, stream):
    first = [provider.piece("Hel")] if when == "after a piece" and stream else []
    provider.answer = lambda body: endless(provider, first)
    if not stream:
        provider.answer = lambda body: type(provider.streamed())(
            200, {"content-type": "application/json"}, endless(provider).parts
        )
    connection = far.server.connect()
    body = {"model": "cloud-fast", "messages": provider.HELLO, "stream": stream}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
    if first:
        connection.getresponse().readline()
    else:
        deadline = time.monotonic() + 30
        while not provider.bodies and time.monotonic() < deadline:
            time.sleep(0.01)
    assert not provider.left.is_set()
    connection.sock.close() if connection.sock else None
    connection.close()
    assert provider.left.wait(30)


def test_the_end_of_the_server_ends_the_providers_work(connected, provider):
    provider.answer = lambda body: endless(provider, [provider.piece("Hel")])
    far = connected()
    connection = far.server.connect()
    body = {"model": "cloud-fast", "messages": provider.HELLO, "stream": True}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    answer.readline()
    assert far.server.stop() == 0
    assert far.server.complaints() == []
    assert provider.left.wait(30)
    with pytest.raises((http.client.IncompleteRead, OSError)):
        answer.read()
    connection.close()


@pytest.mark.parametrize(
    ("lines", "parts", "stream"),
    [
        ("idle_timeout = 0.3", [30.0], True),
        ("total_timeout = 0.3", [30.0], True),
        ("total_timeout = 0.3", [30.0], False),
    ],
)
def test_a_provider_that_says_nothing(connected, provider, lines, parts, stream):
    provider.answer = lambda body: provider.streamed(*parts)
    if not stream:
        provider.answer = lambda body: type(provider.streamed())(
            200, {"content-type": "application/json"}, parts
        )
    answer = connected(provider_lines=lines).chat(stream)
    assert (answer.status, answer.error["code"]) == (504, "cloud_failed")


def test_a_whole_answer_may_come_after_a_long_silence(connected, provider):
    body = json.dumps(provider.whole()).encode()
    provider.answer = lambda asked: type(provider.streamed())(
        200, {"content-type": "application/json"}, [0.6, body]
    )
    assert connected(provider_lines="idle_timeout = 0.2").chat().status == 200


@pytest.mark.parametrize("lines", ["idle_timeout = 1", "total_timeout = 2"])
def test_a_provider_that_falls_silent(connected, provider, lines):
    def parts():
        yield provider.piece("Hel")
        for _ in range(1000):
            yield 0.1 if lines.startswith("total") else 30.0
            yield b": still here\n\n"

    provider.answer = lambda body: type(provider.streamed())(
        200, {"content-type": "text/event-stream"}, parts()
    )
    answer = connected(provider_lines=lines).chat(True)
    assert answer.text == "Hel"
    assert answer.events[-1]["error"]["code"] == "cloud_failed"
    assert "in time" in answer.events[-1]["error"]["message"]


def test_a_provider_that_is_not_there(connected):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = connected(url=f"http://127.0.0.1:{port}/v1").chat()
    assert (answer.status, answer.error["code"], answer.error["retryable"]) == (502, "cloud_failed", True)


def test_an_answer_without_an_end(far, provider):
    provider.answer = lambda body: type(provider.streamed())(
        200, {"content-type": "application/json"}, (b" " * 100_000 for _ in range(400))
    )
    answer = far.chat()
    assert (answer.status, answer.error["message"]) == (502, "The provider's answer is too long.")


def test_connections_are_used_again(far, provider):
    for stream in (True, False, True, False):
        assert far.chat(stream).status == 200
    assert len(provider.connections) == 1


def test_cookies_of_the_provider_are_not_kept(far, provider):
    far.chat(True)
    far.chat(True)
    assert all("cookie" not in headers for headers in provider.headers)


def test_too_many_at_once(far, provider):
    from nearside_server.cloud.chat import MOST_AT_ONCE

    provider.answer = lambda body: endless(provider, [provider.piece("Hel")])
    body = json.dumps({"model": "cloud-fast", "messages": provider.HELLO, "stream": True})
    connections = [far.server.connect() for _ in range(MOST_AT_ONCE)]
    answers = []
    for connection in connections:
        connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
        answers.append(connection.getresponse())
    refused = far.chat(True)
    assert (refused.status, refused.error["code"], refused.headers["retry-after"]) == (
        429,
        "rate_limited",
        "1",
    )
    for connection, answer in zip(connections, answers, strict=True):
        answer.close()
        connection.close()
    provider.answer = lambda body: provider.streamed(*provider.STREAM)
    deadline = time.monotonic() + 30
    while (status := far.chat(True).status) == 429 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert status == 200
