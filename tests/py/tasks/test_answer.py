"""answer: the sentence that answers, with its place."""

import json

import pytest

from nearside.errors import CloudFailed, InvalidInput, InvalidOption, NothingFound
from nearside.tasks import answer

TEXT = "The library was built in 1911. It opens at nine. 😀 The zebra house is closed on Mondays."


async def test_the_best_sentence_and_its_place(make):
    made = await make().client.answer("When is the zebra house closed?", TEXT)
    assert made.best.answer == "😀 The zebra house is closed on Mondays."
    assert TEXT[made.best.start : made.best.end] == made.best.answer
    assert 0 < made.best.score <= 1
    assert len(made.alternatives) == 2
    assert all(TEXT[one.start : one.end] == one.answer for one in made.alternatives)
    assert made.best.score >= made.alternatives[0].score >= made.alternatives[1].score


@pytest.mark.parametrize(("top_k", "alternatives"), [(1, 0), (2, 1), (9, 2)])
async def test_top_k(make, top_k, alternatives):
    made = await make().client.answer("zebra", TEXT, top_k=top_k)
    assert len(made.alternatives) == alternatives


async def test_a_sentence_without_end_is_cut_and_progress_counts_the_parts(make):
    told = []
    text = "word and " * 300 + "zebra " + "more and " * 300
    made = await make().client.answer("zebra", text, on_progress=lambda *done: told.append(done))
    assert "zebra" in made.best.answer
    assert len(made.best.answer) < 200
    assert told[-1][0] == told[-1][1] > 30


async def test_half_of_a_surrogate_pair_stays_as_it_was_given(make):
    made = await make().client.answer("zebra", "A zebra \ud83d here.")
    assert made.best.answer == "A zebra \ud83d here."


async def test_rare_words_of_the_question_count_more():
    shares = await answer.shared_words("the zebra", ["the cat", "the dog", "a zebra", "the end"])
    assert shares[2] > shares[0] == shares[1] > 0
    assert (await answer.shared_words("?", ["a"])).tolist() == [0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((" ", "a"), InvalidInput, "question is empty"),
        (("a", "\n"), InvalidInput, "context is empty"),
        (("a", None), InvalidInput, "context is missing"),
        (("a", "b", 0), InvalidOption, "top_k is 0"),
    ],
)
def test_what_cannot_be_used(arguments, error, message):
    with pytest.raises(error, match=message):
        answer.checked(*arguments)


async def test_far(scripted):
    given = [{"answer": "at nine", "confidence": 0.9}, {"answer": "Early.", "confidence": 0.2}]
    cloud = scripted(json.dumps({"answers": given}))
    made = await answer.far(cloud, "cloud-fast", answer.checked("When?", TEXT, 2))
    assert (made.best.answer, made.best.score) == ("at nine", 0.9)
    assert TEXT[made.best.start : made.best.end] == "at nine"
    assert (made.alternatives[0].start, made.alternatives[0].end) == (None, None)
    assert json.loads(cloud.requests[0].messages[1]["content"])["most"] == 2
    assert TEXT not in cloud.requests[0].messages[0]["content"]


async def test_far_finds_nothing(scripted):
    with pytest.raises(NothingFound):
        await answer.far(scripted('{"answers": []}'), "x", answer.checked("When?", TEXT))


@pytest.mark.parametrize(
    "text",
    [
        "No.",
        '{"answers": "a"}',
        '{"answers": ["a"]}',
        '{"answers": [{"answer": " ", "confidence": 1}]}',
        '{"answers": [{"answer": "a"}]}',
        '{"answers": [{"answer": "a", "confidence": 7}]}',
    ],
)
async def test_a_far_answer_that_makes_no_sense(scripted, text):
    with pytest.raises(CloudFailed):
        await answer.far(scripted(text), "x", answer.checked("When?", TEXT))
