"""Sudoku, 4x4 or 9x9: any filled grid that obeys the rules and keeps the given cells is right.

Records are d1's (`Puzzle`, `Solution`: the cells row by row, 0 for a blank) or Dream's (`input`, `output`: a row a
line). The grid is read from the last `<answer>`, or from the whole text. Spaces and the separators | - + _ , * [ ]
are dropped; of what is left, runs of digits that are whole rows (4, 8, 12 or 16 digits at 4x4) count, other numbers
do not, and the last 16 of those digits are the grid.

`solved` is the share of solved puzzles. `cells` is d1's metric, the share of blank cells that agree with the record's
solution: it counts cells of another valid grid as wrong, and d1's file has 124 puzzles with several solutions.
"""

from __future__ import annotations

import re
from math import isqrt

from ..answers import tagged
from ..verdict import Doc, Verdict

RUNS_CODE = False
SEPARATORS = str.maketrans("", "", " \t\r|-+_,*[]")


def score(doc: Doc, text: str) -> Verdict:
    """Judge the grid as a whole and the blank cells one by one."""
    puzzle, solution = _cells(doc, "Puzzle", "input"), _cells(doc, "Solution", "output")
    grid = read(text, isqrt(len(puzzle)))
    if grid is None:
        return Verdict({"solved": 0.0, "cells": 0.0}, note="no grid")
    kept = all(given in ("0", cell) for given, cell in zip(puzzle, grid, strict=True))
    blank = [cell == right for given, cell, right in zip(puzzle, grid, solution, strict=True) if given == "0"]
    solved = float(kept and is_valid(grid))
    return Verdict({"solved": solved, "cells": sum(blank) / len(blank) if blank else solved}, answer=grid)


def gold(doc: Doc) -> str:
    """The record's solution."""
    return _cells(doc, "Solution", "output")


def read(text: str, side: int) -> str | None:
    """The last grid of a text, row by row; None where there are too few rows."""
    answer = tagged(text)
    plain = (text if answer is None else answer).translate(SEPARATORS)
    rows = re.findall(rf"(?<![0-9])(?:[1-{side}]{{{side}}}){{1,{side}}}(?![0-9])", plain)
    cells = "".join(rows)
    return cells[-side * side :] if len(cells) >= side * side else None


def is_valid(grid: str) -> bool:
    """Say whether every row, column and box holds each digit once."""
    side = isqrt(len(grid))
    box = isqrt(side)
    places = range(side * side)
    groups = {(kind, group): "" for kind in "rcb" for group in range(side)}
    for place in places:
        row, column = divmod(place, side)
        for key in (("r", row), ("c", column), ("b", row // box * box + column // box)):
            groups[key] += grid[place]
    return all(set(group) == set("123456789"[:side]) for group in groups.values())


def _cells(doc: Doc, csv: str, lines: str) -> str:
    return "".join(str(doc[csv] if csv in doc else doc[lines]).split())
