"""The operator's file: what it may say, that mistakes stop the server, and that keys stay where they are."""

import subprocess
import sys

import pytest

from nearside_server.cloud.addresses import BadAddress, check_url, may_dial
from nearside_server.cloud.providers import load
from nearside_server.errors import BadConfig

GOOD = """
[providers.openai]
base_url = "https://api.example/v1/"
key = "env:OPENAI_API_KEY"

[providers.here]
base_url = "http://127.0.0.1:11434/v1"
connect_timeout = 1
idle_timeout = 2.5
total_timeout = 30
private_network = true

[models.cloud-fast]
provider = "openai"
model = "gpt-x-mini"
context_window = 128000
max_output_tokens = 4096
input_price = "0.15"
output_price = "0.60"

[models."small.1"]
provider = "here"
model = "llama:1b"
max_tokens_name = "max_completion_tokens"
"""
KEY = "sk-canary-4711"


@pytest.fixture
def read(tmp_path):
    """Return a function that loads a text as a configuration."""
    file = tmp_path / "nearside.toml"

    def load_text(text, **environment):
        file.write_text(text, "utf-8")
        return load(file, environment)

    return load_text


def test_everything_that_can_be_said(read):
    models = read(GOOD, OPENAI_API_KEY=KEY).models
    assert list(models) == ["cloud-fast", "small.1"]
    fast, small = models.values()
    assert (fast.alias, fast.model, fast.context_window, fast.max_output_tokens) == (
        *("cloud-fast", "gpt-x-mini", 128000, 4096),
    )
    assert (fast.input_price, fast.output_price, fast.max_tokens_name) == (150, 600, "max_tokens")
    assert (fast.provider.base_url, fast.provider.key) == ("https://api.example/v1", KEY)
    assert (fast.provider.connect_timeout, fast.provider.idle_timeout, fast.provider.total_timeout) == (
        5,
        60,
        600,
    )
    assert (small.provider.key, small.provider.private_network) == (None, True)
    assert (small.provider.connect_timeout, small.provider.idle_timeout, small.provider.total_timeout) == (
        1,
        2.5,
        30,
    )
    assert (small.context_window, small.max_output_tokens, small.input_price) == (None, None, None)
    assert small.max_tokens_name == "max_completion_tokens"


def test_a_key_is_not_shown(read):
    models = read(GOOD, OPENAI_API_KEY=KEY)
    assert KEY not in repr(models)


def test_a_key_from_a_file(read, tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "openai").write_text(f"{KEY}\n", "utf-8")
    for place in ("keys/openai", tmp_path / "keys" / "openai"):
        models = read(GOOD.replace("env:OPENAI_API_KEY", f"file:{place}")).models
        assert models["cloud-fast"].provider.key == KEY


@pytest.mark.parametrize("text", ["", "# nothing\n", "[providers]\n[models]\n"])
def test_a_file_that_connects_nothing(read, text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "nano"),
    [
        ("0", 0),
        ("0.001", 1),
        ("0.15", 150),
        ("15", 15_000),
        ("15.000", 15_000),
        ("1e1", 10_000),
        ("0.037", 37),
    ],
)
def test_prices_are_exact(read, text, nano):
    assert (
        read(GOOD.replace('"0.15"', f'"{text}"'), OPENAI_API_KEY=KEY).models["cloud-fast"].input_price == nano
    )


MISTAKES = [
    ('key = "env:OPENAI_API_KEY"', f'key = "{KEY}"', "not a reference"),
    ('key = "env:OPENAI_API_KEY"', 'key = "env:"', "not a reference"),
    ('key = "env:OPENAI_API_KEY"', 'key = "file:"', "not a reference"),
    ('key = "env:OPENAI_API_KEY"', 'key = "env:NOT_THERE"', "NOT_THERE is not there or empty"),
    ('key = "env:OPENAI_API_KEY"', 'key = "env:EMPTY"', "EMPTY is not there or empty"),
    ('key = "env:OPENAI_API_KEY"', 'key = "file:not-there"', "is not there or empty"),
    ('key = "env:OPENAI_API_KEY"', 'key = "env:TWO_LINES"', "something else than a key"),
    (
        'key = "env:OPENAI_API_KEY"',
        f'key = "env:OPENAI_API_KEY"\napi_key = "{KEY}"',
        "unknown field `api_key`",
    ),
    ('key = "env:OPENAI_API_KEY"', "key = 5", "[providers.openai]: Expected `str | null`"),
    ('base_url = "https://api.example/v1/"', "", "missing required field `base_url`"),
    (
        'base_url = "https://api.example/v1/"',
        f'base_url = "https://{KEY}@x.example"',
        "not a plain http(s) URL",
    ),
    ("[providers.openai]", "[provider.openai]", "'provider', which means nothing"),
    ("[providers.openai]", "budget = 5\n[providers.openai]", "'budget', which means nothing"),
    ("[providers.openai]", "[[providers.openai]]", "providers.openai is not a table"),
    ("[providers.openai]", "models = 5\n[providers.openai]", "is not a TOML file"),
    ("connect_timeout = 1", "connect_timeout = 0", "connect_timeout"),
    ("idle_timeout = 2.5", 'idle_timeout = "2"', "idle_timeout"),
    ("total_timeout = 30", "total_timeout = 1e9", "total_timeout"),
    ("private_network = true", "private_network = 1", "private_network"),
    ("[models.cloud-fast]", "[models.Cloud]", "not an alias"),
    ("[models.cloud-fast]", '[models."openai/gpt"]', "not an alias"),
    ("[models.cloud-fast]", '[models."-x"]', "not an alias"),
    ("[models.cloud-fast]", '[models.""]', "not an alias"),
    ("[models.cloud-fast]", f"[models.{'x' * 65}]", "not an alias"),
    ("[models.cloud-fast]", '[models."small.1"]', "is not a TOML file"),
    ('provider = "openai"', 'provider = "other"', "no [providers.other]"),
    ('model = "gpt-x-mini"', "", "missing required field `model`"),
    ('model = "gpt-x-mini"', 'model = ""', "model"),
    ('model = "gpt-x-mini"', 'model = "a\\nb"', "characters that no model's name has"),
    ("context_window = 128000", "context_window = 0", "context_window"),
    ("context_window = 128000", "context_window = 1.5", "context_window"),
    ("max_output_tokens = 4096", "max_output_tokens = -1", "max_output_tokens"),
    ("max_output_tokens = 4096", "max_tokens = 4096", "unknown field `max_tokens`"),
    ('max_tokens_name = "max_completion_tokens"', 'max_tokens_name = "x"', "max_tokens_name"),
    ('input_price = "0.15"', "input_price = 0.15", "input_price"),
    ('input_price = "0.15"', 'input_price = "cheap"', "not an amount"),
    ('input_price = "0.15"', 'input_price = "-1"', "not an amount"),
    ('input_price = "0.15"', 'input_price = "NaN"', "not an amount"),
    ('input_price = "0.15"', 'input_price = "Infinity"', "not an amount"),
    ('input_price = "0.15"', 'input_price = "1e9"', "not an amount"),
    ('output_price = "0.60"', 'output_price = "0.0375"', "finer than 0.001"),
    ("[providers.here]", "[providers.here", "line"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=lambda text: text[:40])
def test_mistakes(read, old, new, message):
    assert GOOD.count(old) == 1
    with pytest.raises(BadConfig) as caught:
        read(GOOD.replace(old, new), OPENAI_API_KEY=KEY, EMPTY="", TWO_LINES=f"{KEY}\nx")
    said = f"{caught.value.message} {caught.value.hint}"
    assert message in said
    assert KEY not in said
    assert "nearside.toml" in said


def test_models_need_a_provider_and_providers_models(read):
    with pytest.raises(BadConfig, match="no models"):
        read('[providers.here]\nbase_url = "http://127.0.0.1:1/v1"')
    with pytest.raises(BadConfig, match=r"no \[providers.x\]"):
        read('[models.a]\nprovider = "x"\nmodel = "m"')


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"\0"])
def test_a_file_that_cannot_be_read(tmp_path, content):
    file = tmp_path / "nearside.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadConfig):
        load(file, {})
    with pytest.raises(BadConfig):
        load(tmp_path, {})


@pytest.mark.parametrize(
    ("url", "private", "has_key"),
    [
        ("https://api.example/v1", False, True),
        ("https://api.example", False, True),
        ("https://xn--bcher-kva.example:8443/openai/v1beta", False, True),
        ("http://localhost:11434/v1", False, True),
        ("http://127.0.0.1:1/v1", False, True),
        ("http://[::1]:1/v1", False, True),
        ("https://8.8.8.8/v1", False, True),
        ("https://10.0.0.5/v1", True, True),
        ("http://192.168.1.5:11434/v1", True, False),
        ("https://[fd00::1]/v1", True, True),
    ],
)
def test_addresses_that_a_provider_may_have(url, private, has_key):
    assert check_url(url, private=private, has_key=has_key) == url
    assert check_url(f"{url}/", private=private, has_key=has_key) == url


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://api.example/v1",
            "ftp://api.example",
            "api.example/v1",
            "",
            "https://",
            "https:///v1",
            "//x/v1",
        ),
        *("https://user:pass@api.example/v1", "https://api.example/v1?key=x", "https://api.example/v1#x"),
        *(
            "https://api.example/v1\r\nx: y",
            "https://api.example/v1 ",
            " https://api.example",
            "https://a b/v1",
        ),
        *(
            "https://api.example:99999/v1",
            "https://api.example:x/v1",
            "https://a..b/v1",
            "https://-a.example/v1",
        ),
        *("https://169.254.169.254/v1", "http://169.254.169.254/latest", "https://[fe80::1]/v1"),
        *("https://0x7f.1/v1", "https://0x7f000001/v1", "https://2130706433/v1", "https://127.1/v1"),
        *(
            "https://017700000001/v1",
            "https://0177.0.0.1/v1",
            "https://127.0.0.1./v1",
            "https://localhost./v1",
        ),
        *("https://[::ffff:169.254.169.254]/v1", "https://[64:ff9b::a9fe:a9fe]/v1", "https://0.0.0.0/v1"),
        *("https://[::]/v1", "https://224.0.0.1/v1", "https://255.255.255.255/v1", "https://api。example/v1"),
        *("https://①②⑦.0.0.1/v1", "https://api.example/v1/../x%2e", "https://api.example\\@evil.example/v1"),
    ],
)
def test_addresses_that_no_provider_has(url, private):
    with pytest.raises(BadAddress):
        check_url(url, private=private, has_key=True)


@pytest.mark.parametrize(
    "url",
    ["https://10.0.0.1/v1", "https://192.168.0.1/v1", "https://[::ffff:10.0.0.1]/v1", "https://[fd00::1]/v1"],
)
def test_a_private_network_must_be_allowed(url):
    with pytest.raises(BadAddress, match="private_network"):
        check_url(url, private=False, has_key=False)
    assert check_url(url, private=True, has_key=True)
    with pytest.raises(BadAddress, match="encrypted"):
        check_url(url.replace("https", "http"), private=True, has_key=True)


@pytest.mark.parametrize("loopback", [False, True])
@pytest.mark.parametrize("private", [False, True])
def test_what_may_be_dialled(loopback, private):
    def dial(address):
        return may_dial(address, loopback=loopback, private=private)

    assert dial("8.8.8.8")
    assert dial("2606:4700::1")
    assert {dial("127.0.0.1"), dial("127.9.9.9"), dial("::1"), dial("::ffff:127.0.0.1")} == {loopback}
    assert {dial("10.1.2.3"), dial("172.16.0.1"), dial("192.168.9.9"), dial("fd00::1")} == {private}
    assert {dial("::ffff:10.0.0.1"), dial("2002:0a00:0001::1")} == {private}
    assert not any(map(dial, ("169.254.169.254", "::ffff:169.254.169.254", "fe80::1%eth0", "0.0.0.0", "::")))
    assert not any(map(dial, ("224.0.0.1", "ff02::1", "240.0.0.1")))


def test_a_name_that_stands_for_the_inside_is_not_dialled(connected, monkeypatch):
    """The check is made where the name is resolved, so a name cannot change what it stands for in between."""
    import asyncio

    import aiohttp

    from nearside_server.cloud import upstream
    from nearside_server.cloud.providers import Provider

    def provider(private):
        return Provider("x", "https://api.example/v1", None, private, 1, 1, 1)

    async def resolve(addresses, private=False):
        async def found(self, host, port=0, family=0):
            return [{"hostname": host, "host": each, "port": port} for each in addresses]

        monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", found)
        resolver = upstream._Resolver(provider(private))
        return [each["host"] for each in await resolver.resolve("api.example", 443)]

    assert asyncio.run(resolve(["8.8.8.8", "127.0.0.1", "10.0.0.1", "169.254.169.254"])) == ["8.8.8.8"]
    assert asyncio.run(resolve(["10.0.0.1", "127.0.0.1"], private=True)) == ["10.0.0.1"]
    for inside in (["127.0.0.1"], ["::1"], ["10.0.0.1"], ["169.254.169.254"], []):
        with pytest.raises(OSError, match="no address"):
            asyncio.run(resolve(inside))


def nearside(*arguments):
    """Run `nearside serve` with arguments that it refuses; return status and messages."""
    done = subprocess.run(
        [sys.executable, "-m", "nearside_server", "serve", "--port", "0", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.returncode, done.stderr


HERE = '[providers.here]\nbase_url = "http://127.0.0.1:1/v1"\n[models.a]\nprovider = "here"\nmodel = "m"\n'


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
@pytest.mark.parametrize("more", [(), ("--insecure",), ("--tls-cert", "CERT", "--tls-key", "KEY")])
def test_a_provider_and_a_network_do_not_go_together(site, tmp_path, host, more):
    from pathlib import Path

    tls = Path(__file__).resolve().parents[2] / "fixtures" / "tls"
    places = {"CERT": tls / "cert.pem", "KEY": tls / "key.pem"}
    file = tmp_path / "nearside.toml"
    file.write_text(HERE, "utf-8")
    status, said = nearside(
        "--site", site, "--host", host, "--config", file, *[places.get(m, m) for m in more]
    )
    assert status == 2
    assert "other machines" in said
    if more:
        assert "provider" in said


def test_a_mistake_starts_no_server(site, tmp_path):
    file = tmp_path / "nearside.toml"
    assert "cannot be read" in nearside("--site", site, "--config", file)[1]
    file.write_text(HERE + f'key = "{KEY}"\n', "utf-8")
    status, said = nearside("--site", site, "--config", file)
    assert status == 2
    assert "unknown field `key`" in said
    assert KEY not in said


def test_a_file_without_providers_serves_on_a_network_as_before(serve, site, tmp_path):
    file = tmp_path / "nearside.toml"
    file.write_text("", "utf-8")
    server = serve("--site", site, "--host", "0.0.0.0", "--insecure", "--config", file)
    assert server.ask("/config.json").json["provider"] is False
    assert server.ask("/v1/models", Host="anything.example").json["data"] == []
