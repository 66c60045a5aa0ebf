"""The engine's second wheel and Jinja2, installed in Pyodide when they are needed. Defines `scenario()`."""

import asyncio
import importlib
import importlib.metadata

from js import network, wheels

from nearside.errors import EngineFailed, Offline
from nearside.language import detect
from nearside.platform.browser.extras import BrowserExtras

WHEELS = wheels.to_py()
PACKAGES = ("generation", "speech", "specialists")


async def fails(extras, **network_does):
    for name, value in network_does.items():
        setattr(network, name, value)
    try:
        await extras.ready()
    except (EngineFailed, Offline) as error:
        return [error.code, error.retryable]
    finally:
        network.online, network.missing, network.damaged = True, "", ""
    return None


async def scenario():
    extras = BrowserExtras(WHEELS)
    failures = [
        await fails(extras, online=False),
        await fails(extras, missing=WHEELS[0].rsplit("/", 1)[-1]),
        await fails(extras, damaged=WHEELS[0].rsplit("/", 1)[-1]),
    ]
    half = importlib.util.find_spec("jinja2") is not None or has_languages()
    requests = network.requests.length
    impatient = asyncio.ensure_future(extras.ready())
    others = [asyncio.ensure_future(extras.ready()) for _ in range(3)]
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(*others)
    await extras.ready()
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    template = "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}{% endfor %}{{ '<&' | e }}"
    rendered = ImmutableSandboxedEnvironment().from_string(template)
    return {
        "failures": failures,
        "half": half,
        "requests": network.requests.length - requests,
        "rendered": rendered.render(messages=[{"role": "user", "content": " Hello "}]),
        "language": detect("Dies ist ein deutscher Satz.").language,
        "versions": {
            name: importlib.metadata.version(name) for name in ("jinja2", "markupsafe", "nearside-tasks")
        },
        "packages": [name for name in PACKAGES if imports(f"nearside.{name}")],
    }


def has_languages():
    try:
        return detect("Dies ist ein deutscher Satz.") is not None
    except FileNotFoundError:
        return False


def imports(name):
    return importlib.util.find_spec(name) is not None and importlib.import_module(name) is not None
