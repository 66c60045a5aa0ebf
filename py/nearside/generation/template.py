"""Chat templates: a conversation to the prompt that a model was trained with, rendered as `transformers`
does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nearside.errors import InvalidInput, UnsupportedModel
from nearside.models.loaded import OpenModel

if TYPE_CHECKING:
    from jinja2 import Template

Messages = Sequence[Mapping[str, Any]]
"""Roles and contents."""

_TOKENS = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_MORE = "additional_special_tokens"


class ChatTemplate:
    """The template of one model."""

    def __init__(self, source: str, tokens: Mapping[str, Any], name: str) -> None:
        self._source = source
        self._tokens = tokens
        self._name = name

    @property
    def thinks(self) -> bool:
        """Whether thinking can be switched off."""
        return "enable_thinking" in self._source

    def render(
        self,
        messages: Messages,
        *,
        add_generation_prompt: bool = True,
        tools: Sequence[Mapping[str, Any]] | None = None,
        thinking: bool | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> str:
        """The prompt as text, special tokens and all: encode it without adding any. `thinking` is the
        template's `enable_thinking`, None: its default; `options` are further names that it may know. For a
        template that has no place for a system message
        its text goes before that of the first message of the user.

        Raises `InvalidInput` when the template refuses the conversation, `UnsupportedModel` when it cannot be
        used at all."""
        extra = {**(options or {}), **({} if thinking is None else {"enable_thinking": thinking})}
        plain = [dict(message) for message in messages]

        def made(conversation: list[dict[str, Any]]) -> str:
            return self._render(conversation, add_generation_prompt, tools, extra)

        if not any(message["role"] == "system" for message in plain):
            return made(plain)
        try:
            text = made(plain)
        except InvalidInput:
            return made(_folded(plain))
        systems = [str(message["content"]).strip() for message in plain if message["role"] == "system"]
        return text if all(system in text for system in systems) else made(_folded(plain))

    def _render(
        self,
        messages: list[dict[str, Any]],
        add_generation_prompt: bool,
        tools: Sequence[Mapping[str, Any]] | None,
        extra: Mapping[str, Any],
    ) -> str:
        from jinja2 import TemplateError, TemplateSyntaxError

        try:
            return _compiled(self._source).render(
                messages=messages,
                tools=None if tools is None else list(tools),
                documents=None,
                add_generation_prompt=add_generation_prompt,
                **{**self._tokens, **extra},
            )
        except TemplateSyntaxError as error:
            raise UnsupportedModel(
                f"The chat template of {self._name} cannot be read: {error.message}."
            ) from error
        except TemplateError as error:
            raise InvalidInput(
                f"The chat template of {self._name} refuses this conversation: {error.message or error}",
                hint="Most models want a system message first, if any, then user and assistant in turn.",
            ) from error
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise UnsupportedModel(
                f"The chat template of {self._name} fails: {type(error).__name__}."
            ) from error


def template_of(model: OpenModel, *, tools: bool = False) -> ChatTemplate | None:
    """The model's chat template, None where it has none: chat_template.jinja, else the one in
    tokenizer_config.json; of several named ones "default", or with `tools` "tool_use". Raises
    `ModelCorrupt`."""
    config = model.json("tokenizer_config.json")
    found: Any = model.files.get("chat_template.jinja", config.get("chat_template"))
    if isinstance(found, list):
        named = {one.get("name"): one.get("template") for one in found if isinstance(one, dict)}
        found = (named.get("tool_use") if tools else None) or named.get("default")
    if not isinstance(found, str):
        return None
    return ChatTemplate(found, _special_tokens(config), model.info.id)


def _special_tokens(config: Mapping[str, Any]) -> dict[str, Any]:
    """The special tokens by name, as far as the tokenizer has them."""

    def text(value: Any) -> Any:
        return value.get("content") if isinstance(value, dict) else value

    made = {name: text(config.get(name)) for name in _TOKENS}
    known: dict[str, Any] = {name: value for name, value in made.items() if isinstance(value, str) and value}
    more = config.get(_MORE)
    if isinstance(more, list) and more:
        known[_MORE] = [text(one) for one in more]
    return known


def _folded(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The conversation with the texts of its system messages before that of the user's first one."""
    systems = [str(message["content"]) for message in messages if message["role"] == "system"]
    rest = [dict(message) for message in messages if message["role"] != "system"]
    for message in rest:
        if message["role"] == "user":
            message["content"] = "\n\n".join((*systems, str(message["content"])))
            break
    return rest


@lru_cache(maxsize=16)
def _compiled(source: str) -> Template:
    """The template, compiled in a sandbox: it comes with the model and is not trusted."""
    import jinja2
    from jinja2.ext import Extension
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """`{% generation %}`: marks the assistant's words for training; here it changes nothing."""

        tags = {"generation"}  # noqa: RUF012 (Jinja's way)

        def parse(self, parser: Any) -> Any:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            return jinja2.nodes.Scope(body).set_lineno(line)

    def raise_exception(message: str) -> None:
        raise jinja2.TemplateError(message)

    def tojson(
        value: Any,
        ensure_ascii: bool = False,
        indent: int | None = None,
        separators: tuple[str, str] | None = None,
        sort_keys: bool = False,
    ) -> str:
        return json.dumps(
            value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
        )

    def strftime_now(pattern: str) -> str:
        return datetime.now().strftime(pattern)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = strftime_now
    return environment.from_string(source)
