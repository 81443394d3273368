"""Whole decodes by the engine on worlds, told as the canvas after every forward."""

from ..fakes import MASK, World, end_of, model_of, play, recipe, steps_of


def decoded(worlds: list[World], strategy: str, options: dict, canvas: int, block: int) -> list[list[list]]:
    """For each row the canvas after every step, None for masks; every step is a forward, and the end agrees."""
    made = recipe(strategy, options, max_tokens=canvas, block_length=block, stop="none")
    events = play(model_of(worlds, canvas), made, [(1, 2)] * len(worlds))
    told = []
    for row in range(len(worlds)):
        board: list = [None] * canvas
        boards = []
        for step in steps_of(events, row):
            for at in step.revocations:
                board[at] = None
            for commit in step.commits:
                board[commit.position] = commit.token
            boards.append(list(board))
        end = end_of(events, row)
        assert list(end.token_ids) == board and None not in board
        assert end.forwards.total == len(boards)
        told.append(boards)
    return told


def look_at(world: World):
    """A world as the transcriptions look at it."""

    def look(board: list) -> tuple[list[float], list[int]]:
        outlooks = world.look([MASK if token is None else token for token in board])
        return [outlook.confidence for outlook in outlooks], [outlook.token for outlook in outlooks]

    return look


def logits_of(world: World):
    """The logits of a world."""
    return lambda board: world.logits([MASK if token is None else token for token in board]).tolist()
