"""translate: languages, sentences and what is between them, refused pairs, the far side."""

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearside
from nearside.errors import CloudFailed, InvalidInput, InvalidOption, UnsupportedModel
from nearside.generation import pairs, translate
from nearside.generation.languages import is_code, language_of, match, normal
from nearside.ports.fakes import FakeCloud

TEXT = "Hello there, my friend. The library opens at nine.\n\n- A first point.\n- 3.\n\n  Indented, the end. "


NUMBERS = itertools.count()


class Words:
    """A tokenizer of words, with [end] as its special token."""

    def __init__(self, *vocabulary):
        self.tokens = [*vocabulary]

    def encode(self, texts, *, special=True):
        return [np.asarray([100 + len(word) for word in text.split()] + [99] * special) for text in texts]

    def vocabulary(self):
        return [*self.tokens, None]

    def id_of(self, token):
        return self.tokens.index(token) if token in self.tokens else None


def model_of(model_type, *tokens, id="org/model", config=None, settings=None, **tokenizer_config):
    """Return as much of a model as its pairs need."""
    generation = {"decoder_start_token_id": 90, "eos_token_id": 99, **(settings or {})}

    def refuse(wanted):
        return UnsupportedModel(wanted)

    return SimpleNamespace(
        config={"model_type": model_type, **(config or {})},
        kind="seq2seq",
        info=SimpleNamespace(id=id),
        key=f"test {next(NUMBERS)}",
        max_tokens=64,
        tokenizer=Words(*tokens),
        refuse=refuse,
        json=lambda path: generation if path.startswith("generation") else tokenizer_config,
    )


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("en", "en"), ("EN", "en"), ("fr-CA", "fr"), ("fra", "fr"), ("fra_Latn", "fr"), ("fr_XX", "fr"),
        ("arb_Arab", "ar"), ("zho_Hans", "zh-Hans"), ("zh_TW", "zh-Hant"), ("zh", "zh"), ("jap", "ja"),
        ("swh_Latn", "sw"), ("nob_Latn", "no"), ("ast", "ast"), ("cmn_Hant", "zh-Hant"), ("pes", "fa"),
    ],
)  # fmt: skip
def test_codes(code, short):
    assert normal(code) == short
    assert is_code(code)


def test_every_language_that_can_be_told_has_a_code_of_nllb():
    from nearside.generation.languages import _TABLE
    from nearside.language import NAMES

    rows = dict(row.split(":") for row in _TABLE.split())
    assert set(NAMES) - set(rows) == set()
    assert all(len(code) in (2, 3) for others in rows.values() for code in others.split(","))
    assert language_of("no") == "no"


def test_a_model_s_own_code():
    codes = ["eng_Latn", "fra_Latn", "zho_Hant", "zho_Hans", "por_Latn"]
    assert match("fr", codes) == "fra_Latn"
    assert match("zh", codes) == "zho_Hans"
    assert match("zh-Hant", codes) == "zho_Hant"
    assert match("ja", codes) is None
    assert match("pt-BR", ["pt", "pt_br"]) == "pt_br"


def test_a_pair_from_the_model_s_name():
    model = model_of("marian", "a", "b", id="Xenova/opus-mt-en-fr")
    assert pairs.scheme(model).languages == pairs.Languages(("en",), ("fr",))
    made = pairs.direction(model, "en", "fr")
    assert made.ids(model, "two words").tolist() == [103, 105, 99]
    assert made.settings.first is None
    assert pairs.scheme(model_of("marian", id="a/opus-mt-tc-big-en-pt")).only_source == "en"
    assert pairs.scheme(model_of("marian", id="a/opus-mt-en-jap")).languages.targets == ("ja",)


def test_a_pair_from_the_tokenizer_s_settings():
    model = model_of("marian", source_lang="deu", target_lang="eng")
    assert pairs.scheme(model).languages == pairs.Languages(("de",), ("en",))


def test_targets_that_are_tokens():
    model = model_of("marian", "x", ">>fra<<", ">>pt_br<<", ">>cmn_Hans<<", id="a/opus-mt-en-mul")
    assert pairs.scheme(model).languages == pairs.Languages(("en",), ("fr", "pt", "zh-Hans"))
    assert pairs.direction(model, "en", "fr").ids(model, "word").tolist() == [1, 104, 99]
    assert pairs.direction(model, "en", "zh").ids(model, "word").tolist() == [3, 104, 99]
    group = model_of("marian", ">>fr<<", ">>de<<", id="a/opus-mt-ine-fr")
    assert pairs.scheme(group).languages == pairs.Languages((), ("fr",))
    assert pairs.direction(group, "hi", "fr").before == (0,)


def test_nllb_marks_the_source_and_begins_with_the_target():
    model = model_of("m2m_100", "eng_Latn", "fra_Latn", "zho_Hans", "word")
    made = pairs.direction(model, "en", "zh")
    assert made.ids(model, "word").tolist() == [0, 104, 99]
    assert (made.settings.first, made.settings.start) == (2, 90)


def test_mbart_has_the_source_last_and_may_start_with_the_target():
    model = model_of("mbart", "en_XX", "ro_RO", tokenizer_class="MBartTokenizer")
    made = pairs.direction(model, "en", "ro")
    assert made.ids(model, "word").tolist() == [104, 99, 0]
    assert made.settings.first == 1
    many = model_of(
        "mbart", "en_XX", "ro_RO", tokenizer_class="MBart50Tokenizer", settings={"decoder_start_token_id": 0}
    )
    made = pairs.direction(many, "en", "ro")
    assert made.ids(many, "word").tolist() == [0, 104, 99]
    assert (made.settings.start, made.settings.first) == (1, None)


def test_tasks_in_words():
    tasks = {
        "translation_en_to_fr": {"prefix": "translate English to French: ", "max_length": 30},
        "summarization": {"prefix": "summarize: "},
    }
    model = model_of("t5", config={"task_specific_params": tasks})
    made = pairs.direction(model, "en", "fr")
    assert made.prefix == "translate English to French: "
    assert made.settings.max_length == 30
    with pytest.raises(InvalidOption, match="French") as error:
        pairs.direction(model, "fr", "en")
    assert "English (en) to French (fr)" in error.value.hint


def test_models_that_translate_nothing():
    for model in (model_of("t5"), model_of("bart"), model_of("marian"), model_of("m2m_100")):
        with pytest.raises(UnsupportedModel):
            pairs.scheme(model)


@pytest.mark.parametrize(
    ("name", "source", "target"),
    [
        ("marian", None, "fr"),
        ("marian", "eng", "fra"),
        ("m2m100", "en", "de"),
        ("m2m100", None, "fr"),
        ("t5", "en", "fr"),
        ("qwen3", "en", "de"),
    ],
)
async def test_what_is_between_sentences_stays(arch_models, name, source, target):
    heard, told = [], []
    async with nearside.connect([arch_models], dtype="fp32") as client:
        made = await client.translate(
            TEXT, source=source, target=target, model=f"arch/{name}", on_text=heard.append,
            on_progress=lambda *n: told.append(n),
        )  # fmt: skip
    assert "".join(heard) == made.text
    assert (made.source, made.target) == ("en", normal(target))
    assert told[-1][0] == told[-1][1]
    assert made.usage.written > 0
    if name != "qwen3":
        assert len(told) == 5
        _, items, tail = made.text.split("\n\n")
        assert items.startswith("- ")
        assert items.endswith("\n- 3.")  # nothing to translate
        assert tail.startswith("  ")
        assert tail.endswith(" ")


async def test_equal_sentences_are_written_once(arch_models):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        one = await client.translate("It rains.", target="fr", model="arch/marian")
        three = await client.translate("It rains.\nIt rains.\nIt rains.", target="fr", model="arch/marian")
    assert three.text == "\n".join([one.text] * 3)
    assert three.usage == one.usage


async def test_a_text_in_the_wanted_language_comes_back(arch_models):
    heard = []
    async with nearside.connect([arch_models], dtype="fp32") as client:
        for name in ("marian", "m2m100", "qwen3"):
            made = await client.translate(
                TEXT, source="en", target="en-GB", model=f"arch/{name}", on_text=heard.append
            )
            assert made.text == TEXT
            assert (made.usage.tokens, made.usage.written) == (0, 0)
        english = (
            "The library opens at nine, and everyone who lives here may borrow five books for four weeks."
        )
        made = await client.translate(english, target="en", model="arch/m2m100")
        assert (made.text, made.source) == (english, "en")
    assert heard == [TEXT] * 3


async def test_refused_pairs_name_those_there_are(arch_models):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        with pytest.raises(InvalidOption, match=r"Japanese \(ja\)") as error:
            await client.translate("Hello", source="en", target="ja", model="arch/m2m100")
        assert all(name in error.value.hint for name in ("German (de)", "English (en)", "French (fr)"))
        with pytest.raises(InvalidOption, match="German"):
            await client.translate("Hallo", source="de", target="fr", model="arch/marian")
        with pytest.raises(UnsupportedModel):
            await client.translate("Hello", source="en", target="fr", model="arch/bart_summ")
        with pytest.raises(UnsupportedModel):
            await client.translate("Hello", source="en", target="fr", model="arch/bert_ner")
        with pytest.raises(InvalidInput, match="cannot be told"):
            await client.translate("12 34", target="fr", model="arch/m2m100")


async def test_languages(arch_models, opened):
    async with nearside.connect([arch_models], dtype="fp32") as client:
        assert translate.languages(await opened(client, "arch/marian")) == pairs.Languages(("en",), ("fr",))
        many = translate.languages(await opened(client, "arch/m2m100"))
        assert many.sources == many.targets == ("de", "en", "fr")
        assert "ja" in translate.languages(await opened(client, "arch/qwen3")).targets
        with pytest.raises(UnsupportedModel):
            translate.languages(await opened(client, "arch/bert_ner"))


@pytest.mark.parametrize("bad", [None, "", "french!", 3, "x", "en fr"])
def test_codes_that_are_none(bad):
    with pytest.raises(InvalidOption):
        translate.checked("Hello", None, bad)
    if bad is not None:
        with pytest.raises(InvalidOption):
            translate.checked("Hello", bad, "fr")


@pytest.mark.parametrize("bad", ["", "  \n", 3, None])
def test_texts_that_are_none(bad):
    with pytest.raises(InvalidInput):
        translate.checked(bad, None, "fr")


WORDS = st.text("Ab. !?\n-*3,;é。", max_size=80)


@given(WORDS, st.integers(2, 40))
def test_pieces_and_what_is_between_are_the_text(text, room):
    """Between the pieces are white space and the marks of lists alone, whatever is cut."""

    def count(texts):
        return [len(one) for one in texts]

    model = SimpleNamespace(tokenizer=SimpleNamespace(count=count))
    steps = translate.pieces(model, text, room)
    try:
        while True:
            steps.send(None)
    except StopIteration as end:
        spans = end.value
    place = 0
    for span in spans:
        assert span.start >= place
        assert span.end - span.start <= room
        assert text[span.start : span.end].strip() == text[span.start : span.end] != ""
        assert set(text[place : span.start]) <= set(" \n-*>#3.)")
        place = span.end
    assert set(text[place:]) <= set(" \n-*>#3.)")


async def test_far():
    cloud = FakeCloud(json.dumps({"translation": "Bonjour.\n\nSalut.", "source": "EN"}))
    made = await translate.far(cloud, "cloud-fast", translate.checked("Hello.\n\nHi.", None, "fr"))
    assert (made.text, made.source, made.target) == ("Bonjour.\n\nSalut.", "en", "fr")
    assert made.model.backend == "cloud"
    data = json.loads(cloud.asked[0].messages[1]["content"])
    assert data == {"text": "Hello.\n\nHi.", "target": "French"}
    told = FakeCloud(json.dumps({"translation": "你好", "source": "en"}))
    made = await translate.far(told, "cloud-fast", translate.checked("Hi.", "de", "zh-Hant"))
    assert (made.source, made.target) == ("de", "zh-Hant")
    asked = json.loads(told.asked[0].messages[1]["content"])
    assert (asked["source"], asked["target"]) == ("German", "Chinese (zh-Hant)")


async def test_far_is_not_asked_for_nothing():
    cloud = FakeCloud("never")
    made = await translate.far(cloud, "cloud-fast", translate.checked("Hi.", "en", "en"))
    assert (made.text, cloud.asked) == ("Hi.", [])


@pytest.mark.parametrize("answer", ["Bonjour", "{}", '{"translation": ""}', '{"translation": 3}', "[1]"])
async def test_far_answers_that_cannot_be_used(answer):
    with pytest.raises(CloudFailed):
        await translate.far(FakeCloud(answer), "cloud-fast", translate.checked("Hi.", None, "fr"))


async def test_far_leaves_out_a_source_that_is_no_code():
    cloud = FakeCloud(json.dumps({"translation": "Salut", "source": "probably English"}))
    made = await translate.far(cloud, "cloud-fast", translate.checked("Hi.", None, "fr"))
    assert made.source is None
