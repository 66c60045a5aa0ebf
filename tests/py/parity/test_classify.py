"""classify against PyTorch and transformers.js: logits within 1e-4, labels equal, scores within 1e-3."""

import json

import numpy as np
import pytest

import nearside
from nearside.specialists.frame import feeds, frame_of

TEXTS = [
    "This is the simple test of a license grant.",
    "The software is provided as is, without warranty of any kind.",
]
HYPOTHESIS = "This text is about software."


@pytest.mark.parametrize("name", ["distilbert_sst2", "bert_multi"])
async def test_scores_are_pytorch_s(arch_models, reference, name):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        for batch in reference(name)["batches"]:
            made = await client.classify(batch["texts"], model=f"arch/{name}")
            labels = list((await client._core.manager.get(f"arch/{name}")).config["id2label"].values())
            for row, wanted in zip(made.results, batch["outputs"]["scores"], strict=True):
                scores = dict(zip(row.labels, row.scores, strict=True))
                assert [scores[label] for label in labels] == pytest.approx(wanted, abs=1e-5)
                assert list(row.scores) == sorted(row.scores, reverse=True)


@pytest.mark.parametrize(
    ("name", "shared"),
    [("distilbert_sst2", False), ("bert_multi", False), ("distilbert_sst2", True)],
)
async def test_labels_and_scores_are_those_of_transformers_js(request, golden, name, shared):
    models = request.getfixturevalue("tiny_models" if shared else "arch_models")
    texts, wanted = golden(name, "text-classification", shared=shared)
    async with nearside.connect([models], dtype="fp32") as client:
        made = await client.classify(texts, model=f"{'tiny' if shared else 'arch'}/{name}")
    for row, items in zip(made.results, wanted, strict=True):
        assert list(row.labels) == [item["label"] for item in items]
        assert row.scores == pytest.approx([item["score"] for item in items], abs=1e-3)


@pytest.mark.parametrize(
    "name",
    ["distilbert_sst2", "bert_ner", "bert_mlm", "bert_nli", "mobilebert_nli", "bert_rerank", "distilbert_qa"],
)
async def test_the_shared_models_give_pytorch_s_logits(tiny_models, tiny_reference, opened, name):
    wanted = tiny_reference[name]
    async with nearside.connect([tiny_models], dtype="fp32") as client:
        model = await opened(client, f"tiny/{name}")
        frame = frame_of(model)
        rows = model.tokenizer.encode([*TEXTS, HYPOTHESIS], special=False)
        if name == "distilbert_qa":
            framed = [frame.pair(rows[2], rows[1])]
        elif name in ("bert_nli", "mobilebert_nli", "bert_rerank"):
            framed = [frame.pair(row, rows[2]) for row in rows[:2]]
        else:
            framed = [frame.single(row) for row in rows[:2]]
        names = [name for name in model.info.outputs if name.endswith("logits")]
        made = [await model.lane.run(feeds(model, one), dict.fromkeys(names, "all")) for one in framed]
    for one, ids in zip(framed, wanted["ids"], strict=True):
        assert one.ids.tolist() == [id for id in ids if id != 0]
    logits = np.asarray(wanted["logits"])
    if name == "distilbert_qa":
        flat = np.concatenate([made[0]["start_logits"][0], made[0]["end_logits"][0]])
    elif name == "bert_mlm":  # the reference has the first 600 numbers of the first token
        flat = made[0]["logits"][0, 0, :600]
    elif name == "bert_ner":  # both texts have 15 tokens
        flat = np.concatenate([one["logits"][0].ravel() for one in made])
    else:
        flat = np.concatenate([one["logits"][0] for one in made])
    assert flat.shape == logits.shape
    assert np.abs(flat - logits).max() <= 1e-4


@pytest.mark.parametrize(("dtype", "expected"), [("fp32", 759), ("int8", 757)])
async def test_a_trained_model_is_as_right_as_in_transformers_js(tiny_models, shared_data, dtype, expected):
    """Of the 872 phrases; transformers.js 4.3.1 gets as many right with fp32 and q8. (The 0.830 of its
    source are for the sentences of SST-2's own development set.)"""
    lines = (shared_data / "sentiment" / "test.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    async with nearside.connect([tiny_models], dtype=dtype) as client:
        made = await client.classify(
            [row["text"] for row in rows], top_k=1, model="tiny/google-avg-word-vec-sst2"
        )
    assert made.model.dtype == dtype
    right = sum(
        result.labels == (("NEGATIVE", "POSITIVE")[row["label"]],)
        for result, row in zip(made.results, rows, strict=True)
    )
    assert right == pytest.approx(expected, abs=1)
