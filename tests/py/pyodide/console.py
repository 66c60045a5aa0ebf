"""A scenario for the page's console, run by `run.mjs`: every case is one run with three fields told."""

import asyncio

from nearside.errors import InvalidInput, NoRoute
from nearside.platform.browser.console import Console


class Client:
    """As much of a client as the cases call."""

    def __init__(self):
        self.asked = []
        self.ended = asyncio.Event()

    async def similarity(self, a, b):
        """Answer after a turn of the loop, as the real one does."""
        await asyncio.sleep(0)
        self.asked.append((a, b))
        return 0.5

    async def refuse(self):
        """Raise a typed error from inside the engine."""
        raise NoRoute("Nothing may answer.")

    async def wait(self):
        """Wait until cancelled, and remember that it was."""
        try:
            await asyncio.Event().wait()  # no timer: Node would wait for it
        finally:
            self.ended.set()


CASES = {
    "expression": "1 + 1",
    "statement": "x = 20",
    "kept": "x * 2",
    "underscore": "_ + 2",
    "semicolon": "x;",
    "print": "import sys\nprint('out')\nprint('err', file=sys.stderr)\n'value'",
    "await": "await nearside.similarity('a', 'b')",
    "function": "def f():\n    return 1 / 0\n",
    "traceback": "f()",
    "syntax": "x = (1,\nfor",
    "typed": "await nearside.refuse()",
    "exit": "import sys\nsys.exit(3)",
    "interrupt": "raise KeyboardInterrupt",
    "own cancel": "import asyncio\nt = asyncio.ensure_future(asyncio.Event().wait())\nt.cancel()\nawait t",
    "bad repr": "class B:\n    def __repr__(self):\n        raise ValueError('no')\nB()",
    "partial": "print('before')\nraise RuntimeError('after')",
    "much output": "for _i in range(3000):\n    print('x' * 99)",
    "much result": "'y' * 200_000",
    "much error": "raise ValueError('z' * 200_000)",
    "structure": "{'labels': ['b', 'a'], 'scores': [0.75, 0.25]}",
    "after all": "print(x)",
}


async def scenario():
    """Return the answers by case, and what became of cancelling and of two runs at once."""
    client = Client()
    console = Console(client)
    told = {name: await console.run(code) for name, code in CASES.items()}
    try:
        await console.run(3)
    except InvalidInput as error:
        told["not text"] = error.code
    waiting = asyncio.ensure_future(console.run("kept = 1\nawait nearside.wait()"))
    await asyncio.sleep(0.01)
    waiting.cancel()
    try:
        await waiting
        told["cancel"] = "answered"
    except asyncio.CancelledError:
        told["cancel"] = [client.ended.is_set(), (await console.run("kept"))["result"]]
    both = await asyncio.gather(
        console.run("import asyncio\nprint('a')\nawait asyncio.sleep(0.01)\nprint('b')"),
        console.run("print('c')"),
    )
    told["at once"] = [one["output"] for one in both]
    told["asked"] = client.asked
    return told
