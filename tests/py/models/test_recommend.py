"""Which model for which device: pure functions of the device's report and the catalog."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearside.device import report
from nearside.models.check import Candidate, check, judge, of_card, of_known
from nearside.models.known import candidates, catalog, find, tasks
from nearside.models.recommend import recommend
from nearside.ports.store import StorageReport, StoredModel

ROOM = StorageReport(persistent=True, used=0, quota=10**11, persisted=True)
BROWSER = {"name": "Chromium", "version": "156"}
GPU = {"fallback": False, "features": ["shader-f16"], "vendor": "x"}
ORDER = ("no", "limited", "good")

memories = st.sampled_from([0.25, 0.5, 1, 2, 4, 8, 16, 64])
forms = st.sampled_from(["desktop", "phone", "tablet", None])
adapters = st.sampled_from([None, GPU, {**GPU, "features": []}, {**GPU, "fallback": True}])
sizes = st.one_of(st.none(), st.integers(0, 10**11))
storages = st.builds(
    StorageReport,
    persistent=st.sampled_from([True, False, None]),
    used=st.one_of(st.none(), st.integers(0, 10**9)),
)
every_task = st.sampled_from(tasks())
rows = st.sampled_from(catalog())


def device(memory=8, form="desktop", adapter=None, quota=None, used=None, **more):
    return report(
        {
            "browser": BROWSER,
            "formFactor": form,
            "memoryGiB": memory,
            "adapter": adapter,
            "webgpu": adapter is not None,
            "wasm": {"simd": True},
            "storage": {"indexeddb": True, "quota": quota, "used": used},
            **more,
        }
    )


def known(task):
    return [of_known(row) for row in candidates(task)]


def stored(row, dtypes):
    """A row's model as it lies in the store."""
    files = {f"onnx/model_{dtype}.onnx": dtype for dtype in row.sizes}
    card = {
        "id": row.id,
        "files": [{"path": path, "bytes": row.sizes[dtype]} for path, dtype in files.items()],
        "dtypes": {dtype: path for path, dtype in files.items()},
    }
    kept = tuple(path for path, dtype in files.items() if dtype in dtypes)
    return StoredModel(row.id, "main", 1, True, files=kept, card=card)


def rank(found, order):
    """The larger the better: how well it runs, then how early it comes."""
    if found.model is None:
        return (0, 0)
    ids = [one.id for one in order]
    return (ORDER.index(found.model.verdict), len(ids) - ids.index(found.model.id))


@given(every_task, memories, memories, forms, adapters, sizes, storages)
def test_more_memory_never_recommends_less(task, one, other, form, adapter, quota, storage):
    low, high = sorted((one, other))
    order = known(task)
    small = recommend(task, order, device(low, form, adapter, quota), storage)
    large = recommend(task, order, device(high, form, adapter, quota), storage)
    assert rank(large, order) >= rank(small, order)


@given(rows, memories, memories, forms, adapters)
def test_more_memory_never_makes_a_model_worse(row, one, other, form, adapter):
    low, high = sorted((one, other))
    verdicts = [judge(of_known(row), device(memory, form, adapter), ROOM).verdict for memory in (low, high)]
    assert ORDER.index(verdicts[1]) >= ORDER.index(verdicts[0])


@given(rows, memories, forms, adapters, sizes, sizes, storages)
def test_a_stored_model_never_lacks_storage(row, memory, form, adapter, quota, used, storage):
    here = of_known(row, stored(row, set(row.sizes)))
    full = device(memory, form, adapter, quota, used, connection={"saveData": True})
    made = judge(here, full, storage)
    roomy = judge(here, device(memory, form, adapter), ROOM)
    assert (made.verdict, made.reasons) == (roomy.verdict, roomy.reasons)
    assert made.stored or made.dtype is None


@given(every_task, memories, forms, adapters, sizes, storages)
def test_the_same_facts_give_the_same_answer(task, memory, form, adapter, quota, storage):
    found = [recommend(task, known(task), device(memory, form, adapter, quota), storage) for _ in range(2)]
    assert found[0] == found[1]


@given(every_task, memories, forms, adapters, sizes, storages)
def test_every_candidate_is_answered_for_with_reasons(task, memory, form, adapter, quota, storage):
    found = recommend(task, known(task), device(memory, form, adapter, quota), storage)
    listed = [*found.others, *([found.model] if found.model else [])]
    assert {one.id for one in listed} == {row.id for row in candidates(task) if not row.pair}
    assert found.reasons and all(one.reasons for one in listed)
    assert all(text[0].isupper() or text.split(" ")[0].count("/") for text in found.reasons)
    for one in listed:
        if one.smaller is not None:
            smaller = next(other for other in listed if other.id == one.smaller)
            assert smaller.verdict != "no"
            assert one.memory is None or smaller.memory < one.memory


@given(rows, memories, forms, adapters)
def test_the_dtype_is_one_that_the_backend_runs(row, memory, form, adapter):
    made = judge(of_known(row), device(memory, form, adapter), ROOM)
    if made.backend == "webgpu":
        assert adapter is not None and not adapter["fallback"]
        assert made.dtype != "int8"
        assert made.dtype not in ("fp16", "q4f16") or adapter["features"]
    elif made.backend == "wasm":
        assert made.dtype in ("int8", "q4", "fp32", "fp16")
    else:
        assert made.verdict == "no"


def test_unknown_memory_is_said_and_taken_with_caution():
    row = of_known(find("onnx-community/Qwen3-0.6B-ONNX"))
    unknown = judge(row, device(None), ROOM)
    assert "does not say how much" in " ".join(unknown.reasons)
    assert unknown.verdict == judge(row, device(4), ROOM).verdict == "good"
    assert judge(row, device(None, "phone"), ROOM).verdict == "no"
    assert judge(row, device(8, "phone"), ROOM).verdict == "good"


def test_a_large_model_wants_a_graphics_card():
    order = known("chat")
    with_card = recommend("chat", order, device(8, adapter=GPU), ROOM)
    assert (with_card.model.id, with_card.model.backend, with_card.model.dtype) == (
        "onnx-community/Qwen3-4B-ONNX", "webgpu", "q4f16",
    )  # fmt: skip
    without = recommend("chat", order, device(8), ROOM)
    assert (without.model.id, without.model.dtype) == ("onnx-community/Qwen3-0.6B-ONNX", "int8")
    assert "graphics card" in without.reasons[0]
    full = judge(
        of_known(find("onnx-community/Qwen3-1.7B-ONNX")), device(4, adapter={**GPU, "features": []}), ROOM
    )
    assert (full.dtype, full.verdict) == ("q4", "no")
    phone = recommend("chat", order, device(4, "phone"), ROOM)
    assert (phone.model.id, phone.model.dtype) == ("HuggingFaceTB/SmolLM2-135M-Instruct", "q4")


def test_the_next_smaller_choice_is_named():
    order = known("chat")
    made = check(of_known(find("onnx-community/Qwen3-4B-ONNX")), device(4, adapter=GPU), ROOM, order)
    assert (made.verdict, made.smaller) == ("no", "onnx-community/Qwen3-1.7B-ONNX")
    smallest = of_known(find("HuggingFaceTB/SmolLM2-135M-Instruct"))
    assert check(smallest, device(8, adapter=GPU), ROOM, order).smaller is None


@pytest.mark.parametrize(
    ("quota", "used", "models", "verdict", "words"),
    [
        (10**9, 0, 0, "good", None),
        (60_000_000, 40_000_000, 30_000_000, "limited", "other stored models would have to go"),
        (30_000_000, 0, 0, "limited", "no room to store it"),
        (None, None, None, "good", None),
    ],
)
def test_storage(quota, used, models, verdict, words):
    storage = StorageReport(persistent=True, used=models, quota=quota)
    made = judge(of_known(find("Xenova/bge-small-en-v1.5")), device(8, quota=quota, used=used), storage)
    assert made.verdict == verdict
    assert words is None or words in " ".join(made.reasons)


def test_blocked_storage_and_a_costly_network_are_said():
    row = of_known(find("Xenova/bge-small-en-v1.5"))
    blocked = judge(row, device(8), StorageReport(persistent=False))
    assert blocked.verdict == "limited" and "every visit" in " ".join(blocked.reasons)
    assert "Data saving is on." in judge(row, device(8, connection={"saveData": True}), ROOM).reasons
    assert (
        "The network may charge by volume."
        in judge(row, device(8, connection={"metered": True}), ROOM).reasons
    )
    assert judge(row, report({"browser": BROWSER, "wasm": {"simd": False}}), ROOM).verdict == "no"


def test_cpython_takes_what_its_runtime_takes():
    made = judge(of_known(find("dslim/distilbert-NER")), report({"cores": 2, "memoryGiB": 8}), ROOM)
    assert (made.backend, made.dtype, made.verdict) == ("cpu", "fp32", "good")


def test_languages_choose():
    on = device(8)
    assert recommend("embed", known("embed"), on, ROOM, ["de"]).model.id == "Xenova/multilingual-e5-small"
    pair = recommend("translate", known("translate"), on, ROOM, ["de", "en"])
    assert pair.model.id == "Xenova/opus-mt-de-en"
    regions = recommend("translate", known("translate"), on, ROOM, ["de-AT", "EN-us"])
    assert regions.model.id == "Xenova/opus-mt-de-en"
    back = recommend("translate", known("translate"), on, ROOM, ["is", "yo"])
    assert back.model.id == "Xenova/m2m100_418M"
    none = recommend("summarize", known("summarize"), on, ROOM, ["de"])
    assert none.model is None and none.reasons == ("No model is known that does summarize in de.",)
    mute = Candidate("a/b", {"int8": 10**6}, True)
    found = recommend("embed", [mute], on, ROOM, ["de"])
    assert found.model.verdict == "limited" and "not known whether it knows de" in found.model.reasons[-1]


def test_a_listed_model_is_counted_exactly_and_a_known_one_about():
    row = find("Xenova/bge-small-en-v1.5")
    about = judge(of_known(row), device(8), ROOM)
    assert not about.exact and "About 34 MB to fetch." in about.reasons
    card = {
        "id": "org/two",
        "files": [
            {"path": "onnx/decoder_model_merged_quantized.onnx", "bytes": 20_000_000},
            {"path": "onnx/decoder_model_merged_quantized.onnx_data", "bytes": 5_000_000},
            {"path": "onnx/encoder_model_quantized.onnx", "bytes": 10_000_000},
        ],
        "dtypes": {"int8": "onnx/decoder_model_merged_quantized.onnx"},
    }
    from nearside.models.catalog import parse_card

    half = StoredModel(
        "org/two", "", 1, False, files=("onnx/decoder_model_merged_quantized.onnx",), card=card
    )
    exact = judge(of_card(parse_card(card), half), device(8), ROOM)
    assert exact.exact and exact.bytes == 35_000_000 and not exact.stored
    assert "35 MB to fetch." in exact.reasons
    here = judge(of_known(row, stored(row, {"int8"})), device(8), ROOM)
    assert here.stored and here.exact
    assert "It is stored on this device (34 MB)." in here.reasons
