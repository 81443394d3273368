"""Instructions about the answer as a whole."""

from __future__ import annotations

from .arguments import Text


def repeat_prompt(text: Text, *, prompt_to_repeat: str) -> bool:
    """The answer begins with the request, word for word, whatever the case."""
    return text.strip().lower().startswith(prompt_to_repeat.strip().lower())


def two_responses(text: Text) -> bool:
    """Six asterisks part two different answers; blank parts are let pass at the beginning and the end alone."""
    parts = [part.strip() for part in text.split("******")]
    answers = [part for part in parts if part]
    return all(parts[1:-1]) and len(answers) == 2 and answers[0] != answers[1]


CHECKS = (repeat_prompt, two_responses)
