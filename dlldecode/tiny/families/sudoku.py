"""Four by four sudoku: every row, column and quarter holds 1 to 4."""

from __future__ import annotations

import random
from itertools import permutations

from dlldecode.tiny.problem import Problem
from dlldecode.tiny.words import pick


def is_valid(cells: tuple[int, ...]) -> bool:
    """Say whether 16 cells, row by row, fill the grid rightly."""
    full = {1, 2, 3, 4}
    rows = [cells[4 * row : 4 * row + 4] for row in range(4)]
    columns = [cells[column::4] for column in range(4)]
    quarters = [cells[at : at + 2] + cells[at + 4 : at + 6] for at in (0, 2, 8, 10)]
    return all(set(group) == full for group in rows + columns + quarters)


def every_grid() -> tuple[tuple[int, ...], ...]:
    """List the 288 filled grids."""
    lines = list(permutations((1, 2, 3, 4)))
    return tuple(
        cells
        for first in lines
        for second in lines
        if not set(first[:2]) & set(second[:2])
        for third in lines
        if all(third[i] not in (first[i], second[i]) for i in range(4))
        for fourth in lines
        if is_valid(cells := first + second + third + fourth)
    )


GRIDS = every_grid()
PROMPTS = (
    "Fill in this 4x4 sudoku.\n{g}",
    "Solve the sudoku:\n{g}",
    "Complete the grid with 1 to 4.\n{g}",
    "{g}\nFill the open places so that rows, columns and quarters have 1 to 4.",
    "Here is a small sudoku.\n{g}\nPlease solve it.",
    "Each row, column and quarter needs 1, 2, 3 and 4.\n{g}",
    "What goes into the empty cells?\n{g}",
)
OPENINGS = (
    "Here is the filled grid:",
    "The solution is",
    "Solved:",
    "This is the complete sudoku:",
    "One way to fill it:",
    "I filled {n} cells:",
    "With {n} cells filled in, the grid is",
    "All rows, columns and quarters now have 1 to 4:",
    "After placing {n} numbers we get",
    "Done! The grid looks like this:",
    "The full grid reads",
)
CLOSINGS = (
    "",
    "",
    "",
    "\nEvery row has 1 to 4.",
    "\nThat fills the grid.",
    "\nAll cells are filled.",
    "\nEach quarter is complete, too.",
)


def draw(cells: list[str]) -> str:
    """Write the grid, one row a line."""
    return "\n".join(" ".join(cells[4 * row : 4 * row + 4]) for row in range(4))


def sample(rng: random.Random) -> Problem:
    """Draw a filled grid and open all but 4 to 10 of its cells."""
    cells = rng.choice(GRIDS)
    given = set(rng.sample(range(16), rng.randint(4, 10)))
    blank = "." if rng.random() < 0.5 else "_"
    shown = [str(cell) if place in given else blank for place, cell in enumerate(cells)]
    answer = pick(rng, OPENINGS, n=16 - len(given)) + "\n" + draw([str(cell) for cell in cells]) + rng.choice(CLOSINGS)
    facts = tuple(cell if place in given else 0 for place, cell in enumerate(cells))
    return Problem("sudoku", pick(rng, PROMPTS, g=draw(shown)), answer, facts)


def check(problem: Problem, text: str) -> bool:
    """Say whether the reply holds exactly one grid, right and in agreement with the givens."""
    rows = [line.split() for line in text.split("\n")]
    rows = [row for row in rows if len(row) == 4 and all(cell in ("1", "2", "3", "4") for cell in row)]
    cells = tuple(int(cell) for row in rows for cell in row)
    givens: tuple[int, ...] = problem.facts
    return len(cells) == 16 and is_valid(cells) and all(a in (0, b) for a, b in zip(givens, cells, strict=True))
