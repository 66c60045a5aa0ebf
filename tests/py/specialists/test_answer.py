"""answer with a model for extractive question answering: places, windows, words, no answer."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearside.errors import NothingFound
from nearside.specialists import answer
from nearside.specialists.answer import LONGEST, best_spans
from nearside.tasks.answer import checked


def near(model, *given, on_progress=None, **options):
    return asyncio.run(answer.near(model, checked(*given, **options), on_progress))


def pointing(model, words, nothing=0.0):
    """Logits that point at tokens of words, in the context only: {word: logit}; `nothing` is [CLS]'s."""
    table = {}
    for word, logit in words.items():
        for id in model.tokenizer.encode([word], special=False)[0]:
            table[int(id)] = logit

    def run(ids):
        sep = list(ids).index(model.tokenizer.id_of("[SEP]"))
        row = np.float32([table.get(int(id), 0) if i > sep else 0 for i, id in enumerate(ids)])
        row[0] = nothing
        return {"start_logits": row, "end_logits": row}

    model.lane.outputs = run
    return model


@pytest.fixture
def model(function_model):
    return function_model("distilbert_qa", None, kind="answer")


def test_the_answer_is_a_place_in_the_context(model):
    context = "Everyone who lives in the text may borrow five of the cloud."
    made = near(pointing(model, {"text": 6, "cloud": 4}), "Where?", context, top_k=2)
    assert (made.best.answer, made.best.start, made.best.end) == ("text", 26, 30)
    assert [one.answer for one in made.alternatives] == ["cloud"]
    assert made.best.score > made.alternatives[0].score > 0
    assert context[made.best.start : made.best.end] == made.best.answer
    assert made.usage.tokens == sum(feeds["input_ids"].size for feeds in model.lane.runs)


def test_part_of_a_word_becomes_the_word(model):
    ids = model.tokenizer.encode(["borrowing"], special=False)[0]
    assert len(ids) > 1
    made = near(pointing(model, {}), "What?", "the borrowing, of cloud")
    table = {int(ids[-1]): 8.0}

    def run(given):
        row = np.float32([table.get(int(id), 0) for id in given])
        return {"start_logits": row, "end_logits": row}

    model.lane.outputs = run
    made = near(model, "What?", "the borrowing, of cloud", top_k=1)
    assert made.best.answer == "borrowing"


@pytest.mark.parametrize("before", [0, 3, 17, 40, 90])
def test_it_is_found_wherever_the_windows_are_cut(model, before):
    context = "storage " * before + "the text of cloud " + "works " * 60
    made = near(pointing(model, {"text": 9}), "Where?", context, top_k=3)
    assert (made.best.answer, made.best.start) == ("text", 8 * before + 4)
    assert all(context[one.start : one.end] == one.answer for one in made.alternatives)
    spans = sorted((one.start, one.end) for one in (made.best, *made.alternatives))
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert len(model.lane.runs) > 3


def test_no_answer_is_told_and_hides_nothing(model):
    context = "Everyone who lives in the text may borrow five of the cloud."
    sure = near(pointing(model, {"text": 9}), "Where?", context)
    assert sure.no_answer < 0.01 < 0.9 < sure.best.score
    unsure = near(pointing(model, {"text": 3}, nothing=9), "Where?", context)
    assert unsure.no_answer > 0.9 > unsure.best.score
    assert unsure.best.answer == "text"
    model = pointing(model, {"text": 12}, nothing=6)
    assert near(model, "Where?", "works " * 100).no_answer > 0.8
    long = near(model, "Where?", context + " works" * 100)
    assert long.no_answer < 0.01  # one window has an answer


def test_the_answer_is_the_caller_s_own_text(model):
    context = "the text\ud800text of"

    def first_to_last(ids):
        places = np.arange(len(ids))
        sep = list(ids).index(model.tokenizer.id_of("[SEP]"))
        return {"start_logits": 20.0 * (places == sep + 1), "end_logits": 20.0 * (places == len(ids) - 2)}

    model.lane.outputs = first_to_last
    made = near(model, "Where?", context, top_k=1)
    assert (made.best.answer, made.best.start, made.best.end) == (context, 0, len(context))


def test_no_frame_no_answer_about_no_answer(model):
    model.files["tokenizer.json"] = "{}"
    model.lane.outputs = lambda ids: {
        name: np.arange(len(ids), dtype=np.float32) for name in ("start_logits", "end_logits")
    }
    made = near(model, "Where?", "in the text")
    assert made.no_answer is None
    assert made.best.answer == "text"


def test_a_context_without_a_token_has_no_answer(model):
    pointing(model, {"text": 3})
    with pytest.raises(NothingFound):
        near(model, "Where?", "\u200d")


def test_a_long_question_leaves_half_of_the_window(model):
    made = near(pointing(model, {"text": 9}), "storage " * 100, "cloud " * 50 + "text")
    assert made.best.answer == "text"
    assert max(feeds["input_ids"].shape[1] for feeds in model.lane.runs) <= 32


def test_progress_counts_windows(model):
    heard = []
    near(pointing(model, {}), "Where?", "cloud " * 50, on_progress=lambda *told: heard.append(told))
    total = heard[-1][1]
    assert total > 1
    assert heard == [(n, total) for n in range(1, total + 1)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_the_best_spans_are_those_of_a_plain_search(count, most, seed):
    random = np.random.default_rng(seed)
    start, end = random.random(count), random.random(count)
    plain = sorted(
        ((float(start[a] * end[b]), a, b) for a in range(count) for b in range(a, min(a + LONGEST, count))),
        key=lambda one: -one[0],
    )
    assert best_spans(start, end, most) == plain[:most]


def test_offsets_always_slice_the_context(function_model):
    model = function_model("roberta_qa", None, kind="answer")

    def run(ids):
        row = np.sin(np.asarray(ids, np.float32) * 12.9898) * 5
        return {"start_logits": row, "end_logits": row[::-1].copy()}

    model.lane.outputs = run

    @settings(max_examples=40, deadline=None)
    @given(st.text(st.characters(codec=None), min_size=1, max_size=80))
    def check(text):
        if not text.strip():
            return
        try:
            made = near(model, "Who?", text, top_k=4)
        except NothingFound:
            return
        for one in (made.best, *made.alternatives):
            assert one.answer == text[one.start : one.end] != ""
            assert 0 <= one.score <= 1

    check()


def test_a_word_without_an_end_is_not_gone_through_for_each_place(function_model):
    """A key or a picture in base64: a megabyte without a space."""
    model = function_model("roberta_qa", None, kind="answer", max_tokens=512)

    def run(ids):
        row = np.sin(np.asarray(ids, np.float32) * 12.9898) * 5
        return {"start_logits": row, "end_logits": row[::-1].copy()}

    model.lane.outputs = run
    text = "aB3" * 10_000
    made = near(model, "Who?", text, top_k=3)
    for one in (made.best, *made.alternatives):
        assert one.answer == text[one.start : one.end] != ""
        assert len(one.answer) < 500


def test_nothing_to_read_and_no_frame(model):
    model.files["tokenizer.json"] = "{}"
    model.lane.outputs = lambda ids: {
        name: np.zeros(len(ids), np.float32) for name in ("start_logits", "end_logits")
    }
    with pytest.raises(NothingFound):
        near(model, "\u200d", "\u200d")
