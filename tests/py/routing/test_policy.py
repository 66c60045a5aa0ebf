"""Decisions: the rules one by one, and what must hold for all facts."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearside.errors import InvalidInput, NoRoute
from nearside.ports.cloud import CloudModel
from nearside.routing.facts import MODES, Facts, Task, effective_mode, weight
from nearside.routing.policy import decide, estimate
from nearside.routing.record import replay

CHAT = Task("chat", far=True)
FAST = CloudModel("cloud-fast", 8000, 1000, 150, 600)
STRONG = CloudModel("cloud-strong", 200_000)
OPEN = Facts(
    CHAT, "prefer-local", "nearside/all-MiniLM-L6-v2", consented=True, cloud="up", models=(FAST, STRONG)
)


def given_(**changes):
    return dataclasses.replace(OPEN, **changes)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"local_document": True}, "mode"),
        ({"mode": "local-only"}, "mode"),
        ({"task": Task("embed")}, "capability"),
        ({"near_named": True}, "capability"),
        ({"cloud": "none", "models": ()}, "provider"),
        ({"cloud": "down"}, "connectivity"),
        ({"cloud": "unknown"}, "connectivity"),
        ({"characters": 8000 * 4}, "context"),
        ({"consented": False}, "consent"),
    ],
)
def test_each_rule_takes_the_cloud_out_and_names_itself(changes, rule):
    decision = decide(given_(**changes))
    assert decision.tier == "near"
    (far,) = [one for one in decision.candidates if one.tier == "far"]
    assert far.removed_by == rule
    assert decision.reasons[0].rule == rule
    settled = decision.reasons[0] if rule in ("mode", "capability") else decision.reasons[-1]
    assert decision.explanation == f"On your device. {settled.text}"


def test_the_device_can_be_taken_out_too():
    decision = decide(given_(mode="cloud-only"))
    assert decision.tier == "far"
    assert [one.removed_by for one in decision.candidates] == [None, "mode"]


def test_cloud_only_leaves_here_what_the_cloud_cannot_do():
    decision = decide(given_(mode="cloud-only", task=Task("embed")))
    assert decision.explanation == "On your device. This never needs the cloud."


def test_a_character_beyond_ascii_counts_as_a_token():
    assert given_(characters=weight("a" * 1000)).tokens == 401
    assert given_(characters=weight("漢" * 1000)).tokens == 1001
    assert weight("aé") == 3


def test_what_keeps_the_first_choice_from_answering_is_the_explanation():
    decision = decide(given_(writing=True, consented=False))
    assert decision.explanation.endswith("You have not agreed yet that requests may go to the cloud.")
    assert [reason.rule for reason in decision.reasons] == ["consent"]


def test_an_alias_asks_for_its_model_and_the_device_stays_as_the_second():
    decision = decide(given_(alias="cloud-strong"))
    assert (decision.tier, decision.model) == ("far", "cloud-strong")
    assert [one.tier for one in decision.candidates if one.removed_by is None] == ["far", "near"]
    missing = decide(given_(alias="cloud-huge"))
    assert (missing.tier, missing.candidates[1].removed_by) == ("near", "provider")
    with pytest.raises(NoRoute, match="offers no model cloud-huge"):
        decide(given_(alias="cloud-huge", mode="cloud-only"))


def test_without_any_side_the_error_has_every_reason():
    with pytest.raises(NoRoute) as caught:
        decide(given_(mode="cloud-only", cloud="down"))
    assert "Cloud-only is on" in caught.value.message
    assert "cannot be reached" in caught.value.message


@pytest.mark.parametrize(
    ("changes", "first", "rule"),
    [
        ({}, "near", "mode"),
        ({"mode": "balanced"}, "near", "task"),
        ({"mode": "prefer-cloud"}, "far", "mode"),
        ({"writing": True}, "far", "task"),
        ({"writing": True, "mode": "balanced"}, "far", "task"),
        ({"prefer": "far"}, "far", "choice"),
        ({"prefer": "near", "mode": "prefer-cloud"}, "near", "choice"),
        ({"prefer": "near", "writing": True}, "near", "choice"),
        ({"alias": "cloud-fast"}, "far", "choice"),
    ],
)
def test_the_mode_the_task_and_the_wish_order_what_is_left(changes, first, rule):
    decision = decide(given_(**changes))
    assert (decision.tier, decision.reasons[-1].rule) == (first, rule)
    assert [one.removed_by for one in decision.candidates] == [None, None]
    assert decision.candidates[0].tier == first


def test_what_staying_here_saves_is_estimated_from_the_prices():
    decision = decide(given_(characters=1000))
    assert decision.saved == 401 * 150 + 400 * 600
    assert decide(given_(task=Task("embed"))).saved is None
    assert decide(given_(models=(STRONG,))).saved is None
    assert estimate(FAST, 10, 20) == 10 * 150 + 20 * 600
    assert estimate(None, 1, 1) is None


@pytest.mark.parametrize(
    ("user", "site", "request_", "result"),
    [
        (None, None, None, "prefer-local"),
        (None, None, "cloud-only", "cloud-only"),
        ("balanced", None, "cloud-only", "balanced"),
        ("balanced", None, "local-only", "local-only"),
        (None, "prefer-cloud", None, "prefer-cloud"),
        (None, "prefer-cloud", "cloud-only", "prefer-cloud"),
        ("balanced", "prefer-cloud", None, "balanced"),
        ("cloud-only", "balanced", "prefer-cloud", "balanced"),
        ("local-only", "prefer-cloud", "cloud-only", "local-only"),
    ],
)
def test_whose_mode_is_in_force(user, site, request_, result):
    assert effective_mode(user, site, request_) == result


MODELS = st.lists(
    st.builds(
        CloudModel,
        st.sampled_from(["cloud-fast", "cloud-strong"]),
        st.none() | st.integers(1, 10_000),
        st.none() | st.integers(1, 10_000),
        st.none() | st.integers(0, 1000),
        st.none() | st.integers(0, 1000),
    ),
    max_size=2,
)
FACTS = st.builds(
    Facts,
    task=st.builds(Task, st.sampled_from(["chat", "embed", "summarize"]), st.booleans()),
    mode=st.sampled_from(MODES),
    near_model=st.just("org/name"),
    local_document=st.booleans(),
    consented=st.booleans(),
    cloud=st.sampled_from(["unknown", "none", "up", "down"]),
    models=MODELS.map(tuple),
    alias=st.none() | st.sampled_from(["cloud-fast", "cloud-strong", "other"]),
    near_named=st.booleans(),
    prefer=st.sampled_from([None, "near", "far"]),
    characters=st.integers(0, 100_000),
    writing=st.booleans(),
)


def may_leave(facts):
    """Say, independently of the rules' code, whether anything may go to the cloud."""
    model = facts.far_model
    fits = model is not None and (model.context_window is None or facts.tokens <= model.context_window)
    return (
        not facts.local_document
        and facts.mode != "local-only"
        and facts.task.far
        and not facts.near_named
        and facts.cloud == "up"
        and facts.consented
        and fits
    )


@settings(max_examples=2000, deadline=None)
@given(FACTS)
def test_no_hard_rule_is_ever_broken_and_every_decision_can_be_made_again(facts):
    try:
        decision = decide(facts)
    except NoRoute:
        assert not may_leave(facts)
        assert facts.mode == "cloud-only" and facts.task.far
        return
    if decision.tier == "far" or any(
        one.tier == "far" and one.removed_by is None for one in decision.candidates
    ):
        assert may_leave(facts)
    if decision.tier == "near":
        assert facts.mode != "cloud-only" or not facts.task.far
    assert {one.tier for one in decision.candidates} == {"near", "far"}
    assert decision.explanation
    kept = json.loads(json.dumps({"facts": dataclasses.asdict(facts)}))
    decide.cache_clear()
    assert replay(kept) == decision


@pytest.mark.parametrize("value", [{}, {"facts": {}}, {"facts": {"task": {"name": "chat"}, "models": []}}])
def test_what_is_no_record_cannot_be_replayed(value):
    with pytest.raises(InvalidInput):
        replay(value)
