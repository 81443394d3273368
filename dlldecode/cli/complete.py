"""Values for the shell's completion, which is waited for: nothing here imports torch, sources are read and not run."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import suppress
from functools import wraps
from glob import escape, glob
from pathlib import Path
from shlex import quote
from textwrap import shorten
from typing import NamedTuple

import typer

from ..errors import UsageError

Offers = Iterable[tuple[str, str]]  # values, each with a sentence about it
Completion = Callable[[typer.Context, str], Offers]

PACKAGE = Path(__file__).parent.parent
SHARED = ("__init__", "policy", "rule", "wrapper")  # files beside parts that are none
NAMED = {"cache": "caches", "window": "engine/windows", "wrap": "wrappers"}  # settings, and where their parts lie
CONFIG = "/config.json"  # a folder with this file is a model
HEAD = "_DLLDECODE_COMPLETE_HEAD"
WIDTH = 70  # of a sentence: Typer would break longer ones, and a shell takes every line for a value
BRACKETS = str.maketrans("[]", "()")  # Typer takes square ones for markup


def parts(folder: str) -> list[str]:
    """Names of strategies, caches and other parts by their files, without importing torch."""
    return sorted(file.stem for file in (PACKAGE / folder).glob("*.py") if file.stem not in SHARED)


def join_words(environment: MutableMapping[str, str]) -> None:
    """Join the words of a command line that bash cuts at equals signs.

    Bash replaces only what follows the last sign, so the last word is what stands there, and HEAD keeps `KEY=` before.
    """
    if environment.get("_DLLDECODE_COMPLETE") != "complete_bash":
        return
    with suppress(KeyError, ValueError):
        words = environment["COMP_WORDS"].split("\n")[: int(environment["COMP_CWORD"]) + 1]
        if "=" not in words:
            return
        *before, last = re.sub(r"\n=(\n(?=.))?", "=", "\n".join(words)).split("\n")
        if last != words[-1]:
            option, equals, value = last.partition("=") if last.startswith("-") else ("", "", last)
            head, equals, last = value.rpartition("=")
            before += [option] if option else []
            environment[HEAD] = head + equals
        environment["COMP_WORDS"], environment["COMP_CWORD"] = "\n".join([*before, last]), str(len(before))


def _careful(offers: Completion) -> Completion:
    """Offer nothing where something fails: any message would land in the line that is being typed."""

    @wraps(offers)
    def careful(context: typer.Context, incomplete: str) -> Offers:
        try:
            found = dict(offers(context, incomplete))
        except Exception:
            return []
        return [
            (value, shorten(about.translate(BRACKETS), WIDTH, placeholder=" ...")) for value, about in found.items()
        ]

    return careful


@_careful
def strategy(context: typer.Context, incomplete: str) -> Offers:
    """Strategies and their files."""
    return _or_files(_described("strategies"), incomplete, ".py")


@_careful
def cache(context: typer.Context, incomplete: str) -> Offers:
    """Caches."""
    return _described("caches")


@_careful
def device(context: typer.Context, incomplete: str) -> Offers:
    """Devices, without a look at which there are."""
    return [("auto", "CUDA when present, else the CPU"), ("cpu", ""), ("cuda", "")]


@_careful
def preset(context: typer.Context, incomplete: str) -> Offers:
    """Presets and their files."""
    return _or_files(_presets(), incomplete, ".toml")


@_careful
def start(context: typer.Context, incomplete: str) -> Offers:
    """Presets, strategies and files."""
    return _or_files([*_described("strategies"), *_presets()], incomplete, ".toml", ".py")


@_careful
def compared(context: typer.Context, incomplete: str) -> Offers:
    """What can be compared: presets, strategies, files, or all."""
    return [*start(context, incomplete), ("all", "every strategy")]


@_careful
def task(context: typer.Context, incomplete: str) -> Offers:
    """Tasks and their files."""
    return _or_files(_tasks(), incomplete, ".yaml", ".yml", ".jsonl")


@_careful
def model(context: typer.Context, incomplete: str) -> Offers:
    """Models by alias, and folders with one."""
    return _or_files([("tiny", "inside the package"), *_aliases()], incomplete, CONFIG)


@_careful
def download(context: typer.Context, incomplete: str) -> Offers:
    """Models that the hub has, by alias."""
    return _aliases()


@_careful
def setting(context: typer.Context, incomplete: str) -> Offers:
    """A setting of a preset, and behind its equals sign what it may be."""
    return _assignments(_knobs(context), incomplete)


@_careful
def axis(context: typer.Context, incomplete: str) -> Offers:
    """A setting, also by the name of its option, and values with commas between."""
    from .options import NAMES

    knobs = list(_knobs(context))
    named = {knob.key: knob for knob in (*knobs, *_declared("config/run", "RunSettings"))}
    return _assignments([*(named[key]._replace(key=name) for name, key in NAMES.items()), *knobs], incomplete)


def _described(folder: str) -> Iterator[tuple[str, str]]:
    """Parts, each with the first line of its file."""
    for name in parts(folder):
        yield name, (ast.get_docstring(_source(f"{folder}/{name}")) or "").partition("\n")[0]


def _presets() -> Iterator[tuple[str, str]]:
    from ..config import discover

    return ((name, discover.about(path)) for name, path in discover.preset_names().items())


def _tasks() -> Iterator[tuple[str, str]]:
    """Tasks and groups; their files are not read as YAML, which would take too long."""
    for file in sorted((PACKAGE / "bench" / "tasks").glob("[!_]*.yaml")):
        about = re.search(r"^about: (.*)", file.read_text(encoding="utf-8"), re.MULTILINE)
        yield file.stem, about.group(1) if about else ""


def _aliases() -> Offers:
    from ..models import hub

    return hub.ALIASES.items()


def _or_files(offers: Offers, incomplete: str, *endings: str) -> Iterator[tuple[str, str]]:
    """The values that fit, and files beside them; where no value does, the shell completes files by itself."""
    fitting = [offer for offer in offers if offer[0].startswith(incomplete)]
    yield from fitting
    for ending in endings if fitting else ():
        for file in glob(f"{escape(incomplete)}*{ending}"):
            if _is_plain(file):
                yield file.removesuffix(CONFIG), ""


def _is_plain(text: str) -> bool:
    """Whether a shell takes a text as it is; bash would not quote it."""
    return quote(text) == text


class Knob(NamedTuple):
    """A setting by its key as it is typed, with its sentence, its default as text and its choices, if it has any."""

    key: str
    about: str
    default: str
    choices: tuple[str, ...]


def _assignments(knobs: Iterable[Knob], incomplete: str) -> Iterator[tuple[str, str]]:
    """Keys that fit, or values of the one that does."""
    head = os.environ.get(HEAD, "")
    key, equals, values = f"{head}{incomplete}".partition("=")
    fitting = [knob for knob in knobs if knob.key == key or (not equals and knob.key.startswith(key))]
    if not equals:
        yield from ((f"{knob.key}=", knob.about) for knob in fitting)
    if not equals and len({knob.key for knob in fitting}) > 1:
        return
    # With values beside it, the only key that fits gets no space behind its equals sign.
    before = values[: values.rfind(",") + 1]
    for knob in fitting:
        for value in filter(_is_plain, knob.choices or (knob.default,)):
            whole = f"{knob.key}={before}{value}"
            yield whole.removeprefix(head), "the default" if value == knob.default else ""


def _knobs(context: typer.Context) -> Iterator[Knob]:
    """Options of the strategies that the command line names so far, or of all, and every other setting of a preset."""
    from ..config.schema import DECODE, WRAP, join
    from ..core.plugins import class_name

    for name in _strategies(context):
        yield from _declared(f"strategies/{name}", class_name(name))
    for knob in _declared("engine/settings", "Settings", DECODE):
        folder = NAMED.get(knob.key.removeprefix(join(DECODE, "")))
        yield knob._replace(choices=tuple(parts(folder))) if folder else knob
    for setting, folder in NAMED.items():
        table = f"{setting}_options"
        for name in parts(folder):
            yield from _declared(f"{folder}/{name}", class_name(name), join(WRAP, name) if table == WRAP else table)


def _strategies(context: typer.Context) -> list[str]:
    """The strategies that a command line names, itself or by presets; all of them where it names none."""
    known, asked = parts("strategies"), context.params
    # Typer does not sort out arguments that stand before an option whose value is still to come.
    presets = [asked.get("preset"), *(asked.get("presets") or ()), *context.args]
    named = [asked["strategy"]] if asked.get("strategy") else presets
    found = {name if name in known else _strategy_of(name) for name in named if name}
    return [name for name in known if name in found] or known


def _strategy_of(name: str) -> str | None:
    from ..config import preset

    with suppress(UsageError):
        return preset.find(name).strategy
    return None


def _declared(file: str, kind: str, table: str = "") -> Iterator[Knob]:
    """The settings that a class of a file declares or has from one beside it, as `dlldecode.core.fields` tells them."""
    from ..config.schema import join

    source = _source(file)
    found = next(item for item in source.body if isinstance(item, ast.ClassDef) and item.name == kind)
    bases = {ast.unparse(base) for base in found.bases}
    for item in (*source.body, *found.body):
        match item:
            case ast.ImportFrom(module=str(module), level=1, names=names):
                for base in bases & {each.name for each in names}:
                    yield from _declared(str(Path(file).with_name(module)), base, table)
            case ast.AnnAssign(annotation=ast.Subscript(value=ast.Name("Annotated")), target=ast.Name(name)):
                yield _knob(join(table, name), item)


def _knob(key: str, declared: ast.AnnAssign) -> Knob:
    from .shown import toml_value

    about, choices = "", ()
    for node in ast.walk(declared.annotation):
        match node:
            case ast.Call(func=ast.Name("Doc"), args=[sentence]):
                about = ast.literal_eval(sentence)
            case ast.Subscript(value=ast.Name("Literal"), slice=listed):
                choices = ast.literal_eval(listed)
            case ast.Name("bool"):
                choices = ("false", "true")
    default = toml_value(ast.literal_eval(declared.value)).strip('"')
    return Knob(key, about, default, choices if isinstance(choices, tuple) else (choices,))


def _source(file: str) -> ast.Module:
    return ast.parse((PACKAGE / f"{file}.py").read_text(encoding="utf-8"))
