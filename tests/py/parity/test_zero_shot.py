"""zeroShot with models for entailment against Python's transformers and transformers.js."""

import pytest

import nearside

NAMES = ["bert_nli", "mobilebert_nli", "deberta_nli"]


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("name", NAMES)
async def test_labels_and_scores_are_those_of_pytorch(arch_models, reference, name, many):
    given = reference(name)["zero_shot"]
    wanted = given["multi" if many else "single"]
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = await client.zero_shot(
            given["text"],
            given["candidate_labels"],
            hypothesis=given["hypothesis_template"],
            multi_label=many,
            model=f"arch/{name}",
        )
    assert list(made.labels) == wanted["labels"]
    assert made.scores == pytest.approx(wanted["scores"], abs=1e-5)
    assert sum(made.scores) == pytest.approx(1) or many


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    ("name", "shared"), [*((name, False) for name in NAMES), ("bert_nli", True), ("mobilebert_nli", True)]
)
async def test_labels_and_scores_are_those_of_transformers_js(request, golden, name, shared, many):
    models = request.getfixturevalue("tiny_models" if shared else "arch_models")
    (text, labels), wanted = golden(name, "zero-shot-classification", shared=shared, multi_label=many)
    async with nearside.connect([models], dtype="fp32") as client:
        made = await client.zero_shot(
            text,
            labels,
            hypothesis="This text is about {}.",
            multi_label=many,
            model=f"{'tiny' if shared else 'arch'}/{name}",
        )
    assert list(made.labels) == wanted["labels"]
    assert made.scores == pytest.approx(wanted["scores"], abs=1e-3)
