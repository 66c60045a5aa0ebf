"""The engine in CPython with the starter model of the built site: right vectors, right order, any text."""

import json
from pathlib import Path

import numpy as np
import pytest

import nearside
from nearside.wire.page import dispatch

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"


@pytest.fixture
def client(built_site):
    """Return a client over the built site's models."""
    return nearside.connect([built_site / "models"])


def cosines(one, other):
    """Return the cosine of each pair of rows (of length 1)."""
    return np.sum(one * other, axis=1)


async def test_vectors_are_those_of_the_published_model(client):
    sentences = json.loads((FIXTURES / "minilm" / "sentences.json").read_text("utf-8"))
    reference = np.load(FIXTURES / "minilm" / "reference.npy")
    async with client:
        made = (await client.embed(sentences)).embeddings
    found = cosines(made, reference / np.linalg.norm(reference, axis=1, keepdims=True))
    assert found.mean() >= 0.99
    assert found.min() >= 0.96


async def test_the_agreement_fixture_is_what_this_engine_makes(client):
    given = json.loads((FIXTURES / "agreement" / "texts.json").read_text("utf-8"))
    expected = json.loads((FIXTURES / "agreement" / "expected.json").read_text("utf-8"))
    async with client:
        made = await client.embed(given["texts"])
        assert made.model.sha256 == expected["sha256"], (
            "other weights: run tests/fixtures/agreement/make_agreement.py"
        )
        assert cosines(made.embeddings, np.load(FIXTURES / "agreement" / "expected.npy")).min() >= 0.9999
        for search in expected["searches"]:
            params = {"query": search["query"], "docs": given["search"]["docs"], "topK": 100}
            answer = await dispatch(client, "search", {**params, "passages": search["passages"]})
            names = ("index", "start", "end")
            found = [{name: hit[name] for name in names} for hit in answer["results"]]
            wanted = [{name: hit[name] for name in names} for hit in search["hits"]]
            assert found[: len(wanted)] == wanted
        assert all(search["hits"] for search in expected["searches"])
        assert sum(len(search["hits"]) for search in expected["searches"]) > 30


async def test_a_text_s_vector_does_not_depend_on_its_neighbours(client):
    texts = ["a short one", "something rather longer than the first of these texts", "日本"]
    async with client:
        together = (await client.embed(texts)).embeddings
        await client.models.unload("nearside/all-MiniLM-L6-v2")
    other = nearside.connect(None)
    async with other:
        alone = [(await other.embed(text)).embeddings[0] for text in texts]
    assert np.array_equal(together, np.stack(alone))


@pytest.mark.parametrize(
    ("a", "near", "far"),
    [
        ("How do I reset my password?", "I forgot my login", "The cake needs more sugar"),
        ("A dog is running in the park", "A puppy runs outside", "Interest rates rose again"),
    ],
)
async def test_what_is_close_in_meaning_is_close(client, a, near, far):
    async with client:
        assert (await client.similarity(a, near)).score > (await client.similarity(a, far)).score + 0.2


async def test_a_long_text_is_read_to_its_end(client):
    start = "The committee discussed the budget of the next year in detail. " * 60
    async with client:
        made = await client.embed([start, start + "Then a zebra walked in. " * 20])
        found = await client.search("a zebra", [start, start + "Then a zebra walked in. " * 20])
    assert made.usage.tokens > 1500
    assert made.embeddings[0] @ made.embeddings[1] < 0.999
    assert found.results[0].index == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "😀" * 300,
        "a" * 20_000,
        "שלום " * 400,
        "漢" * 2000,
        "e\u0301" * 3000,
        "\u200d" * 50,
    ],
)
async def test_any_text_has_a_vector(client, text):
    async with client:
        (vector,) = (await client.embed(text)).embeddings
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert np.isfinite(vector).all()
