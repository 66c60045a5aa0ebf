"""extractEntities: offsets that slice the text, no entity lost or doubled at a seam, options that count, and
a far side that is read with suspicion."""

import asyncio
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearside.errors import CloudFailed, InvalidInput, InvalidOption
from nearside.ports.fakes import FakeCloud
from nearside.specialists import entities
from nearside.specialists.aggregate import found

NAMES = ["O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
WORDS = ["library", "opens", "town", "books", "Zürich", "the", "!", "weeks", "films", "東京", "tab\n"]
STRATEGIES = ["none", "simple", "first", "max", "average"]


def by_id(ids):
    """Logits that depend on each token alone, some of them near ties."""
    numbers = np.asarray(ids, np.int64)[:, None] * 7919 + np.arange(len(NAMES)) * 104729
    return {"logits": ((numbers % 1013) / 100).astype(np.float32)}


def labelled(table):
    """Logits by which the tokens in `table` (id to label) have that label, all others "O"."""

    def logits(ids):
        made = np.zeros((len(ids), len(NAMES)), np.float32)
        for row, id in zip(made, ids, strict=True):
            row[NAMES.index(table.get(int(id), "O"))] = 9
        return {"logits": made}

    return logits


def near(model, texts, **options):
    return asyncio.run(entities.near(model, entities.checked(texts, **options)))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", ["bert_ner", "roberta_qa", "xlmr_rerank"])
def test_windows_change_nothing(function_model, name, strategy):
    """A model that looks at one token at a time finds the same in any windows."""
    config = {"id2label": {str(i): label for i, label in enumerate(NAMES)}}
    whole = function_model(name, by_id, max_tokens=100_000, **config)
    narrow = [function_model(name, by_id, max_tokens=size, **config) for size in (5, 12, 31)]

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=40))
    def check(words):
        text = " ".join(words)
        expected = near(whole, text, aggregation=strategy).results
        for model in narrow:
            assert near(model, text, aggregation=strategy).results == expected

    check()


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", ["bert_ner", "roberta_qa", "xlmr_rerank"])
def test_offsets_always_slice_the_text(function_model, name, strategy):
    config = {"id2label": {str(i): label for i, label in enumerate(NAMES)}}
    model = function_model(name, by_id, max_tokens=16, **config)

    @settings(max_examples=40, deadline=None)
    @given(st.text(st.characters(codec=None), max_size=60))
    def check(text):
        (result,) = near(model, text, aggregation=strategy).results
        for one in result:
            assert one.text == text[one.start : one.end] != ""
            assert one.text == one.text.strip()
            assert 0 <= one.score <= 1
        places = [(one.start, one.end) for one in result]
        assert places == sorted(places)

    check()


def test_an_entity_is_found_once_wherever_a_seam_falls(function_model):
    probe = function_model("bert_ner", None)
    (ids,) = probe.tokenizer.encode(["Keller"], special=False)
    filler = "town "
    (town,) = probe.tokenizer.encode(["town"], special=False)
    assert not set(ids.tolist()) & set(town.tolist())
    table = {int(id): "I-PER" for id in ids} | {int(ids[0]): "B-PER"}
    model = function_model("bert_ner", labelled(table), max_tokens=14)
    seams = 0
    for before in range(30):
        for after in (0, 1, 7, 30):
            text = filler * before + "Keller " + filler * after
            made = near(model, text)
            (one,) = made.entities
            assert (one.text, one.type, one.start) == ("Keller", "PER", len(filler) * before)
            seams += made.usage.tokens > 14
    assert seams > 60


def test_the_same_text_between_filler_gives_the_same_entities_moved(function_model):
    model = function_model("bert_ner", by_id, max_tokens=20)
    text = "Anna Keller works for Nordwind in Zurich and met Paul Meyer."
    plain = near(model, text, aggregation="first").entities
    assert len(plain) > 3
    quiet = function_model("bert_ner", lambda ids: _quiet(model, ids), max_tokens=20)
    for count in (1, 5, 13, 40):
        filler = "! " * count
        moved = near(quiet, filler + text + " !" * count, aggregation="first").entities
        assert [(one.text, one.type, one.start - len(filler)) for one in moved] == [
            (one.text, one.type, one.start) for one in near(quiet, text, aggregation="first").entities
        ]


def _quiet(model, ids):
    made = by_id(ids)["logits"]
    (bang,) = model.tokenizer.encode(["!"], special=False)[0]
    made[np.asarray(ids) == bang] = 0
    made[np.asarray(ids) == bang, 0] = 50
    return {"logits": made}


@pytest.mark.parametrize(
    ("labels", "strategy", "expected"),
    [
        (["B-PER", "I-PER", "O", "B-PER"], "simple", [("PER", 0, 3), ("PER", 6, 7)]),
        (["B-PER", "B-PER"], "simple", [("PER", 0, 1), ("PER", 2, 3)]),
        (["I-PER", "I-LOC"], "simple", [("PER", 0, 1), ("LOC", 2, 3)]),
        (["PER", "PER", "LOC"], "simple", [("PER", 0, 3), ("LOC", 4, 5)]),  # IO
        (["B-PER", "E-PER", "I-PER", "S-PER"], "simple", [("PER", 0, 3), ("PER", 4, 5), ("PER", 6, 7)]),
        (["B-PER", "I-PER", "O"], "none", [("B-PER", 0, 1), ("I-PER", 2, 3)]),
    ],
)
def test_every_way_to_label(labels, strategy, expected):
    names = sorted({*labels, "O"})
    scores = np.full((len(labels), len(names)), 0.01)
    for row, label in zip(scores, labels, strict=True):
        row[names.index(label)] = 0.9
    offsets = np.asarray([[2 * i, 2 * i + 1] for i in range(len(labels))])
    made = found(scores, offsets, names, strategy, lambda i: False)
    assert [(one.label, one.start, one.end) for one in made] == expected
    assert all(one.score == pytest.approx(0.9) for one in made)


def test_word_strategies_differ_where_they_should():
    names = ["O", "PER", "LOC"]
    scores = np.asarray([[0.1, 0.5, 0.4], [0.05, 0.05, 0.9], [0.15, 0.8, 0.05]])
    offsets = np.asarray([[0, 2], [2, 4], [4, 6]])

    def word(strategy):
        (one,) = found(scores, offsets, names, strategy, lambda i: i > 0)
        assert (one.start, one.end) == (0, 6)
        return one.label, one.score

    assert word("first") == ("PER", pytest.approx(0.5))
    assert word("max") == ("LOC", pytest.approx(0.9))
    assert word("average") == ("PER", pytest.approx(0.45))
    assert len(found(scores, offsets, names, "simple", lambda i: i > 0)) == 3


def test_types_keep_some_and_unknown_ones_are_refused(function_model):
    model = function_model("bert_ner", by_id, max_tokens=64)
    text = "Anna Keller works for Nordwind in Zurich and met Paul Meyer of the Red Cross in Geneva."
    every = near(model, text).entities
    kinds = {one.type for one in every}
    assert len(kinds) > 2
    kept = near(model, text, types=["location", "per"]).entities
    assert kept == tuple(one for one in every if one.type in ("LOC", "PER"))
    tokens = near(model, text, types=["LOC"], aggregation="none").entities
    assert {one.type for one in tokens} <= {"B-LOC", "I-LOC"}
    with pytest.raises(InvalidOption, match="PRODUCT") as failure:
        near(model, text, types=["LOC", "PRODUCT"])
    assert failure.value.hint == "It finds LOC, MISC, ORG, PER."


def test_a_list_keeps_its_order_reads_equal_texts_once_and_tells_its_progress(function_model):
    model = function_model("bert_ner", by_id, max_tokens=16)
    texts = ["Anna met Paul", "", "Zurich is a town of films and books " * 5, "Anna met Paul"]
    heard = []
    request = entities.checked(texts)
    made = asyncio.run(entities.near(model, request, lambda done, total: heard.append((done, total))))
    assert made.usage.tokens == sum(feeds["input_ids"].size for feeds in model.lane.runs)
    alone = [near(model, text).results[0] for text in texts]
    assert list(made.results) == alone
    assert (made.usage.texts, made.usage.cached) == (4, 1)
    assert heard[-1] == (4, 4)
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"texts": []}, InvalidInput),
        ({"texts": 3}, InvalidInput),
        ({"texts": "x", "aggregation": "best"}, InvalidOption),
        ({"texts": "x", "aggregation": None}, InvalidOption),
        ({"texts": "x", "types": "PER"}, InvalidInput),
        ({"texts": "x", "types": []}, InvalidInput),
        ({"texts": "x", "types": [" "]}, InvalidInput),
    ],
)
def test_wrong_options_are_refused(options, error):
    with pytest.raises(error):
        entities.checked(**options)


def test_lone_surrogates_stay_in_the_result(function_model):
    model = function_model("bert_ner", by_id)
    text = "Anna\ud800 met Paul"
    (result,) = near(model, text).results
    assert all(one.text == text[one.start : one.end] for one in result)


async def far(answer, texts, **options):
    cloud = FakeCloud(answer if isinstance(answer, str) else json.dumps(answer))
    made = await entities.far(cloud, "cloud-fast", entities.checked(texts, **options))
    return made, json.loads(cloud.asked[0].messages[1]["content"])


async def test_the_far_side_s_finds_get_their_places():
    text = "Annabel and Ann met Ann Lee in Bonn."
    answer = {
        "results": [
            [
                {"text": "Ann", "type": "per", "confidence": 0.9},
                {"text": "Ann", "type": "PER", "confidence": 0.8},
                {"text": "Ann", "type": "PER", "confidence": 0.7},
                {"text": "Bonn", "type": "LOC", "confidence": 1},
                {"text": "Berlin", "type": "LOC", "confidence": 1},
                {"text": "met", "type": "VERB", "confidence": 1},
            ],
            [],
        ]
    }
    made, asked = await far(answer, [text, "nothing"])
    assert asked == {"types": ["PER", "ORG", "LOC", "MISC"], "texts": [text, "nothing"]}
    assert [(one.text, one.type, one.start, one.end, one.score) for one in made.entities] == [
        ("Ann", "PER", 12, 15, 0.9),
        ("Ann", "PER", 20, 23, 0.8),
        ("Bonn", "LOC", 31, 35, 1),
    ]
    assert made.results[1] == ()
    assert (made.model.id, made.model.backend, made.usage.texts) == ("cloud-fast", "cloud", 2)


async def test_the_far_side_is_told_which_types():
    answer = {"results": [[{"text": "X1", "type": "PRODUCT", "confidence": 0.5}]]}
    made, asked = await far(answer, "an X1", types=["Product"])
    assert asked["types"] == ["Product"]
    assert [(one.text, one.type) for one in made.entities] == [("X1", "Product")]


@pytest.mark.parametrize(
    "answer",
    [
        "no JSON",
        {"results": []},
        {"results": [[], []]},
        {"results": ["PER"]},
        {"results": [["Ann"]]},
        {"results": [[{"text": 3, "type": "PER", "confidence": 1}]]},
        {"results": [[{"text": "Ann", "confidence": 1}]]},
        {"results": [[{"text": "Ann", "type": "PER", "confidence": 7}]]},
        {"results": [[{"text": "Ann", "type": "PER"}]]},
    ],
)
async def test_nonsense_of_the_far_side_is_refused(answer):
    with pytest.raises(CloudFailed):
        await far(answer, "Ann")


async def test_a_far_find_inside_another_one_is_looked_for_elsewhere_first():
    answer = {
        "results": [
            [
                {"text": "New York", "type": "LOC", "confidence": 1},
                {"text": "York", "type": "LOC", "confidence": 1},
                {"text": "New", "type": "MISC", "confidence": 1},
            ]
        ]
    }
    made, _ = await far(answer, "From New York to York.")
    assert [(one.text, one.start) for one in made.entities] == [("New", 5), ("New York", 5), ("York", 17)]


async def test_thousands_of_finds_in_one_long_word_take_no_time():
    items = [{"text": "a", "type": "PER", "confidence": 1}] * 3000
    made, _ = await far({"results": [items]}, "a" * 50_000)
    assert [one.start for one in made.entities] == list(range(3000))
