"""`--dry-run`: what would run, without the weights."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

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
    tokenizer = _tokenizer(settings.run)
    counts = [_count(tokenizer, prompt, asked) for prompt in prompts]
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


def _tokenizer(run: RunSettings) -> Any:
    """The model's tokenizer, without the weights; None when it would have to be downloaded."""
    from ..models import hub
    from ..models.tokenizer import read_tokenizer

    try:
        source = hub.resolve(run.model, run.revision, offline=True)
    except ModelError:
        if run.model in hub.ALIASES or hub.HUB_ID.fullmatch(run.model):
            return None
        raise
    return read_tokenizer(source.folder, light=(source.folder / "tokenizer.json").is_file())


def _count(tokenizer: Any, prompt: Prompt, asked: Mapping[str, Any]) -> int | None:
    from ..batch import refusal

    reason = refusal(prompt)
    if reason is not None and asked["input"].value == "text":
        raise UsageError(reason)
    if reason is not None or prompt.text is None:
        return 0
    if tokenizer is None:
        return None
    ids = tokenizer.encode(prompt.text) if asked["raw"] else tokenizer.chat(prompt.text, asked["system"])
    return len(ids)
