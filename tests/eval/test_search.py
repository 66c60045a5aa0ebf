"""The search suite on a set small enough to work out."""

import asyncio
import json

import pytest

from nearside_server.evaluation.data import BadData
from nearside_server.evaluation.search import evaluate, load


def run(client, data, limit=None):
    return asyncio.run(evaluate(client, data, limit, None, None))


def test_the_figures_and_their_floors(client, data):
    made = run(client, data)
    assert (made["suite"], made["n"], made["documents"]) == ("search", 2, 4)
    assert made["mrr@10"] == pytest.approx(1)
    assert 0.95 < made["ndcg@10"] <= 1
    for prefix in ("", "bm25_", "embeddings_", "rrf_"):
        for figure in ("ndcg@10", "mrr@10"):
            low, high = made[f"{prefix}{figure}_interval"]
            assert 0 <= low <= made[prefix + figure] <= high <= 1 + 1e-9
    # Words alone: the first query finds document 10 only ("cats" is not "cat"): the gain 2 of 12 is missing.
    assert made["bm25_mrr@10"] == pytest.approx(1)
    assert made["bm25_ndcg@10"] == pytest.approx((4 / (4 + 2 * 0.63093) + 1) / 2, abs=1e-4)


def test_queries_without_a_relevant_document_do_not_count(data):
    documents, queries, relevant = load(data / "search")
    assert len(documents) == 4
    assert len(queries) == 3
    assert relevant == {1: {0: 4.0, 2: 2.0}, 2: {1: 3.0}}


def test_the_limit_takes_the_first_queries(client, data):
    made = run(client, data, 1)
    assert (made["n"], made["documents"]) == (1, 4)


def test_the_title_is_part_of_a_document(client, data):
    path = data / "search" / "queries.jsonl"
    path.write_text(json.dumps({"id": 1, "text": "Dogs"}) + "\n")
    (data / "search" / "qrels.jsonl").write_text(json.dumps({"q": 1, "d": 12, "code": 1}) + "\n")
    assert run(client, data)["mrr@10"] == 1


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ([{"q": 1, "d": 99, "code": 1}], "names the document 99"),
        ([{"q": 1, "d": 10, "code": 5}], "No query in"),
        ([{"q": 77, "d": 10, "code": 1}], "No query in"),
        ([{"q": 1, "code": 1}], "has no 'd'"),
    ],
)
def test_judgements_that_make_no_sense(client, data, qrels, message):
    (data / "search" / "qrels.jsonl").write_text("".join(json.dumps(line) + "\n" for line in qrels))
    with pytest.raises(BadData, match=message):
        run(client, data)
