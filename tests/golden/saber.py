"""Saber's release for one row over lists; a later block begins as the first one does, but for the mean."""

from collections.abc import Callable


def decode(look: Callable, canvas: int, block: int, least: int = 2, mu: int = 8) -> list[list]:
    """The canvas after every forward, None for masks; `look(board)` gives a confidence and a token for every place."""
    board: list = [None] * canvas
    final: dict[int, float] = {}
    told = []
    for first in range(0, canvas, block):
        span = range(first, min(first + block, canvas))
        last = dict.fromkeys(span, 0.0)
        while any(board[at] is None for at in span):
            confidence, token = look(board)
            masked = [at for at in span if board[at] is None]
            bar = sum(final.values()) / len(final) if final else 1.0
            select = [at for at in masked if confidence[at] > bar]
            if len(select) < least:
                select = sorted(masked, key=lambda at: (-confidence[at], at))[:least]
            for at in select:
                board[at], final[at] = token[at], confidence[at]
            delta = {at: confidence[at] - last[at] for at in span}
            last = {at: confidence[at] for at in span}
            if any(board[at] is None for at in span):
                number = min(max(least // 2, (len(select) + mu - 1) // mu), len(select) - 1)
                standing = [at for at in span if board[at] is not None]
                for at in sorted(standing, key=lambda at: (delta[at], at))[:number]:
                    board[at] = None
            told.append(list(board))
    return told
