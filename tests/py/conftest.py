"""Async tests run in a loop of their own; `make` gives a client over the fakes."""

import asyncio
import inspect
import itertools
import json
from types import SimpleNamespace

import pytest

from nearside.engine.client import Client
from nearside.ports.fakes import FakeDatabase, FakeProbe, FakeRuntime, FakeStore, FakeTokenizers, ManualClock

STUCK_AFTER = 60  # seconds; no test needs one of them, but a deadlock should have a name


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run a test that is a coroutine function."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs}

    async def run():
        async with asyncio.timeout(STUCK_AFTER):
            await pyfuncitem.obj(**arguments)

    asyncio.run(run())
    return True


@pytest.fixture
def make():
    """Return a function that makes a client over fakes and gives it with its ports by name."""

    def build(runtime=None, store=None, facts=None, database=None, cloud=None, **options):
        ports = SimpleNamespace(
            runtime=runtime or FakeRuntime(),
            tokenizers=FakeTokenizers(),
            store=store or FakeStore(),
            probe=FakeProbe(facts),
            clock=ManualClock(),
            database=database or FakeDatabase(),
            cloud=cloud,
        )
        ports.client = Client(
            ports.runtime,
            ports.tokenizers,
            ports.store,
            ports.probe,
            ports.clock,
            ports.database,
            ports.cloud,
            **options,
        )
        return ports

    return build


async def settle(turns=30):
    """Let everything run that can run now."""
    for _ in range(turns):
        await asyncio.sleep(0)


@pytest.fixture(name="settle")
def settle_fixture():
    """Return `settle`."""
    return settle


@pytest.fixture(scope="session")
def shared_texts(shared_data):
    """Return texts of every set of the evaluation data: each set's first ones, and pieces of its books."""
    texts = []
    for path in sorted(shared_data.glob("*/*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in itertools.islice(lines, 150):
                texts += [value[:2000] for value in json.loads(line).values() if isinstance(value, str)]
    for path in sorted(shared_data.glob("books/*.txt")):
        book = path.read_text("utf-8")
        texts += [book[at : at + 1500] for at in range(0, 60_000, 1500)]
    assert len(texts) > 1000
    return texts
