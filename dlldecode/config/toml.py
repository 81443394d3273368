"""TOML files read together with the line on which each key stands."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import PresetError, UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Key = tuple[str, ...]

_HEADER = re.compile(r"\s*\[(?!\[)[^\]]*\]\s*(#.*)?$")
_ASSIGNMENT = re.compile(r"""\s*((?:[\w\-.\s]|"[^"]*"|'[^']*')+?)\s*=""")
_PIECE = re.compile(r"""(?<!\w)"(?:[^"\\]|\\.)*"|(?<!\w)'[^']*'|.""", re.DOTALL)  # an apostrophe is no quote
_FENCES = ('"""', "'''")


@dataclass(frozen=True)
class Source:
    """A TOML file: its content, and where each key stands."""

    path: Path
    table: dict[str, Any]
    lines: dict[Key, int] = field(repr=False)

    def place(self, *key: str) -> str:
        """`file:line` of a key, of the first one inside of it, or of the nearest table around it."""
        for size in range(len(key), 0, -1):
            inside = [line for each, line in self.lines.items() if each[:size] == key[:size]]
            if inside:
                return f"{shown(self.path)}:{self.lines.get(key[:size], min(inside))}"
        return shown(self.path)

    def within(self, *prefix: str) -> Source:
        """The part of the file under a table, as if it were a file of its own; empty when it is absent."""
        table: Any = self.table
        for part in prefix:
            table = table.get(part, {}) if isinstance(table, dict) else {}
        size = len(prefix)
        lines = {key[size:]: line for key, line in self.lines.items() if key[:size] == prefix}
        return Source(self.path, table, lines)


def read(path: Path) -> Source:
    """Read a TOML file; a file that cannot be read, or is no TOML, is a PresetError naming the line."""
    text = ""
    try:
        text = path.read_bytes().decode("utf-8")
        return Source(path, tomllib.loads(text), key_lines(text))
    except OSError as error:
        raise UsageError(f"cannot read {shown(path)}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise PresetError([f"{shown(path)}  is not UTF-8 text (byte {error.start})"]) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        line = int(found.group(1)) if found else max(1, len(text.splitlines()))
        raise PresetError([f"{shown(path)}:{line}  is not valid TOML: {error}"]) from None


def value(text: str) -> Any:
    """A TOML value as typed on a command line; a bare word that is no TOML is taken as text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text


def separated(text: str) -> list[str]:
    """A text cut at its commas, those inside of brackets and quotes aside."""
    parts, depth = [""], 0
    for piece in _PIECE.findall(text):
        depth = max(0, depth + (piece in ("[", "{")) - (piece in ("]", "}")))
        if piece == "," and not depth:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def shown(path: Path) -> str:
    """A path as a reader wants it: short below the working folder, else in full."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def key_lines(text: str) -> dict[Key, int]:
    """Line numbers by key path; made for messages, so what it cannot read it leaves out."""
    lines: dict[Key, int] = {}
    table: Key = ()
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if fence:
            fence = "" if fence in line else fence
            continue
        if _HEADER.match(line):
            table = _path(line)
            lines.setdefault(table, number)
        elif assigned := _ASSIGNMENT.match(line):
            lines.setdefault(table + _path(f"{assigned.group(1)} = 0"), number)
        fence = next((mark for mark in _FENCES if line.count(mark) % 2), "")
    return lines


def _path(text: str) -> Key:
    try:
        node: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return ()
    keys = []
    while isinstance(node, dict) and node:
        key, node = next(iter(node.items()))
        keys.append(key)
    return tuple(keys)
