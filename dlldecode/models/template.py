"""Chat templates rendered in a sandbox: what transformers does, without importing it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from ..errors import ModelError

Message = dict[str, str]
Render = Callable[[list[Message]], str]


def read_template(folder: Path, config: dict[str, Any]) -> Render | None:
    """The renderer of `chat_template.jinja` or of tokenizer_config.json's `chat_template`; None when there is none."""
    file = folder / "chat_template.jinja"
    source = file.read_text(encoding="utf-8") if file.is_file() else default(config.get("chat_template"))
    return compiled(source, names(config)) if source else None


def default(template: Any) -> str | None:
    """The template in use where a configuration names several."""
    if isinstance(template, list):
        template = {item["name"]: item["template"] for item in template}.get("default")
    return None if template is None else str(template)


def names(config: dict[str, Any]) -> dict[str, str]:
    """Special tokens as templates call them: `bos_token`, `eos_token` and the like."""
    tokens = {key: value for key, value in config.items() if key.endswith("_token")}
    content = {key: value.get("content") if isinstance(value, dict) else value for key, value in tokens.items()}
    return {key: value for key, value in content.items() if isinstance(value, str)}


def compiled(source: str, tokens: dict[str, str]) -> Render:
    """A function from messages to text."""
    from jinja2 import TemplateError  # here, for a base model needs none of it
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    room = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    room.filters["tojson"] = lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)

    def refuse(message: str) -> NoReturn:
        raise TemplateError(message)

    room.globals |= {"raise_exception": refuse, "strftime_now": lambda layout: datetime.now().strftime(layout)}
    template = room.from_string(source)
    return refusing(lambda messages: template.render(messages=messages, add_generation_prompt=True, **tokens))


def refusing(render: Render) -> Render:
    """The same renderer, with a template's refusal (a system text it does not take, say) as a ModelError."""
    from jinja2 import TemplateError

    def guarded(messages: list[Message]) -> str:
        try:
            return render(messages)
        except TemplateError as error:
            raise ModelError(f"the model's chat template refuses these messages ({error})") from error

    return guarded
