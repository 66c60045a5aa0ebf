"""Chat templates beyond the references: system messages without a place, names, what goes wrong."""

from types import SimpleNamespace

import pytest

from nearside.errors import InvalidInput, UnsupportedModel
from nearside.generation.prompt import _clean, instructed
from nearside.generation.template import ChatTemplate, template_of

TALK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
STRICT = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}<{{ m.role }}>{{ m.content }}{% endfor %}"
)
DEAF = (
    "{% for m in messages %}{% if m.role != 'system' %}<{{ m.role }}>{{ m.content }}{% endif %}{% endfor %}"
)


def made(source, tokens=None):
    return ChatTemplate(source, tokens or {}, "a/b")


@pytest.mark.parametrize("source", [STRICT, DEAF])
def test_a_system_message_without_a_place_goes_before_the_question(source):
    assert made(source).render(TALK) == "<user>Be brief.\n\nHello"


def test_what_templates_use():
    source = (
        "{% for m in messages %}{% if loop.index > 1 %}{% break %}{% endif %}\n"
        "    {% generation %}{{ bos_token }}{{ m | tojson }}{% endgeneration %}{% endfor %}"
    )
    assert made(source, {"bos_token": "<s>"}).render(TALK[1:]) == '<s>{"role": "user", "content": "Hello"}'
    quotes = [{"role": "user", "content": "<é & '\">"}]
    assert made("{{ messages[0].content | tojson }}").render(quotes) == '"<é & \'\\">"'
    assert made("{{ strftime_now('%Y') | length }}").render(TALK) == "4"


@pytest.mark.parametrize(
    "source", ["{% for %}", "{{ messages[9].content.x }}", "{{ 1 / 0 }}", "{{ messages + 1 }}"]
)
def test_a_template_that_fails_is_a_typed_error(source):
    with pytest.raises((UnsupportedModel, InvalidInput), match="a/b"):
        made(source).render(TALK[1:])


@pytest.mark.parametrize(
    "source",
    [
        "{{ messages.append(1) }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% for i in range(999999999) %}x{% endfor %}",
    ],
)
def test_a_template_is_kept_in_its_sandbox(source):
    with pytest.raises((UnsupportedModel, InvalidInput)):
        made(source).render(TALK[1:])


def model(files, config):
    return SimpleNamespace(
        files=files,
        json=lambda path: config if path == "tokenizer_config.json" else {},
        info=SimpleNamespace(id="a/b"),
    )


def test_where_a_template_comes_from():
    config = {
        "chat_template": [{"name": "default", "template": "D"}, {"name": "tool_use", "template": "T"}],
        "bos_token": {"content": "<s>"},
    }
    assert template_of(model({}, config)).render(TALK) == "D"
    assert template_of(model({}, config), tools=True).render(TALK) == "T"
    assert template_of(model({"chat_template.jinja": "{{ bos_token }}"}, config)).render(TALK) == "<s>"
    assert template_of(model({}, {})) is None


def test_messages_as_templates_know_them():
    talk = [
        {"role": "system", "content": "One."},
        {"role": "developer", "content": "Two."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "<think>hm</think>\n\nYes"},
    ]
    assert [(one["role"], one["content"]) for one in _clean(talk)] == [
        ("system", "One.\n\nTwo."),
        ("user", "Hi"),
        ("assistant", "Yes"),
    ]
    assert [one["content"] for one in instructed(talk, "Three.")][:3] == ["One.", "Two.", "Three."]
