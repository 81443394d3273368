"""What is said of a command line that cannot be read, where Typer's own words leave the remedy open."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

Refusal: Any = typer.BadParameter.__base__  # of every kind: commands, arguments, values
LEAK = "Value error, "  # how the library that checks values begins what Typer passes on


class Commands(TyperGroup):
    """The commands."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is named; say what an unknown name was probably meant to be."""
        try:
            return super().resolve_command(ctx, args)
        except Refusal as refusal:
            refusal.message += _meant(args[0])
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command that is named; say what to do about arguments that it does not take."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            refusal.message = refusal.message.removeprefix(LEAK) + _remedy(refusal)
            raise


def _meant(name: str) -> str:
    if name == "help":
        return " See dlldecode --help, or dlldecode COMMAND --help."
    return ' To answer a prompt: dlldecode generate "..."' if " " in name else ""


def _remedy(refusal: Any) -> str:
    parameter = getattr(refusal, "param", None)
    if parameter is not None and parameter.name == "input":
        return " A file goes to stdin: --input lines < prompts.txt"
    takes_prompt = refusal.cmd is not None and refusal.cmd.name in ("generate", "visualize")
    return "; put the prompt in quotes." if takes_prompt and "extra argument" in refusal.message else ""
