"""`dlldecode models`: what is on this machine, and downloading more."""

from __future__ import annotations

from typing import Annotated

import typer

from . import complete
from .output import results
from .shown import columns

app = typer.Typer(help="List and download models.", no_args_is_help=True, rich_markup_mode=None)


@app.command("ls")
def list_() -> None:
    """List models on this machine, and the aliases that can be downloaded."""
    from ..models import hub

    found = hub.cached()
    rows = [[item.alias or item.id, item.id, _size(item.size), item.revision or "", str(item.folder)] for item in found]
    here = {item.alias for item in found}
    rows += [[alias, name, "", "", "not downloaded"] for alias, name in hub.ALIASES.items() if alias not in here]
    with results() as output:
        output.write(columns([["NAME", "ID", "SIZE", "REVISION", "FOLDER"], *rows]))


@app.command()
def pull(
    name: Annotated[
        str, typer.Argument(metavar="NAME|HUB_ID", help="Alias or hub id.", autocompletion=complete.download)
    ],
    revision: Annotated[str | None, typer.Option(metavar="COMMIT", help="Commit, branch or tag.")] = None,
) -> None:
    """Download a model into the hub's own cache, and print its folder."""
    from ..models import hub

    with results() as output:
        output.write(f"{hub.pull(name, revision).folder}\n")


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
