"""summarize: the sentences that say most."""

import numpy as np
import pytest

from nearside.errors import CloudFailed, InvalidInput, InvalidOption
from nearside.tasks import summarize

TEXT = " ".join(f"The {word} of the old town library is open today." for word in "abcdefghij")
STYLES = [("headline", 1), ("brief", 3), ("detailed", 7), ("bullets", 5)]


def varied(count):
    words = [f"alpha{i} beta{i} gamma{i} delta{i}" for i in range(count)]
    return " ".join(f"The library has {some}." for some in words)


@pytest.mark.parametrize(("style", "count"), STYLES)
async def test_styles(make, style, count):
    text = varied(12)
    made = await make().client.summarize(text, style=style)
    assert len(made.sentences) == count
    assert all(text[one.start : one.end] == one.text for one in made.sentences)
    assert [one.start for one in made.sentences] == sorted(one.start for one in made.sentences)
    assert all(0 <= one.score <= 1 for one in made.sentences)
    if style == "bullets":
        assert made.summary == "\n".join(f"- {one.text}" for one in made.sentences)
    else:
        assert made.summary == " ".join(one.text for one in made.sentences)


async def test_progress_counts_sentences(make):
    told = []
    await make().client.summarize(varied(4), on_progress=lambda *done: told.append(done))
    assert told[-1] == (4, 4)


async def test_the_same_thing_is_said_once(make):
    made = await make().client.summarize("The library is open on Mondays. " * 6)
    assert len(made.sentences) == 1


async def test_headings_are_no_sentences_unless_there_is_nothing_else(make):
    text = "# Opening\n\nThe library opens at nine and closes at ten.\n\n# Prices"
    made = await make().client.summarize(text)
    assert [one.text for one in made.sentences] == ["The library opens at nine and closes at ten."]
    assert (await make().client.summarize("Prices")).summary == "Prices"


@pytest.mark.parametrize("style", ["brief", "bullets"])
@pytest.mark.parametrize("limit", [1, 3, 9, 10, 25, 1000])
async def test_max_tokens_bounds_the_summary(make, style, limit):
    ports = make()
    made = await ports.client.summarize(varied(6), style=style, max_tokens=limit)
    assert made.sentences
    if limit > 1 or style == "brief":
        assert ports.tokenizers.tokenizer.count([made.summary])[0] <= limit
    if limit == 1000:
        assert len(made.sentences) == dict(STYLES)[style]


async def test_wrapped_lines_are_joined_and_scripts_without_spaces_stay_so(make):
    wrapped = "The library opens at nine in the morning and it\ncloses late in the evening."
    assert "\n" not in (await make().client.summarize(wrapped)).summary
    text = "図書館は朝九時に開きます。夜遅くに閉まります。"
    assert (await make().client.summarize(text)).summary == text


def test_the_lead_counts():
    rows = np.eye(3, dtype=np.float32)
    marks = summarize.importance(rows)
    assert marks[0] - marks[1] == pytest.approx(summarize.LEAD / 2)
    assert marks[0] > marks[1] > marks[2]


def test_what_is_close_to_a_chosen_sentence_comes_later():
    rows = np.asarray([[1, 0], [0.9, 0.436], [0, 1]], np.float32)
    marks = np.asarray([1.0, 0.7, 0.6])
    assert summarize.choose(rows, marks, 2, [1, 1, 1], None) == [0, 2]
    assert summarize.choose(rows, marks, 2, [1, 1, 9], 5) == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((" ",), InvalidInput, "text is empty"),
        ((None,), InvalidInput, "text is missing"),
        (("a", "long"), InvalidOption, "style is 'long'"),
        (("a", None), InvalidOption, "style is None"),
        (("a", "brief", 0), InvalidOption, "max_tokens is 0"),
    ],
)
def test_what_cannot_be_used(arguments, error, message):
    with pytest.raises(error, match=message):
        summarize.checked(*arguments)


async def test_far(scripted):
    cloud = scripted("A library opens.")
    made = await summarize.far(cloud, "cloud-fast", summarize.checked(TEXT, "headline", 40))
    assert (made.summary, made.sentences) == ("A library opens.", ())
    (sent,) = cloud.requests
    assert sent.parameters == {"temperature": 0, "max_tokens": 40}
    assert "one sentence" in sent.messages[0]["content"]
    assert "30 words" in sent.messages[0]["content"]


async def test_far_bullets_are_lines(scripted):
    made = await summarize.far(scripted("* one\n\n- two"), "x", summarize.checked(TEXT, "bullets"))
    assert made.summary == "- one\n- two"


async def test_an_empty_far_answer(scripted):
    with pytest.raises(CloudFailed):
        await summarize.far(scripted(" \n"), "x", summarize.checked(TEXT))
