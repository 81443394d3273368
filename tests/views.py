"""What a strategy sees, built from lists or drawn as text, without an engine."""

import math
import random
from textwrap import dedent

import torch

from dlldecode.core.step import Decision, Extra, StepView

from .fakes import VOCABULARY

DIGITS = {str(digit): digit / 10 for digit in range(10)} | {"X": 0.995, "n": -math.inf, ".": 0.0, " ": 0.0}


def view_of(masked, confidence, **more) -> StepView:
    """A view from `[B][W]` lists; everything else is plain unless given."""
    masked = torch.as_tensor(masked, dtype=torch.bool)
    confidence = torch.as_tensor(confidence, dtype=torch.float32)
    rows, width = masked.shape
    zero = torch.zeros(rows, dtype=torch.int64)
    place = torch.arange(width).expand(rows, width)
    plain = StepView(
        proposal=place % 12,
        confidence=confidence,
        current=(place + 1) % 12,
        written=confidence,
        masked=masked,
        valid=torch.ones_like(masked),
        leading=more.get("valid", torch.ones_like(masked)),
        position=place,
        step=zero,
        block_step=zero,
        progress=(~masked).float().mean(dim=1),
        quota=zero + 1,
        steps=zero + width,
        noise=torch.full((rows, width), 0.5),
        extra=Extra(
            logits=torch.zeros(rows, width, VOCABULARY),
            margin=torch.zeros(rows, width),
            entropy=torch.zeros(rows, width),
            peak=confidence,
            runner_up=confidence / 2,
            shadow=torch.zeros(rows, width),
            raw=torch.zeros(rows, width, VOCABULARY),
        ),
    )
    extra = plain.extra._replace(**{name: more.pop(name) for name in list(more) if name in Extra._fields})
    return plain._replace(extra=extra, **more)


def random_view(rows: int, width: int, seed: int, grid: int = 0) -> StepView:
    """Rows of any kind: partly written, all masked, shorter than the window, finished; on a grid of confidences or not.

    The last row is finished: nothing is masked and nothing is open.
    """
    dice = random.Random(seed)
    sizes = [dice.choice([width, width, dice.randint(1, width)]) for _ in range(rows - 1)] + [0]
    valid = [[at < size for at in range(width)] for size in sizes]
    masked = []
    for size in sizes:
        share = dice.choice([0.0, 0.2, 0.5, 0.8])
        masked.append([at < size and (at == 0 or dice.random() >= share) for at in range(width)])

    def numbers():
        table = [[dice.random() for _ in range(width)] for _ in sizes]
        return torch.tensor([[round(x * grid) / grid if grid else x for x in row] for row in table])

    steps = torch.tensor([dice.randint(0, width) for _ in sizes])
    logits = torch.tensor([[[dice.gauss(0, 2) for _ in range(VOCABULARY)] for _ in range(width)] for _ in sizes])
    return view_of(
        masked,
        numbers(),
        valid=torch.tensor(valid),
        written=numbers(),
        proposal=torch.tensor([[dice.randrange(12) for _ in range(width)] for _ in sizes]),
        current=torch.tensor([[dice.randrange(12) for _ in range(width)] for _ in sizes]),
        step=steps,
        block_step=steps,
        progress=torch.tensor([dice.random() for _ in sizes]),
        quota=torch.tensor([dice.randint(0, 3) for _ in sizes]),
        steps=torch.tensor([dice.randint(1, 2 * width) for _ in sizes]),
        noise=numbers(),
        logits=logits,
        raw=logits,
        margin=numbers() * 6,
        entropy=numbers(),
        peak=numbers(),
        runner_up=numbers() / 2,
        shadow=numbers(),
    )


def drawn(drawing: str, **more) -> StepView:
    """One row from two lines: the window (`_` masked, `#` beyond the block's end, else written), the confidences.

    A digit d is the confidence d/10, X is 0.995, n is not a number.
    """
    window, confidence = dedent(drawing).strip("\n").split("\n")[:2]
    numbers = [[DIGITS[mark] for mark in confidence.ljust(len(window))]]
    valid = torch.tensor([[mark != "#" for mark in window]])
    more = {"valid": valid, **more}
    return view_of([[mark == "_" for mark in window]], numbers, **more)


def outcome(decision: Decision, row: int = 0) -> str:
    """A decision as text: `W` written, `R` taken back, `O` rewritten in place, `.` left alone."""
    pairs = zip(decision.commit[row].tolist(), decision.revoke[row].tolist(), strict=True)
    return "".join({(True, False): "W", (False, True): "R", (True, True): "O"}.get(pair, ".") for pair in pairs)


def check(strategy, drawing: str, **more) -> Decision:
    """Decide on a drawing of three lines, whose third is the expected outcome."""
    view = drawn(drawing, **more)
    return expect(strategy, view, strategy.init(view.masked, VOCABULARY), dedent(drawing).strip("\n").split("\n")[2])[0]


def expect(strategy, view: StepView, state, expected: str) -> tuple[Decision, object]:
    """Decide in a given state."""
    decision, state = strategy.step(view, state)
    assert outcome(decision) == expected
    return decision, state
