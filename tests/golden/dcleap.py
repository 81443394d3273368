"""DC-Leap's release for one row over lists: a bank of drafts beside the text, shown to the model beyond the window."""

from collections.abc import Callable


def decode(look: Callable, canvas: int, block: int, window: int | None, threshold: float, draft: float) -> list[list]:
    """What the model is shown after every forward, None for masks; each block is decoded as the release does a canvas.

    The window of the release ends with the text; one that never moves on is not shown again.
    """
    text: list = [None] * canvas
    told = []
    for first in range(0, canvas, block):
        end = min(first + block, canvas)
        width = window or (end - first) // 2
        bank: list = [None] * canvas
        verified = first
        while verified < end:
            confidence, token = look(shown(text, bank, verified, width, end))
            near = range(verified, min(verified + width, end))
            leap = []
            for at in near:
                if not confidence[at] > threshold:
                    break
                leap.append(at)
            for at in leap or [verified]:
                text[at] = token[at]
            for at in range(verified, min(verified + 2 * width, end)):
                if confidence[at] > draft:
                    bank[at] = token[at]
            verified += len(leap) or 1
            told.append(shown(text, bank, verified, width, end))
    return told


def shown(text: list, bank: list, verified: int, window: int, end: int) -> list:
    """The text so far, with drafts in the stretch after the window."""
    board = list(text)
    for at in range(verified + window, min(verified + 2 * window, end)):
        board[at] = bank[at]
    return board
