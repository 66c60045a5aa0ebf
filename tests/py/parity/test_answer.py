"""answer with models for extractive question answering against Python's transformers and transformers.js."""

from itertools import pairwise

import numpy as np
import pytest

import nearside
from nearside.specialists.answer import best_spans
from nearside.specialists.classify import scores
from nearside.specialists.frame import feeds, frame_of

NAMES = ["distilbert_qa", "roberta_qa"]


@pytest.mark.parametrize("name", NAMES)
async def test_answers_are_those_of_pytorch(arch_models, reference, name):
    given = reference(name)
    question, context = given["batches"][0]["texts"][0], given["batches"][0]["pairs"][0]
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = await client.answer(question, context, model=f"arch/{name}")
    answers = [made.best, *made.alternatives]
    assert len(answers) == 3
    assert all(one.answer == context[one.start : one.end] for one in answers)
    wanted = []  # of theirs those that do not overlap a better one
    for one in given["answers"]:
        if all(one["end"] <= other["start"] or other["end"] <= one["start"] for other in wanted):
            wanted.append(one)
    assert len(wanted) >= 2
    for one, other in zip(answers, wanted, strict=False):
        assert (one.start, one.end, one.answer) == (other["start"], other["end"], other["answer"])
        assert one.score == pytest.approx(other["score"], abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
async def test_no_answer_is_the_probability_of_the_first_token(arch_models, reference, name):
    batch = reference(name)["batches"][0]
    of_context = np.asarray(reference(name)["sequence_ids"], object) == 1
    kept = np.flatnonzero(of_context | (np.arange(len(of_context)) == 0))
    starts, ends = (
        np.exp(np.asarray(batch["outputs"][one][0])[kept]) for one in ("start_logits", "end_logits")
    )
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = await client.answer(batch["texts"][0], batch["pairs"][0], model=f"arch/{name}")
    assert made.no_answer == pytest.approx(starts[0] / starts.sum() * ends[0] / ends.sum(), rel=1e-4)


@pytest.mark.parametrize(("name", "shared"), [*((name, False) for name in NAMES), ("distilbert_qa", True)])
async def test_spans_are_those_of_transformers_js(request, golden, opened, name, shared):
    """It bounds no answer's length and widens none, so that its spans are compared before that is done."""
    models = request.getfixturevalue("tiny_models" if shared else "arch_models")
    (question, context), wanted = golden(name, "question-answering", shared=shared)
    async with nearside.connect([models], dtype="fp32") as client:
        model = await opened(client, f"{'tiny' if shared else 'arch'}/{name}")
        ask, text = model.tokenizer.encode([question, context], special=False)
        framed = frame_of(model).pair(ask, text)
        names = ("start_logits", "end_logits")
        made = await model.lane.run(feeds(model, framed), dict.fromkeys(names, "all"))
        places = [0, *range(framed.b, framed.b + len(text))]
        likely = [scores(made[one][0][places], "softmax")[1:] for one in names]
        spans = best_spans(likely[0], likely[1], 3, len(text))
        assert [score for score, _, _ in spans] == pytest.approx([one["score"] for one in wanted], abs=1e-3)
        assert [score for score, _, _ in spans] == pytest.approx([one["score"] for one in wanted], rel=1e-3)
        found = [model.tokenizer.decode(text[a : b + 1]) for _, a, b in spans]
    assert [one.split() for one in found] == [one["answer"].split() for one in wanted]


@pytest.mark.parametrize("name", NAMES)
async def test_a_long_context_is_read_to_its_end(arch_models, reference, name):
    given = reference(name)
    question, context = given["batches"][0]["texts"][0], given["long_context"]
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = await client.answer(question, context, top_k=200, model=f"arch/{name}")
        short = await client.answer(question, given["batches"][0]["pairs"][0], model=f"arch/{name}")
    answers = [made.best, *made.alternatives]
    assert made.usage.tokens > 128 > short.usage.tokens
    assert all(one.answer == context[one.start : one.end] for one in answers)
    assert max(one.end for one in answers) > len(context) - 40
    assert min(one.start for one in answers) < 40
    assert answers == sorted(answers, key=lambda one: -one.score)
    spans = sorted((one.start, one.end) for one in answers)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
