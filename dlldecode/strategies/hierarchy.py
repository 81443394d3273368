"""Hierarchy-dLLM: written tokens are anchors that split runs of masks into ever smaller regions, decoded in parallel.

"Hierarchy Decoding: A Training-free Parallel Decoding Strategy for Diffusion Large Language Models", ICLR 2026,
https://openreview.net/forum?id=ZsIQUjQtdW. Comparisons are the paper's (at or above) or, as in dInfer, strict; the
block is the scope of everything. Of equals the leftmost stands for its region, but in dInfer's decoder class, which
has no remasking, all of them do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Ge, Le
from typing_extensions import Doc

from ..core.select import bar, best, best_per_run, next_true, ranked, run_bounds, top
from ..core.shapes import Mask, Score
from ..core.step import Decision, Kind, StepView, Strategy, plain_notes


@dataclass(frozen=True)
class Hierarchy(Strategy[tuple[()]]):
    """In each region all positions at or above `high`, else its best one at or above `low`; the block's best if none.

    With `remask`, written tokens whose confidence fell below it count as masks before the regions are formed. Those
    chosen again are rewritten in place, the others return to masks, and the step writes at least one more position
    than were doubted, so that the masks of a block shrink by at least one.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"peak"})

    high: Annotated[float, Ge(0), Le(1), Doc("confidence from which a position is written at once")] = 0.9
    low: Annotated[float, Ge(0), Le(1), Doc("confidence from which the best of a region is written")] = 0.4
    remask: Annotated[float, Ge(0), Le(1), Doc("written tokens below this confidence are doubted; 0 is off")] = 0.0
    remask_by: Annotated[
        Literal["argmax", "written"],
        Doc("doubt by the position's highest probability (the paper) or by the written token's own"),
    ] = "argmax"
    conventions: Annotated[
        Literal["paper", "released"],
        Doc("released: only what lies above a bar passes; without remask, all equals of a region's best are written"),
    ] = "paper"

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state: the regions follow from the masks."""
        return ()

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """Doubt, split into regions, and write in every region at once."""
        trust = self._trust(view)
        doubted = view.valid & ~view.masked & (trust < bar(self.remask, trust)) & view.masked.any(dim=1, keepdim=True)
        area = view.masked | doubted
        confidence = ranked(view.confidence, area)
        sure = area & self._passes(confidence, self.high)
        leaders = self._leaders(confidence, area) & self._passes(confidence, self.low)
        chosen = sure | leaders
        chosen = chosen | (best(view.confidence, area) & ~chosen.any(dim=1, keepdim=True))
        missing = doubted.sum(dim=1) + 1 - chosen.sum(dim=1)
        chosen = chosen | top(view.confidence, area & ~chosen, missing)
        kind = torch.where(sure, int(Kind.SURE), int(Kind.BEST))
        score = torch.where(doubted & ~chosen, trust, view.confidence)
        decision = Decision(chosen, doubted, view.proposal, score, plain_notes(view)._replace(kind=kind))
        return decision, state

    def _passes(self, score: Score, height: float) -> Mask:
        """What reaches a bar or, as released, lies above it."""
        height = bar(height, score)
        return score > height if self.conventions == "released" else score >= height

    def _leaders(self, score: Score, area: Mask) -> Mask:
        """The best position of every region or, as released without remasking, all that equal it."""
        leaders = best_per_run(score, area)
        if self.conventions != "released" or self.remask > 0:
            return leaders
        # A run has one leader, which is the first one at or right of the run's start.
        at = next_true(leaders).gather(1, run_bounds(area).first.clamp(min=0)).clamp(max=score.shape[1] - 1)
        return area & (score == score.gather(1, at))

    def _trust(self, view: StepView) -> Score:
        """What remasking tests: free of sampling noise whatever the temperature."""
        if self.remask_by == "written":
            return view.written
        assert view.extra.peak is not None
        return view.extra.peak
