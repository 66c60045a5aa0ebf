"""`nearside eval`: what it prints and how it ends."""

import json

import pytest

from nearside_server.cli import eval as command
from nearside_server.cli import main


@pytest.fixture(autouse=True)
def fake_engine(monkeypatch, client):
    """Let the command use the fakes."""
    monkeypatch.setattr(command, "connect", lambda: client)


def both(*names):
    """Return the names, with those of their intervals."""
    return {name + end for name in names for end in ("", "_interval")}


@pytest.mark.parametrize(
    ("suite", "keys"),
    [
        ("similarity", {"spearman", "spearman_interval", "tfidf_spearman", "tfidf_spearman_interval"}),
        (
            "search",
            {
                f"{prefix}{figure}{end}"
                for prefix in ("", "bm25_", "embeddings_", "rrf_")
                for figure in ("ndcg@10", "mrr@10")
                for end in ("", "_interval")
            }
            | {"documents"},
        ),
        (
            "intents",
            {
                f"{figure}_{shots}{end}"
                for figure in ("accuracy", "centroid_accuracy")
                for shots in (1, 4, 8, 16)
                for end in ("", "_interval")
            }
            | {"labels"},
        ),
        ("qa", both("sentence_accuracy", "embeddings_sentence_accuracy", "words_sentence_accuracy")),
        ("summaries", both(*(a + b for a in ("", "lead1_") for b in ("rouge1", "rouge2", "rougeL")))),
        (
            "sentiment",
            both("accuracy", "majority_accuracy", "taught_accuracy", "centroid_accuracy") | {"examples"},
        ),
    ],
)
def test_json_is_one_object_and_nothing_else(suite, keys, data, capsys):
    assert main(["eval", suite, "--data", str(data), "--json"]) == 0
    printed = capsys.readouterr()
    figures = json.loads(printed.out)
    assert set(figures) == keys | {"suite", "n", "model", "seconds"}
    assert printed.out.count("\n") == 1
    assert printed.err == ""
    assert figures["model"]["id"] == "nearside/all-MiniLM-L6-v2"


def test_the_table_shows_each_figure_with_its_interval(data, capsys):
    assert main(["eval", "search", "--data", str(data)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "search, n = 2, nearside/all-MiniLM-L6-v2 (int8)"
    assert [line.split()[0] for line in lines[1:]] == [
        "ndcg@10",
        "mrr@10",
        "bm25_ndcg@10",
        "bm25_mrr@10",
        "embeddings_ndcg@10",
        "embeddings_mrr@10",
        "rrf_ndcg@10",
        "rrf_mrr@10",
    ]
    assert all("95 %" in line for line in lines[1:])


def test_the_limit(data, capsys):
    assert main(["eval", "similarity", "--data", str(data), "--json", "--limit", "3"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 3


def test_a_figure_that_is_unknown_is_null(data, capsys):
    assert main(["eval", "similarity", "--data", str(data), "--json", "--limit", "1"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["spearman"] is None
    assert figures["spearman_interval"] == [None, None]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["similarity", "--data", "/no/such/folder"],
            "/no/such/folder/similarity/pairs.jsonl cannot be read",
        ),
        (
            ["search", "--data", "/no/such/folder", "--json"],
            "/no/such/folder/search/docs.jsonl cannot be read",
        ),
        (["similarity", "--data", ".", "--limit", "0"], "--limit is 0"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_with_2(arguments, message, capsys):
    assert main(["eval", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err


@pytest.mark.parametrize("arguments", [[], ["similarity"], ["poetry", "--data", "."]])
def test_a_wrong_command_line(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["eval", *arguments])
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


def test_a_model_that_is_not_there(data, capsys):
    assert main(["eval", "similarity", "--data", str(data), "--model", "no/where"]) == 2
    assert "There is no model no/where" in capsys.readouterr().err
