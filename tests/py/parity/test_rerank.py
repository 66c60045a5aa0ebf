"""rerank with cross-encoders against PyTorch and transformers.js: pairs, logits, order."""

import numpy as np
import pytest

import nearside
from nearside.specialists.frame import frame_of

NAMES = ["bert_rerank", "xlmr_rerank"]


@pytest.mark.parametrize("name", NAMES)
async def test_logits_scores_and_order_are_pytorch_s(arch_models, reference, name):
    batch = reference(name)["batches"][-1]
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = await client.rerank(batch["texts"][0], batch["pairs"], model=f"arch/{name}")
    logits = np.asarray(batch["outputs"]["logits"])[:, 0]
    assert [one.index for one in made.results] == np.argsort(-logits).tolist()
    assert [one.logit for one in made.results] == pytest.approx(np.sort(logits)[::-1].tolist(), abs=1e-4)
    scores = np.asarray(batch["outputs"]["scores"])[:, 0]
    assert [one.score for one in made.results] == pytest.approx(np.sort(scores)[::-1].tolist(), abs=1e-5)
    assert len({one.score for one in made.results}) == len(batch["pairs"])


@pytest.mark.parametrize(("name", "shared"), [*((name, False) for name in NAMES), ("bert_rerank", True)])
async def test_pairs_are_those_of_transformers_js(request, golden, opened, name, shared):
    models = request.getfixturevalue("tiny_models" if shared else "arch_models")
    (query, docs), wanted = golden(name, "pairs", shared=shared)
    async with nearside.connect([models], dtype="fp32") as client:
        id = f"{'tiny' if shared else 'arch'}/{name}"
        made = await client.rerank(query, docs, model=id)
        model = await opened(client, id)
    frame = frame_of(model)
    asked, *rest = model.tokenizer.encode([query, *docs], special=False)
    for ids, theirs in zip(rest, wanted["input_ids"], strict=True):
        mine = frame.pair(asked, ids).ids.tolist()
        padding = [model.config["pad_token_id"]] * (len(theirs) - len(mine))
        assert mine + padding == theirs
    logits = np.asarray(wanted["logits"]).reshape(len(docs), -1)[:, 0]
    assert [one.index for one in made.results] == np.argsort(-logits).tolist()
    assert [one.logit for one in made.results] == pytest.approx(np.sort(logits)[::-1].tolist(), abs=1e-3)
