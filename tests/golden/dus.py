"""The release's dilated schedule for one row over lists; what is unsure at its turn is written with the last level."""

from collections.abc import Callable


def levels(length: int, base: int, base_skip: int) -> list[list[int]]:
    stride, found, revealed = length // base**base_skip, [], set()
    while stride >= 1:
        turn = [at for at in range(length) if at % stride == 0 and at not in revealed]
        found += [turn] if turn else []
        revealed |= set(turn)
        stride //= base
    rest = [at for at in range(length) if at not in revealed]
    found += [rest] if rest else []
    if len(found) >= 2 and len(found[-1]) < len(found[-2]):
        found[-2:] = [found[-2] + found[-1]]
    return found


def decode(look: Callable, canvas: int, block: int, threshold: float, base: int = 2, base_skip: int = 1) -> list[list]:
    """The canvas after every forward, None for masks; a level that writes nothing costs none."""
    board: list = [None] * canvas
    told = []
    for first in range(0, canvas, block):
        length = min(block, canvas - first)
        schedule = levels(length, base, base_skip)
        late: list[int] = []
        outlook = None
        for level in schedule:
            outlook = outlook or look(board)
            confidence, token = outlook
            unsure = [at for at in level if confidence[first + at] < threshold]
            if level is schedule[-1]:
                write, late = level + late, []
            else:
                write, late = [at for at in level if at not in unsure], late + unsure
            for at in write:
                board[first + at] = token[first + at]
            if write:
                told.append(list(board))
                outlook = None
    return told
