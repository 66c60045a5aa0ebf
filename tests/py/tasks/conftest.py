"""What tests of tasks share: a far side that answers with what a test gives it."""

import pytest

from nearside.ports.cloud import CloudDelta


class ScriptedCloud:
    """Answers its `answers` one after the other, in pieces; `requests` are those it got."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    async def models(self):
        """See `Cloud.models`."""
        return ()

    async def stream(self, request):
        """See `Cloud.stream`."""
        self.requests.append(request)
        answer = self.answers.pop(0)
        for start in range(0, len(answer), 7):
            yield CloudDelta(answer[start : start + 7])
        yield CloudDelta(finish_reason="stop", input_tokens=11, output_tokens=5)


@pytest.fixture
def scripted():
    """Return `ScriptedCloud`."""
    return ScriptedCloud
