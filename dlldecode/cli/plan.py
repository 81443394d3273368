"""`--dry-run`: what would run, without the weights."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ModelError, UsageError
from .records import Format
from .shown import toml_value

if TYPE_CHECKING:
    from ..batch import Prompt
    from ..config.assemble import Resolved
    from ..config.run import RunSettings


def described(settings: Resolved, prompts: Iterator[Prompt], asked: Mapping[str, Any]) -> str:
    """Settings, tokens of every prompt, and the most forwards that they can take. Raises UsageError as a run would."""
    from ..batch import most_forwards, recipe

    most = most_forwards(recipe(settings))
    reader = _reader(settings.run)
    counts = [_count(reader, prompt, settings, asked) for prompt in prompts]
    facts = {
        "preset": settings.preset,
        "preset_hash": settings.preset_hash,
        "strategy": settings.strategy,
        **settings.values(),
        "prompts": len(counts),
        "prompt_tokens": counts,
        "most_forwards": most * len(counts),
    }
    if asked["format"] is not Format.TEXT:
        return json.dumps(facts) + "\n"
    known = [count for count in counts if count is not None]
    facts["prompt_tokens"] = sum(known) if len(known) == len(counts) else None
    return "".join(f"{key} = {toml_value(value)}\n" for key, value in facts.items())


class Reader(NamedTuple):
    """What a model says without its weights: its tokenizer, and how many tokens it reads at most."""

    tokenizer: Any
    most: int


def _reader(run: RunSettings) -> Reader | None:
    """The model's tokenizer and length; None when they would have to be downloaded."""
    from ..models import hub
    from ..models.families import describe, read_config
    from ..models.tokenizer import read_tokenizer

    try:
        source = hub.resolve(run.model, run.revision, offline=True)
    except ModelError:
        if run.model in hub.ALIASES or hub.HUB_ID.fullmatch(run.model):
            return None
        raise
    most = describe(read_config(source.folder)).max_length
    return Reader(read_tokenizer(source.folder, light=(source.folder / "tokenizer.json").is_file()), most)


def _count(reader: Reader | None, prompt: Prompt, settings: Resolved, asked: Mapping[str, Any]) -> int | None:
    """Tokens of a prompt; a bad one counts 0 in a batch, and raises UsageError alone."""
    from ..batch import refusal, too_long

    reason, count = refusal(prompt), 0
    if reason is None and prompt.text is not None:
        if reader is None:
            return None
        read = reader.tokenizer
        count = len(read.encode(prompt.text) if asked["raw"] else read.chat(prompt.text, asked["system"]))
        reason = too_long(count, settings.settings.max_tokens, settings.run.model, reader.most)
    if reason is not None and asked["input"].value == "text":
        raise UsageError(reason)
    return count if reason is None else 0
