"""Which model answers when the call names none: one that summarizes does not translate."""

import pytest

from nearside import connect

WRITERS = ("marian", "m2m100", "bart_summ", "bart_pair", "t5")
FOR = {
    "translate": {"arch/marian", "arch/m2m100"},
    "summarize": {"arch/bart_summ", "arch/bart_pair", "arch/t5"},
}


async def chosen(client, task):
    core = client._core
    kinds = ("seq2seq", "generate")
    return (await core.choice.near_model(task, kinds, None, core.pipeline.settings))[0]


@pytest.mark.parametrize("task", FOR)
@pytest.mark.parametrize("last", WRITERS)
async def test_the_one_that_was_opened_last_is_taken_only_for_its_own_task(arch_models, task, last):
    async with connect([arch_models]) as client:
        for name in (*(one for one in WRITERS if one != last), last):
            await client._core.manager.get(f"arch/{name}")
        assert await chosen(client, task) in FOR[task]
        if f"arch/{last}" in FOR[task]:
            assert await chosen(client, task) == f"arch/{last}"


@pytest.mark.parametrize("task", FOR)
async def test_where_only_models_for_the_other_task_are_there_is_none(arch_models, tmp_path, task):
    (tmp_path / "arch").mkdir()
    others = set(WRITERS) - {id.removeprefix("arch/") for id in FOR[task]}
    for name in others:
        (tmp_path / "arch" / name).symlink_to((arch_models / "arch" / name).resolve())
    async with connect([tmp_path]) as client:
        assert await chosen(client, task) is None
        for name in others:
            await client._core.manager.get(f"arch/{name}")
        assert await chosen(client, task) is None
