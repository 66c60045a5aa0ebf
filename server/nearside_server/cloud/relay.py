"""A provider's answer in, ours out: server-sent events piece by piece, or one JSON object.

Pure: bytes in, bytes out. What goes out is made anew, so that nothing a provider adds (its own names and
ids, error texts, headers in disguise) reaches a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from nearside_server.cloud.errors import CloudFailed
from nearside_server.cloud.shapes import Reply, Usage, encode, finish_reason, read_reply, read_usage

# A single event as long as this is no piece of an answer.
LONGEST_EVENT = 1024 * 1024


class Events:
    """Splits a stream of server-sent events into the data of each."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._data: list[bytes] = []
        self._length = 0

    def feed(self, part: bytes) -> Iterator[bytes]:
        """Take the next bytes, cut anywhere; give the data of every event that they complete."""
        if b"\n" not in part and b"\r" not in part:
            self._line += part
            self._check()
            return
        text = bytes(self._line) + part
        # A return at the end may be half of a line's end: it waits for what follows.
        held = b"\r" if text.endswith(b"\r") else b""
        lines = text[: len(text) - len(held)].splitlines(keepends=True)
        rest = lines.pop() if lines and not lines[-1].endswith((b"\n", b"\r")) else b""
        self._line = bytearray(rest + held)
        for line in lines:
            yield from self._take(line.rstrip(b"\r\n"))
        self._check()

    def end(self) -> Iterator[bytes]:
        """Give the last event when nothing but the blank line after it is missing."""
        line = bytes(self._line).rstrip(b"\r")
        self._line.clear()
        yield from self._take(line)
        yield from self._take(b"")

    def _take(self, line: bytes) -> Iterator[bytes]:
        """Take one line."""
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
            self._length += len(line)
            self._check()
        elif not line and self._data:
            data, self._data, self._length = b"\n".join(self._data), [], 0
            yield data

    def _check(self) -> None:
        """Raise CloudFailed when an event grows without an end."""
        if self._length + len(self._line) > LONGEST_EVENT:
            raise CloudFailed("The provider sent a piece that is too long.")


class Relay:
    """Turns the pieces of one streamed answer into ours."""

    def __init__(self, head: dict[str, Any], *, include_usage: bool) -> None:
        self._head = {**head, "object": "chat.completion.chunk"}
        self._include_usage = include_usage
        self._events = Events()
        self._started = False
        self._finished = False
        self.done = False
        self.failure: CloudFailed | None = None
        self.usage: Usage | None = None

    def feed(self, part: bytes) -> bytes:
        """Return what to send for the provider's next bytes. From where they make no sense nothing more is
        taken, and `failure` says why."""
        said = []
        try:
            for data in self._events.feed(part):
                said.append(self._event(data))
        except CloudFailed as error:
            self.failure = error
        return b"".join(said)

    def end(self) -> bytes:
        """Return what to send when the provider has no more; raises CloudFailed when something is missing."""
        said = b"".join([self._event(data) for data in self._events.end()])
        if self.done:
            return said
        if not self._finished:
            raise CloudFailed("The provider broke off in the middle of an answer.")
        return said + self._close()

    def _event(self, data: bytes) -> bytes:
        """Return what to send for one event."""
        if self.done:
            return b""
        if data.strip() == b"[DONE]":
            return self._close()
        reply = _read(data)
        self.usage = read_usage(reply.usage) or self.usage
        choice = reply.choice
        if choice is None:
            return b""
        said = choice.delta or choice.message
        delta: dict[str, Any] = {} if self._started else {"role": "assistant", "content": ""}
        self._started = True
        if said is not None and said.content:
            delta["content"] = said.content
        if said is not None and said.refusal:
            delta["refusal"] = said.refusal
        reason = finish_reason(choice.finish_reason)
        self._finished = self._finished or reason is not None
        if not delta and reason is None:
            return b""
        return self._chunk([{"index": 0, "delta": delta, "finish_reason": reason}])

    def _close(self) -> bytes:
        """Return the end of the stream: the tokens, when they were asked for and are known, and the mark."""
        self.done = True
        usage = b""
        if self._include_usage and self.usage is not None:
            usage = self._chunk([], usage=self.usage.to_wire())
        return usage + b"data: [DONE]\n\n"

    def _chunk(self, choices: list[dict[str, Any]], **more: Any) -> bytes:
        """Return one event."""
        return b"data: " + encode({**self._head, "choices": choices, **more}) + b"\n\n"


def whole(head: dict[str, Any], body: bytes) -> bytes:
    """Return a whole answer; raises CloudFailed when the provider's is none."""
    reply = _read(body)
    choice = reply.choice
    if choice is None or choice.message is None:
        raise CloudFailed("The provider's answer has no text.")
    message: dict[str, Any] = {"role": "assistant", "content": choice.message.content}
    if choice.message.refusal:
        message["refusal"] = choice.message.refusal
    reason = finish_reason(choice.finish_reason) or "stop"
    answer = {
        **head,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
    }
    usage = read_usage(reply.usage)
    return encode(answer if usage is None else {**answer, "usage": usage.to_wire()})


def error_event(error: CloudFailed) -> bytes:
    """Return the last event of a stream that cannot go on."""
    return b"data: " + encode({"error": error.to_wire()}) + b"\n\n"


def _read(data: bytes) -> Reply:
    """Return a provider's JSON; raises CloudFailed."""
    try:
        reply = read_reply(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise CloudFailed("The provider's answer cannot be read.") from None
    if reply.error:
        raise CloudFailed("The provider reported a failure.")
    return reply
