"""extractEntities against Python's transformers (all aggregations, offsets) and transformers.js."""

from itertools import pairwise

import pytest

import nearside

STRATEGIES = ["none", "simple", "first", "max", "average"]


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_entities_are_those_of_pytorch(arch_models, reference, strategy):
    given = reference("bert_ner")
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = await client.extract_entities(given["text"], aggregation=strategy, model="arch/bert_ner")
    wanted = given["entities"][strategy]
    name = "entity" if strategy == "none" else "entity_group"
    assert [(one.type, one.start, one.end) for one in made.entities] == [
        (one[name], one["start"], one["end"]) for one in wanted
    ]
    assert [one.score for one in made.entities] == pytest.approx([one["score"] for one in wanted], abs=1e-5)
    assert all(one.text == given["text"][one.start : one.end] for one in made.entities)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("strategy", ["none", "simple"])  # it has no others, and no offsets
async def test_entities_are_those_of_transformers_js(request, golden, strategy, shared):
    models = request.getfixturevalue("tiny_models" if shared else "arch_models")
    text, wanted = golden("bert_ner", "token-classification", shared=shared, aggregation_strategy=strategy)
    async with nearside.connect([models], dtype="fp32") as client:
        made = await client.extract_entities(
            text, aggregation=strategy, model=f"{'tiny' if shared else 'arch'}/bert_ner"
        )
    name = "entity" if strategy == "none" else "entity_group"
    # It takes an unknown word for a special token and leaves it out.
    entities = [one for one in made.entities if shared or one.text != "Zurich"]
    assert [one.type for one in entities] == [one[name] for one in wanted]
    assert [one.score for one in entities] == pytest.approx([one["score"] for one in wanted], abs=1e-3)
    for one, other in zip(entities, wanted, strict=True):
        word = other["word"].replace("##", "").replace(" ", "")
        assert one.text.lower().replace(" ", "") == word


async def test_a_text_past_the_window_is_read_to_its_end(arch_models, reference):
    text = reference("bert_ner")["long_text"]
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = await client.extract_entities(text, model="arch/bert_ner")
        short = await client.extract_entities(reference("bert_ner")["text"], model="arch/bert_ner")
    assert made.usage.tokens > 64
    assert made.entities[-1].end > len(text) - 10
    places = [(one.start, one.end) for one in made.entities]
    assert all(a[1] <= b[0] for a, b in pairwise(places))  # none twice
    assert short.usage.tokens <= 64
