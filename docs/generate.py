"""Write the generated parts of the documentation: the help page, and the tables between markers.

`python docs/generate.py` writes what is stale; `python docs/generate.py --check` only names it and exits with 1.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from figures.markdown import table
from figures.memory import memory_table
from figures.science import answer, crossed, trajectory_table
from figures.searches import tuned_table
from figures.steps import beside_table
from figures.strategies import brief, caches_table, families_table, front_table, measured_table, overall
from typer.testing import CliRunner

from dlldecode import caches, strategies, wrappers
from dlldecode.bench import task as tasks
from dlldecode.cli.app import app
from dlldecode.cli.shown import toml_value
from dlldecode.config import toml
from dlldecode.config.run import RunSettings
from dlldecode.core.fields import Field, fields
from dlldecode.engine import windows
from dlldecode.engine.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 100
COMMANDS = (
    "", "generate", "visualize", "bench", "tune", "presets", "presets ls", "presets show", "presets check", "presets path",
    "models", "models ls", "models pull", "doctor",
)  # fmt: skip
PAPERS = {"arxiv.org/abs/": "arXiv ", "openreview.net/forum?id=": "OpenReview "}


def strategy_table() -> str:
    """One line a strategy: what it does, the paper, and how it did on `tiny`, with and without a cache."""
    rows = [["strategy", "what it does", "paper", "accuracy %, TPF", "with cache `dual`"]]
    found = {(row["preset"], row["cache"]): row for row in overall()}
    for name in strategies.available():
        figures = [brief(found.get((name, cache))) for cache in ("none", "dual")]
        rows.append([f"`{name}`", sentence(name), paper(name), *figures])
    return table(rows)


def option_tables() -> str:
    """A table of options for every strategy."""
    parts = []
    for name in strategies.available():
        rows = settings_rows(options_of(name))
        parts.append(f"### `{name}`\n\n{sentence(name)} Paper: {paper(name)}.\n\n{table(rows)}")
    return "\n\n".join(parts)


def decode_table() -> str:
    """The settings of the `[decode]` table."""
    return table(settings_rows(fields(Settings)))


def cache_table() -> str:
    """The options of every cache that keeps something."""
    kinds = {name: caches.kind(name) for name in caches.available()}
    shared = {item.name for item in fields(kinds["dual"])}
    rows = [["all", *row] for row in settings_rows(fields(kinds["dual"]))[1:]]
    rows += [
        [f"`{name}`", *row]
        for name, kind in kinds.items()
        for row in settings_rows(tuple(item for item in fields(kind) if item.name not in shared))[1:]
    ]
    return table([["cache", "option", "default", "range", "what it is"], *rows])


def window_table() -> str:
    """The options of every window rule that has some."""
    rows = [["window", "option", "default", "range", "what it is"]]
    for name in windows.available():
        rows += [[f"`{name}`", *row] for row in settings_rows(fields(windows.kind(name)))[1:]]
    return table(rows)


def wrapper_table() -> str:
    """The options of every wrapper."""
    rows = [["wrapper", "option", "default", "range", "what it is"]]
    for name in wrappers.available():
        rows += [[f"`{name}`", *row] for row in settings_rows(fields(wrappers.kind(name)))[1:]]
    return table(rows)


def run_table() -> str:
    """The settings that no preset holds."""
    return table(settings_rows(fields(RunSettings)))


def preset_table() -> str:
    """The shipped presets and what they say of themselves."""
    folder = ROOT / "presets"
    paths = sorted(folder.rglob("*.toml"), key=lambda path: (len(path.parts), path.as_posix()))
    rows = [[f"`{path.relative_to(folder).with_suffix('').as_posix()}`", about(path)] for path in paths]
    return table([["preset", "about"], *rows])


def task_tables() -> str:
    """What each task asks, from the files of the tasks."""
    head = ["task", "about", "file under `--data-dir`", "hub", "examples", "canvas", "block", "scorer, metric"]
    names = [name for name in tasks.available() if (tasks.FOLDER / f"{name}.yaml").read_text().find("group:") != 0]
    return table([head, *(task_row(task) for name in names for task in tasks.find(name))])


def task_row(task: tasks.Task) -> list[str]:
    """A task's line."""
    file = f"`{task.data_files['test']}`" if task.data_files else "none: generated"
    shots = f"{task.num_fewshot}{', turns' if task.fewshot_as_multiturn else ''}" if task.num_fewshot else "0"
    canvas, block = (str(task.settings.get(name, "")) for name in ("max_tokens", "block_length"))
    hub, judge = task.dataset_path or "", f"`{task.scorer}`, `{task.metric}`"
    return [f"`{task.task}`", task.about, file, hub, shots, canvas, block, judge]


def published_table() -> str:
    """The scores of papers that task files cite."""
    rows = [["task", "source", "model", "strategy", "score", "TPF", "TPS", "note"]]
    for name in tasks.available():
        for task in tasks.find(name):
            if task.task == name:
                rows += [[f"`{name}`", *published_row(each)] for each in task.published]
    return table(rows)


def published_row(each: tasks.Published) -> list[str]:
    """A published score's line."""
    figures = ["" if value is None else f"{value:g}" for value in (each.score, each.tpf, each.tps)]
    return [each.source, each.model, each.strategy, *figures, each.note]


def help_page() -> str:
    """The help of every command, at a fixed width and without the types that only newer Typer shows."""
    parts = ["# Help\n\nWritten by `python docs/generate.py`; do not edit.\n"]
    for command in COMMANDS:
        title = f"dlldecode {command}".strip()
        shown = CliRunner().invoke(app, [*command.split(), "--help"], terminal_width=WIDTH, prog_name="dlldecode")
        lines = (line.rstrip() for line in shown.output.replace(" <str>", "").strip().splitlines())
        text = "\n".join(lines)
        parts.append(f"## {title}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def settings_rows(items: tuple[Field, ...]) -> list[list[str]]:
    """Option, default, range and sentence of each field."""
    rows = [[f"`{item.name}`", default_of(item), range_of(item), item.about] for item in items]
    return [["option", "default", "range", "what it is"], *rows]


def options_of(name: str) -> tuple[Field, ...]:
    """The options of a strategy."""
    return fields(strategies.kind(name))


def sentence(name: str) -> str:
    """The first line of a strategy's file."""
    return (import_module(f"dlldecode.strategies.{name}").__doc__ or "").strip().splitlines()[0]


def paper(name: str) -> str:
    """A link to the paper that a strategy's file cites."""
    found = re.search(r"https://[^\s,)]+", import_module(f"dlldecode.strategies.{name}").__doc__ or "")
    if found is None:
        return ""
    url = found.group().rstrip(".")
    label = next((title + url.partition(part)[2] for part, title in PAPERS.items() if part in url), url)
    return f"[{label}]({url})"


def about(path: Path) -> str:
    """What a preset says of itself."""
    return str(toml.read(path).table["about"])


def default_of(item: Field) -> str:
    """A default as a preset spells it, without quotes."""
    return toml_value(item.default).strip('"')


def range_of(item: Field) -> str:
    """The values that a field takes, in words."""
    return " or ".join(ranges(item.hint))


def ranges(hint: Any, markers: tuple[Any, ...] = ()) -> Iterator[str]:
    """The alternatives of an annotation."""
    if get_origin(hint) is Annotated:
        yield from ranges(get_args(hint)[0], get_args(hint)[1:])
    elif get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from ranges(part)
    elif get_origin(hint) is tuple:
        yield f"list of {' or '.join(ranges(get_args(hint)[0]))}"
    elif get_origin(hint) is Literal:
        yield " or ".join(get_args(hint))
    elif hint is type(None):
        yield "none"
    else:
        yield bounds(markers) or {bool: "true or false", str: "text", int: "whole number", float: "number"}[hint]


def bounds(markers: tuple[Any, ...]) -> str:
    """A range of numbers in words; empty when there is none."""
    found = {type(marker).__name__: marker for marker in markers}
    low = found.get("Ge") or found.get("Gt")
    if low is None:
        return ""
    least = f"above {low.gt}" if "Gt" in found else str(low.ge)
    if "Le" in found:
        return f"{least}{', at most' if 'Gt' in found else ' to'} {found['Le'].le}"
    return least if "Gt" in found else f"{least} or more"


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"strategies": strategy_table},
    "docs/caches.md": {"caches": cache_table},
    "docs/choose-a-strategy.md": {
        "measured": measured_table,
        "caches": caches_table,
        "front": front_table,
        "families": families_table,
    },
    "docs/models.md": {"memory": memory_table},
    "docs/science.md": {
        "fixed-k": partial(answer, "fixed-k", "k", "score", "low", "high", "tpf", "forwards"),
        "trajectory": trajectory_table,
        "divergence": partial(answer, "divergence"),
        "lengths": partial(crossed, "lengths", "preset", "block length", "steps"),
        "block-length": partial(crossed, "block-length", "block_length", "preset", "score", "tpf"),
        "seeds": partial(crossed, "seeds", "seeds", "guidance", "score", "tpf"),
        "guidance": partial(answer, "guidance", "setting", "score", "low", "high", "tpf", "forwards"),
        "repair": partial(answer, "repair"),
        "bound": partial(answer, "bound"),
    },
    "docs/speed.md": {"beside": beside_table},
    "docs/strategies.md": {"options": option_tables},
    "docs/tasks.md": {"tasks": task_tables, "published": published_table},
    "docs/tuning.md": {"tuned": tuned_table},
    "docs/wrappers.md": {"wrappers": wrapper_table},
    "docs/presets.md": {"decode": decode_table, "windows": window_table, "run": run_table, "presets": preset_table},
}


def pages() -> dict[Path, str]:
    """Every generated page as it should be."""
    found = {ROOT / "docs/help.md": help_page()}
    for name, parts in PARTS.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        for marker, make in parts.items():
            text = replaced(text, marker, make())
        found[ROOT / name] = text
    return found


def replaced(text: str, marker: str, content: str) -> str:
    """A page with new text between a pair of markers. Raises ValueError unless there is exactly one pair."""
    opening, closing = f"<!-- {marker}: generated by docs/generate.py -->", f"<!-- end of {marker} -->"
    if text.count(opening) != 1 or text.count(closing) != 1:
        raise ValueError(f"the page needs one {opening} and one {closing}")
    before, _, rest = text.partition(opening)
    return f"{before}{opening}\n\n{content}\n\n{closing}{rest.partition(closing)[2]}"


def squeezed(text: str) -> str:
    """A text without regard to white space, which differs between releases of Typer."""
    return " ".join(text.split())


def stale() -> list[Path]:
    """The pages whose text is not what it should be."""
    return [
        path
        for path, text in pages().items()
        if not path.is_file() or squeezed(path.read_text(encoding="utf-8")) != squeezed(text)
    ]


def main() -> None:
    """Write or check."""
    found = stale()
    for path in found:
        print(path.relative_to(ROOT))
    if "--check" in sys.argv[1:]:
        sys.exit(bool(found))
    wanted = pages()
    for path in found:
        path.write_text(wanted[path], encoding="utf-8")


if __name__ == "__main__":
    os.environ.pop("FORCE_COLOR", None)
    main()
