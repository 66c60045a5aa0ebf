"""Each reason to go far, by a request for which it holds and a close one for which it does not."""

from contextlib import suppress

import numpy as np
import pytest

from nearside.errors import NearsideError
from nearside.ports.cloud import CloudModel
from nearside.ports.fakes import FakeCloud
from nearside.routing import reasons
from nearside.routing.facts import Facts, Task
from nearside.routing.policy import decide

LONG = reasons.LONG_DOCUMENT + 1
DISTINCT = ["".join(chr(97 + (number * 7 + at * 3) % 26) for at in range(8)) for number in range(50)]

CASES = [
    ("zeroShot", "many labels", (DISTINCT, False), (DISTINCT[:49], False)),
    ("zeroShot", "several labels", (["sports", "politics"], True), (["sports", "politics"], False)),
    ("zeroShot", "overlapping labels", (["water sports", "sport"], False), (["sports", "water"], False)),
    ("zeroShot", "overlapping labels", (["refund request", "request refunding"], False), (["refund"], False)),
    (
        "zeroShot",
        "overlapping labels",
        (["angry customer", "angry loud customer", "praise"], False),
        (["customer praise", "customer question", "customer complaint"], False),
    ),
    ("summarize", "long text", (40_001,), (40_000,)),
    ("answer", "several steps", ("How do the two plans compare?", LONG), ("What is the plan?", LONG)),
    (
        "answer",
        "several steps",
        ("Who wrote it and when was it sold?", LONG),
        ("Who wrote and sold it?", LONG),
    ),
    (
        "answer",
        "several steps",
        ("Who was the mayor of the town that burned?", LONG),
        ("Who was the mayor of the town that burned?", LONG - 1),
    ),
    ("extractEntities", "rare types", (["person", "protein"],), (["Persons", "ORG", "loc", "people"],)),
    ("extractEntities", "nested types", (["address", "city"],), (["address", "person"],)),
    ("extractEntities", "nested types", (["org/department"],), (["org", "department"],)),
    ("translate", "rare pair", ("en", "is"), ("en", "de")),
    ("translate", "rare pair", ("ja", "pl"), ("fr", "de")),
    ("translate", "rare pair", (None, "yo"), (None, "zh-Hant")),
    ("transcribe", "noise", (0.1,), (0.09,)),
]


def names(task, request):
    return {row.name for row in reasons.ROWS if row.task == task and row.holds(*request)}


@pytest.mark.parametrize(("task", "name", "hard", "easy"), CASES, ids=lambda value: str(value)[:30])
def test_a_reason_holds_for_what_it_says(task, name, hard, easy):
    assert name in names(task, hard)
    assert name not in names(task, easy)


def test_every_reason_has_a_case():
    assert {(row.task, row.name) for row in reasons.ROWS} == {case[:2] for case in CASES}


def test_the_functions_give_the_sentences_of_their_rows():
    texts = {row.name: row.text for row in reasons.ROWS}
    assert reasons.zero_shot(["a", "b"], True) == (texts["several labels"],)
    assert reasons.zero_shot(["a", "b"], False) == ()
    assert reasons.entities(None) == ()
    assert reasons.entities(["address", "city"]) == (texts["rare types"], texts["nested types"])
    assert reasons.translate("en", "is") == (texts["rare pair"],)
    assert reasons.transcribe(None) == ()
    assert reasons.transcribe(1.0) == (texts["noise"],)
    assert reasons.summarize(10**6) == (texts["long text"],)
    assert reasons.answer("Compare both.", LONG) == (texts["several steps"],)


def test_no_sentence_quotes_the_request():
    """They are kept in the records."""
    for task, _, request, _ in CASES:
        given = [word for part in request if isinstance(part, list) for word in part]
        for row in reasons.ROWS:
            assert row.task != task or not any(word in row.text for word in given if len(word) > 6)


def facts(mode, hard, **more):
    model = CloudModel("cloud-fast", 100_000, 1000, 150, 600)
    return Facts(
        Task("zeroShot", far=True),
        mode,
        "a/b",
        consented=True,
        cloud="up",
        models=(model,),
        hard=hard,
        **more,
    )


def test_in_the_balanced_mode_a_reason_makes_the_far_side_first():
    decision = decide(facts("balanced", ("One.", "Two.")))
    assert decision.tier == "far"
    assert [reason.text for reason in decision.reasons] == ["One.", "Two."]
    assert "One." in decision.explanation


@pytest.mark.parametrize("mode", ["prefer-local", "local-only"])
def test_in_a_stricter_mode_it_does_not(mode):
    assert decide(facts(mode, ("One.",))).tier == "near"


async def test_a_request_of_the_client_goes_far_for_its_reason(make):
    cloud = FakeCloud('{"labels": [["sports", "politics"]]}')
    client = make(cloud=cloud).client
    await client.settings.set(mode="balanced", cloud="allow")
    near = await client.zero_shot(
        "The match was lost.", ["sports", "politics"], prefer="near", multi_label=True
    )
    assert near.decision.tier == "near"
    with suppress(NearsideError):  # what it answers does not matter here
        await client.zero_shot("The match was lost.", ["sports", "politics"], multi_label=True)
    assert len(cloud.asked) == 1


@pytest.mark.parametrize("loudness", [0.01, 1.0])
def test_noise_is_measured_by_what_is_between_the_words(loudness):
    from nearside.speech.noise import share

    rng = np.random.default_rng(1)
    words = np.repeat(rng.random(200) > 0.4, 1600) * np.sin(np.arange(320_000) / 5)
    clear = (words * loudness).astype(np.float32)
    noise = rng.normal(size=clear.size).astype(np.float32) * loudness * 0.5
    assert share(clear, 16_000) == pytest.approx(0, abs=1e-6)
    assert reasons.transcribe(share(clear, 16_000)) == ()
    assert reasons.transcribe(share(clear + noise, 16_000)) != ()
    assert share(noise, 16_000) > 0.7
    assert share(clear[:15_999], 16_000) is None
    assert share(np.zeros(20_000, np.float32), 16_000) is None
