"""The tasks with the starter model of the built site: answers that a reader would give."""

import pytest

import nearside

ARTICLE = """The city council voted on Tuesday to close the old harbour bridge to cars from next spring.
The bridge, built in 1931, carries about 9,000 vehicles a day and needs repairs of 40 million dollars.
Cyclists and pedestrians will still be able to cross it.
A ferry will link the two banks while the work lasts.
Shop owners near the bridge fear that they will lose customers.
The mayor promised to help them with lower rents.
The weather was mild on the day of the vote."""


@pytest.fixture
def client(built_site):
    """Return a client over the built site's models."""
    return nearside.connect([built_site / "models"])


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("When was the bridge built?", "1931"),
        ("What will connect the two sides?", "ferry"),
        ("Who is worried about losing business?", "Shop owners"),
    ],
)
async def test_answer(client, question, part):
    async with client:
        assert part in (await client.answer(question, ARTICLE)).best.answer


async def test_summarize(client):
    async with client:
        headline = await client.summarize(ARTICLE, style="headline")
        brief = await client.summarize(ARTICLE)
    assert "bridge" in headline.summary
    assert "\n" not in headline.summary
    assert len(brief.sentences) == 3
    assert "weather" not in brief.summary


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The striker scored twice in the final.", "sport"),
        ("Shares fell after the bank's results.", "business"),
        ("The new telescope sees distant galaxies.", "science"),
        ("Simmer the onions in butter for ten minutes.", "cooking"),
    ],
)
async def test_zero_shot(client, text, label):
    async with client:
        made = await client.zero_shot(text, ["sport", "business", "science", "cooking"])
    assert made.labels[0] == label
    assert made.scores[0] > 0.5


async def test_rerank(client):
    docs = [
        "Bananas are rich in potassium.",
        "To change your login, open Settings.",
        "We are closed on Sunday.",
    ]
    async with client:
        made = await client.rerank("How do I reset my password?", docs)
    assert made.results[0].index == 1


async def test_a_classifier_survives_export_and_import(client):
    examples = [
        ("My parcel never arrived", "delivery"),
        ("When will you ship my order?", "delivery"),
        ("I was charged twice", "billing"),
        ("Please send me an invoice", "billing"),
    ]
    async with client:
        taught = await client.teach(examples, name="Mail")
        text = await taught.export()
        await taught.delete()
        again = await client.classifiers.import_file(text)
        made = await again.classify(["The courier lost my package", "Why did I pay this amount?"])
    assert again.info.name == "Mail"
    assert [found.labels[0] for found in made.results] == ["delivery", "billing"]
