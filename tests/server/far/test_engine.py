"""The engine in CPython with this server as its far side: real sockets in between."""

import asyncio
import contextlib
import socket

import pytest

from nearside.errors import CloudFailed, CloudRefused, InvalidOption, NoProvider, Offline, RateLimited
from nearside.platform.cpython.cloud import HttpCloud
from nearside.ports.cloud import CloudModel, CloudRequest

HELLO = [{"role": "user", "content": "hello"}]


def read(address, alias="cloud-fast", **parameters):
    """Return the deltas of an answer."""

    async def run():
        cloud = HttpCloud(address)
        return [delta async for delta in cloud.stream(CloudRequest(alias, HELLO, parameters))]

    return asyncio.run(run())


def test_the_models_with_what_the_operator_said(far):
    (model,) = asyncio.run(HttpCloud(far.server.url).models())
    assert model == CloudModel("cloud-fast", None, model.max_output_tokens, None, None)


def test_an_answer_is_streamed_with_its_usage(far, provider):
    deltas = read(far.server.url, temperature=0.5)
    assert "".join(delta.text for delta in deltas) == "Hello"
    assert [delta.finish_reason for delta in deltas if delta.finish_reason] == ["stop"]
    assert (deltas[-1].input_tokens, deltas[-1].output_tokens) == (5, 2)
    assert provider.bodies[0]["temperature"] == 0.5


def test_a_broken_stream_is_an_error_after_what_came(far, provider):
    provider.answer = lambda body: provider.streamed(provider.piece("Hel"), None)
    seen = []

    async def run():
        async for delta in HttpCloud(far.server.url).stream(CloudRequest("cloud-fast", HELLO)):
            seen.append(delta.text)

    with pytest.raises(CloudFailed):
        asyncio.run(run())
    assert seen == ["Hel"]


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (400, CloudRefused), (500, CloudFailed)])
def test_refusals_of_the_provider_are_typed_and_say_nothing_of_it(far, provider, status, kind):
    provider.answer = lambda body: provider.plain({"error": {"message": provider.SECRET}}, status)
    with pytest.raises(kind) as caught:
        read(far.server.url)
    assert provider.SECRET not in repr(caught.value)


def test_an_alias_that_is_not_offered(far):
    with pytest.raises(CloudRefused):
        read(far.server.url, "cloud-huge")


def test_leaving_ends_the_provider_s_work_too(far, provider):
    endless = (part for _ in range(600) for part in (provider.piece("x"), 0.05))
    provider.answer = lambda body: provider.streamed(*endless)

    async def run():
        stream = HttpCloud(far.server.url).stream(CloudRequest("cloud-fast", HELLO))
        async with contextlib.aclosing(stream):
            async for _ in stream:
                break

    asyncio.run(run())
    assert provider.left.wait(20)


def test_nobody_there_is_offline():
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Offline):
            read(address)
        with pytest.raises(Offline):
            asyncio.run(HttpCloud(address).models())


def test_a_server_without_a_provider_says_so(site, serving):
    with serving("--site", str(site), "--hub", "off") as server:
        assert asyncio.run(HttpCloud(server.url).models()) == []
        with pytest.raises(NoProvider):
            read(server.url)


@pytest.mark.parametrize("address", ["", "localhost:8000", "ftp://x", "http://", "http://x/?q=1"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(InvalidOption):
        HttpCloud(address)
