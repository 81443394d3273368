"""What a strategy may know, what it may say, and the shape of a strategy."""

from __future__ import annotations

from abc import abstractmethod
from enum import IntEnum
from typing import ClassVar, NamedTuple, Protocol, TypeVar

import torch

from .shapes import Count, Flag, Fraction, Ids, Logits, Mask, Score

S = TypeVar("S")


class Extra(NamedTuple):
    """What a strategy's `needs` asked for; a field that nobody asked for is None.

    `logits` are the adjusted ones `[B, W, V]`, `raw` those that `adjust` was given; `margin` is the gap between the two
    best of the model's own logits; `entropy` is in nats; `peak` and `runner_up` are the two highest probabilities of
    any tokens but the mask; `shadow` is the probability of the token that stands at a position, seen without that
    token.
    """

    logits: Logits | None = None
    margin: Score | None = None
    entropy: Score | None = None
    peak: Score | None = None
    runner_up: Score | None = None
    shadow: Score | None = None
    raw: Logits | None = None


class StepView(NamedTuple):
    """What a strategy may know about one forward; W is the static width of the widest window.

    `proposal` and `confidence` are the sampler's token at every position and its probability; `current` and
    `written` what stands there now and its probability under the same logits. `masked` is still to be written,
    `valid` lies inside the row's open window, `leading` in its earliest unfinished block (where blocks open one by one,
    that is all of it). `position` is the place in the canvas. Per row: `step` since the
    start, `block_step` since the window opened, `progress` the written share of the canvas, `quota` the number
    of positions that LLaDA's schedule writes now, `steps` how many it gives the open window, at least 1. `noise` holds
    uniform numbers in [0, 1).
    """

    proposal: Ids
    confidence: Score
    current: Ids
    written: Score
    masked: Mask
    valid: Mask
    leading: Mask
    position: Ids
    step: Count
    block_step: Count
    progress: Fraction
    quota: Count
    steps: Count
    noise: Score
    extra: Extra


class Kind(IntEnum):
    """Why a position was written; travels to the trace and the display."""

    PLAIN = 0
    SURE = 1  # passed the strategy's high bar
    BEST = 2  # the best of its region
    SEED = 3  # DiCo's seeds: the anchors its clusters grow from
    FORCED = 4  # written because a step must write something


class Phase(IntEnum):
    """The phase of a strategy that has phases."""

    NONE = 0
    DIVIDE = 1
    CONQUER = 2
    FINALIZE = 3


class Notes(NamedTuple):
    """How a decision explains itself to the trace; `cluster` is True inside a local cluster.

    Regions and anchors need no note: they follow from what is masked.
    """

    cluster: Mask
    kind: Ids
    phase: Count


class Decision(NamedTuple):
    """What one step does: `commit` writes `tokens`, `revoke` takes back; both on one position rewrites in place.

    `score` ranks the positions: the guard falls back on the best one, and drops the revocations that score highest.
    Rows that `stay` keep their window for another forward, even if nothing is left in it; None is no row, and a row
    that has written nothing in this step goes on in any case.
    """

    commit: Mask
    revoke: Mask
    tokens: Ids
    score: Score
    notes: Notes
    stay: Flag | None = None


class Strategy(Protocol[S]):
    """A commit rule: a frozen dataclass whose fields are its options, pure in everything it does.

    `max_idle` is how many steps in a row may write nothing before the guard steps in; `scope` says how long a state
    lives: `init` is called at the opening of every "block", or at the first one only, for the whole "canvas";
    `uses_quota` tells that the strategy follows the schedule that `steps` sets. With `is_tempered` the logits are
    divided by the temperature before `adjust`, so that confidences are those of the distribution that tokens are drawn
    from; without it they are those of the raw logits.
    """

    scope: ClassVar[str] = "block"
    uses_quota: ClassVar[bool] = False
    is_tempered: ClassVar[bool] = False

    @property
    def max_idle(self) -> int:
        """Steps in a row that may write nothing; a class attribute where no option changes it."""
        return 0

    @property
    def opens_first(self) -> bool:
        """Whether a window's first position is written by the forward that opens it, so that no other asks for it."""
        return False

    @property
    def needs(self) -> frozenset[str]:
        """Fields of `Extra` that `step` reads; a class attribute where no option changes them."""
        return frozenset()

    @abstractmethod
    def init(self, masked: Mask, vocabulary: int) -> S:
        """State at the opening of a block whose positions to write are `masked`; logits have `vocabulary` entries."""
        ...

    def adjust(self, logits: Logits, state: S) -> Logits:
        """The logits that proposals and confidences are taken from; the identity for most."""
        return logits

    @abstractmethod
    def step(self, view: StepView, state: S) -> tuple[Decision, S]:
        """Decide what to write and what to take back after one forward."""
        ...


def plain_notes(view: StepView) -> Notes:
    """Notes of a decision that has no clusters, kinds or phases."""
    return Notes(torch.zeros_like(view.masked), torch.zeros_like(view.position), torch.zeros_like(view.step))


def write(view: StepView, commit: Mask, score: Score | None = None, notes: Notes | None = None) -> Decision:
    """The decision that writes the proposals at `commit` and takes nothing back; ranked by confidence."""
    return Decision(
        commit=commit,
        revoke=torch.zeros_like(commit),
        tokens=view.proposal,
        score=view.confidence if score is None else score,
        notes=plain_notes(view) if notes is None else notes,
    )
