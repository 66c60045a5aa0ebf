"""Classifiers kept on the device."""

import numpy as np
import pytest

from nearside.errors import InvalidOption, NotFound, StorageFull
from nearside.models.classifiers import Classifier, Classifiers
from nearside.ports.fakes import FakeDatabase, ManualClock

ONE = Classifier(
    ("no", "yes"), np.arange(8, dtype=np.float32).reshape(2, 4), np.ones(2, np.float32), "org/model", "k", 6
)


@pytest.fixture
def kept():
    """Return `Classifiers` over a fake database, with it and the clock."""
    database, clock = FakeDatabase(), ManualClock()
    return Classifiers(database, clock), database, clock


async def test_added_listed_got_deleted(kept):
    classifiers, _, clock = kept
    first = await classifiers.add(" My  mail ", ONE)
    await clock.advance(5)
    second = await classifiers.add("", ONE)
    assert (first.name, first.labels, first.examples, first.model) == (
        "My mail",
        ("no", "yes"),
        6,
        "org/model",
    )
    assert second.name == "no, yes"
    assert second.created == first.created + 5
    assert await classifiers.list() == [first, second]
    info, again = await classifiers.get(first.id)
    assert info == first
    assert np.array_equal(again.weights, ONE.weights)
    assert np.array_equal(again.bias, ONE.bias)
    assert (again.labels, again.model, again.key, again.examples) == (ONE.labels, "org/model", "k", 6)
    assert await classifiers.delete(first.id)
    assert not await classifiers.delete(first.id)
    assert await classifiers.list() == [second]


async def test_another_tab_sees_them(kept):
    classifiers, database, clock = kept
    info = await classifiers.add("x", ONE)
    assert await Classifiers(database, clock).list() == [info]


@pytest.mark.parametrize("id", ["", "none", None, 5])
async def test_what_is_not_there(kept, id):
    classifiers, _, _ = kept
    with pytest.raises(NotFound):
        await classifiers.get(id)
    assert not await classifiers.delete(id)


@pytest.mark.parametrize("name", [None, 3, "x" * 201])
async def test_impossible_names(kept, name):
    with pytest.raises(InvalidOption):
        await kept[0].add(name, ONE)


async def test_no_room(kept):
    classifiers, database, _ = kept
    database.errors.append(StorageFull("no room"))
    with pytest.raises(StorageFull):
        await classifiers.add("x", ONE)
    assert await classifiers.list() == []
