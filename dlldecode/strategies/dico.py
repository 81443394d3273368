"""DiCo: Divide finds seeds and grows local clusters, Conquer decodes the clusters in parallel, Finalize mops up.

Luo et al. 2026, "Divide and Conquer: Accelerating Diffusion-Based Large Language Models via Adaptive Parallel
Decoding", https://arxiv.org/abs/2602.23792. The defaults are the released ones for blocks of 128. A pass that would
write nothing hands its logits on to the next phase, which saves the forward, and without a cache changes no token.

Clusters are intervals; touching ones are merged, so a mask of the window is all the state that they need: its runs
are the clusters. Every phase is computed once per step for all rows, and each row takes the one that it is in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, NamedTuple

import torch
from annotated_types import Ge, Gt, Le
from typing_extensions import Doc

from ..core.guidance import trajectory
from ..core.select import (
    Bounds,
    after,
    before,
    best,
    best_per_group,
    count_in_group,
    count_runs,
    paint,
    places,
    rank_in_group,
    run_bounds,
    runs,
    trim,
    walk,
)
from ..core.shapes import Count, Flag, Fraction, Ids, Mask, Score
from ..core.step import Decision, Kind, Notes, Phase, StepView, Strategy

MILLIONTH = 1e-6  # the released code divides by 1 - c plus this


class Progress(NamedTuple):
    """Where a row stands in its block.

    `cluster` are the positions inside of clusters; `passes` counts the forwards of the running Divide phase, `stall`
    its last ones without progress, `rounds` the finished rounds of Divide and Conquer.
    """

    phase: Count
    rounds: Count
    passes: Count
    stall: Count
    cluster: Mask


@dataclass(frozen=True)
class Dico(Strategy[Progress]):
    """Three phases: Divide, Conquer (repeated until `gate` of the block is written), Finalize."""

    needs: ClassVar[frozenset[str]] = frozenset({"margin"})

    seeds: Annotated[int, Ge(1), Le(64), Doc("seeds written in one Divide pass at most (N)")] = 4
    tolerance: Annotated[int, Ge(0), Doc("failing positions in a row that a growing cluster bridges (M)")] = 2
    growth: Annotated[float, Ge(0), Doc("share by which one cluster must grow for a pass to count as progress")] = 0.1
    patience: Annotated[int, Ge(1), Doc("Divide passes in a row without progress that end the phase")] = 2
    rule: Annotated[
        Literal["factor", "fixed"],
        Doc("Conquer writes the prefix that `factor` admits, or all above `threshold`"),
    ] = "factor"
    threshold: Annotated[float, Ge(0), Le(1), Doc("confidence that rule = fixed asks for")] = 0.95
    sure_scope: Annotated[
        Literal["block", "clusters", "off"], Doc("where Conquer also writes everything above tau_sure")
    ] = "block"
    progress_scope: Annotated[Literal["canvas", "block"], Doc("whose written share relaxes the guidance")] = "canvas"
    max_divide_steps: Annotated[int, Ge(1), Doc("forwards of one Divide phase at most")] = 10
    tau_seed: Annotated[float, Ge(0), Le(1), Doc("guided confidence of seeds and of positions that join them")] = 0.3
    tau_low: Annotated[
        float,
        Ge(0),
        Le(1),
        Doc("mean confidence that ends Divide and keeps Conquer going; growth bar in Conquer"),
    ] = 0.6
    tau_sure: Annotated[float, Ge(0), Le(1), Doc("confidence above which a position is written anyway")] = 0.98
    tau_margin: Annotated[float, Ge(0), Doc("gap of the two best logits above which Finalize writes")] = 3.0
    factor: Annotated[float, Gt(0), Doc("bound on (n + 1)(1 - c) inside a cluster")] = 1.0
    gate: Annotated[float, Ge(0), Le(1), Doc("written share of the block that starts Finalize")] = 0.8
    guidance: Annotated[
        Literal["exponential", "linear", "off"],
        Doc("how trust falls from the left edge to the right in Divide"),
    ] = "exponential"
    alpha: Annotated[float, Ge(0), Doc("how fast the guidance relaxes with the written share")] = 0.5
    beta: Annotated[float, Gt(0), Le(1), Doc("trust at the right edge of an empty canvas")] = 0.05
    sigma: Annotated[
        Annotated[float, Gt(0)] | None,
        Doc("reach of the distance that seeds keep; a third of the block by default"),
    ] = None
    seed_picker: Annotated[
        Literal["soft_nms", "segments"], Doc("seeds repel one another softly, or one from each equal segment")
    ] = "soft_nms"
    right_edge: Annotated[
        Literal["inclusive", "released"],
        Doc("whether Conquer's growth may take the last position on its right; the released code never does"),
    ] = "inclusive"
    conventions: Annotated[
        Literal["lean", "released"],
        Doc("released: passes that write nothing pay their forward, and Conquer's rule adds a millionth to 1 - c"),
    ] = "lean"

    @property
    def max_idle(self) -> int:
        """As released, a pass of Divide, one of Conquer and another one of Divide may write nothing."""
        return 3 if self.conventions == "released" else 0

    def init(self, masked: Mask, vocabulary: int) -> Progress:
        """A block begins with Divide, without clusters."""
        zero = torch.zeros(masked.shape[0], dtype=torch.int64, device=masked.device)
        divide = torch.full_like(zero, int(Phase.DIVIDE))
        return Progress(divide, zero, zero, zero, torch.zeros_like(masked))

    def step(self, view: StepView, state: Progress) -> tuple[Decision, Progress]:
        """Give every row the phase it is in; unless as released, a phase that would write nothing hands the row on."""
        guided = view.confidence * self.trust(view)
        seed = self.pick_seeds(guided, view)
        clean = state._replace(cluster=trimmed(state.cluster, view.masked))
        conquered = self.conquer_picks(view, clean.cluster)
        at_divide, at_conquer, again = self.turns(view, clean, seed, conquered)
        at_finalize = ~at_divide & ~at_conquer

        divided = self.after_divide(view, guided, seed, restart(state, again))
        carried = self.after_conquer(view, conquered, clean)
        seeds, finals = seed & at_divide[:, None], self.finalize_picks(view) & at_finalize[:, None]
        commit = seeds | (conquered & at_conquer[:, None]) | finals
        ended = state._replace(phase=torch.full_like(state.phase, int(Phase.FINALIZE)))
        following = choose(at_divide, divided, choose(at_conquer, carried, ended))
        phase = torch.where(
            at_divide, int(Phase.DIVIDE), torch.where(at_conquer, int(Phase.CONQUER), int(Phase.FINALIZE))
        )
        shown = torch.where(at_divide[:, None], divided.cluster, clean.cluster) & ~at_finalize[:, None]
        notes = Notes(shown, torch.where(seeds, int(Kind.SEED), int(Kind.PLAIN)), phase)
        score = torch.where(at_divide[:, None], guided, view.confidence)
        stay = at_divide & (divided.phase == int(Phase.DIVIDE)) & ~(view.masked & ~commit).any(dim=1)
        decision = Decision(commit, torch.zeros_like(commit), view.proposal, score, notes)
        return decision._replace(stay=stay) if self.conventions == "released" else decision, following

    def turns(self, view: StepView, state: Progress, seed: Mask, picks: Mask) -> tuple[Flag, Flag, Flag]:
        """Which rows divide, which conquer, and which begin another round now; the others finalize."""
        in_divide, in_conquer = state.phase == int(Phase.DIVIDE), state.phase == int(Phase.CONQUER)
        if self.conventions == "released":
            return in_divide, in_conquer, torch.zeros_like(in_divide)
        seeded = seed.any(dim=1)
        able = in_conquer | (in_divide & ~seeded & state.cluster.any(dim=1))
        at_conquer = able & picks.any(dim=1)
        again = in_conquer & ~at_conquer & ~self.gated(view, view.masked, state.rounds)
        return (in_divide | again) & seeded, at_conquer, again

    def trust(self, view: StepView) -> Score:
        """Trajectory guidance: 1 at the first masked position of the block, `w_min` at the block's end."""
        if self.guidance == "off":
            return torch.ones_like(view.confidence)
        least = (self.beta + self.alpha * self.written_share(view)).clamp(max=1)
        return trajectory(view.masked, view.valid, least, self.guidance)

    def written_share(self, view: StepView) -> Fraction:
        """R(t), of the whole canvas or of the block."""
        if self.progress_scope == "canvas":
            return view.progress
        return 1 - masked_share(view, view.masked)

    def pick_seeds(self, guided: Score, view: StepView) -> Mask:
        """Up to `seeds` positions whose guided confidence reaches `tau_seed`, kept apart from one another."""
        able = view.masked & (guided >= self.tau_seed) & (guided > 0)
        if self.seed_picker == "segments":
            size = view.valid.sum(dim=1, keepdim=True)
            segment = (places(view.masked) * size.clamp(max=self.seeds)) // size.clamp(min=1)
            return best_per_group(guided, view.masked, segment) & able
        return self.spread_seeds(guided, able, view)

    def spread_seeds(self, guided: Score, able: Mask, view: StepView) -> Mask:
        """Soft non-maximum suppression: after each pick, scores fall by 1 - exp(-(distance / sigma)^2)."""
        place = places(view.masked).to(guided.dtype)
        size = view.valid.sum(dim=1, keepdim=True).clamp(min=1)
        sigma = size / 3 if self.sigma is None else torch.full_like(size, 1) * self.sigma
        score, picked = torch.where(view.masked, guided, 0).clamp(min=0), torch.zeros_like(able)
        going = torch.ones_like(view.step, dtype=torch.bool)
        for _ in range(self.seeds):
            winner = best(score, view.masked & (score > 0))
            going = going & (winner & able).any(dim=1)
            winner = winner & going[:, None]
            picked = picked | winner
            at = torch.where(winner, place, 0).sum(dim=1, keepdim=True)
            repelled = score * (1 - torch.exp(-(((place - at) / sigma) ** 2)))
            score = torch.where(going[:, None], repelled, score)
        return picked

    def after_divide(self, view: StepView, guided: Score, seed: Mask, state: Progress) -> Progress:
        """Grow clusters from the seeds, then stay in Divide, or go on with what is still masked of them."""
        known = run_bounds(state.cluster)
        place = places(seed)
        start = Bounds(*(torch.where(state.cluster, bound, place) for bound in known))
        good = view.masked & (guided >= self.tau_seed)
        grown = paint(walk(start, good, self.tolerance), seed) | state.cluster
        left = view.masked & ~seed
        stall = torch.where(self.progressed(seed, grown, state), 0, state.stall + 1)
        passes = state.passes + 1
        hot = mean(guided, left & grown) >= self.tau_low
        over = (passes >= self.max_divide_steps) | (stall >= self.patience) | ~seed.any(dim=1)
        leave = over | ((left & grown).any(dim=1) & hot)
        kept = trimmed(grown, left)
        then = torch.where(kept.any(dim=1), int(Phase.CONQUER), int(Phase.FINALIZE))
        return state._replace(
            phase=torch.where(leave, then, int(Phase.DIVIDE)),
            passes=passes,
            stall=stall,
            cluster=torch.where(leave[:, None], kept, grown),
        )

    def progressed(self, seed: Mask, grown: Mask, state: Progress) -> Flag:
        """Whether a pass was the first, made or merged clusters, or widened one by `growth`."""
        new = (seed & ~state.cluster).any(dim=1)
        changed = count_runs(grown) != count_runs(state.cluster)
        group = runs(grown)
        wide, narrow = count_in_group(grown, group), count_in_group(state.cluster, group)
        # Compared as a whole number of positions, so that 10 % of 10 is 1 in any floating point.
        widened = grown & (narrow > 0) & (wide >= torch.ceil(narrow * (1 + self.growth) - 1e-4))
        return (state.passes == 0) | new | changed | widened.any(dim=1)

    def conquer_picks(self, view: StepView, cluster: Mask) -> Mask:
        """What Conquer writes: the rule per cluster, the sure ones, and the best if the rule chose nothing."""
        inside = view.masked & cluster
        if self.rule == "fixed":
            chosen = inside & (view.confidence > self.threshold)
        else:
            place = rank_in_group(view.confidence, inside, runs(cluster))
            chosen = inside & self.bears(place, view.confidence)
        fallback = best(view.confidence, view.masked) & (view.confidence >= self.tau_low)
        fallback = fallback & ~chosen.any(dim=1, keepdim=True)
        return chosen | fallback | self.sure(view, cluster)

    def bears(self, place: Ids, confidence: Score) -> Mask:
        """Whether the rule admits the position at this place of its cluster's ranks."""
        if self.conventions == "released":
            return self.factor / (1 - confidence.double() + MILLIONTH) - 1 >= place
        return (place + 1) * (1 - confidence) < self.factor

    def sure(self, view: StepView, cluster: Mask) -> Mask:
        """Positions so confident that no cluster is asked for."""
        if self.sure_scope == "off":
            return torch.zeros_like(cluster)
        where = view.masked if self.sure_scope == "block" else view.masked & cluster
        return where & (view.confidence > self.tau_sure)

    def after_conquer(self, view: StepView, commit: Mask, state: Progress) -> Progress:
        """Move the clusters' borders, then stay in Conquer, begin another round, or go on to Finalize."""
        cluster = self.regrown(view, commit, state.cluster)
        left = view.masked & ~commit
        open_inside = left & cluster
        leave = ~cluster.any(dim=1) | ~open_inside.any(dim=1) | (mean(view.confidence, open_inside) < self.tau_low)
        ended = self.gated(view, left, state.rounds)
        stay = state._replace(cluster=cluster)
        again = restart(state, leave)
        final = state._replace(phase=torch.full_like(state.phase, int(Phase.FINALIZE)))
        return choose(leave & ended, final, choose(leave, again, stay._replace(phase=conquer(state))))

    def regrown(self, view: StepView, commit: Mask, cluster: Mask) -> Mask:
        """Clusters grown over what this forward is confident of, not into neighbours, and shrunk past the written."""
        good = view.masked & (view.confidence > self.tau_low) & ~cluster
        known = run_bounds(cluster)
        grown = walk(known, good, self.tolerance, wall=cluster)
        if self.right_edge == "released":
            edge = after(cluster) | (view.valid & ~after(view.valid))
            grown = grown._replace(last=walk(known, good & ~edge, self.tolerance, wall=cluster).last)
        first_of_each = cluster & ~before(cluster)
        return paint(trim(grown, view.masked & ~commit), first_of_each)

    def gated(self, view: StepView, left: Mask, rounds: Count) -> Flag:
        """Whether enough of the block is written, or enough rounds were made, for Finalize."""
        limit = (view.valid.sum(dim=1) * self.gate).to(torch.int64).clamp(min=1)
        return (masked_share(view, left) < 1 - self.gate) | (rounds + 1 >= limit)

    def finalize_picks(self, view: StepView) -> Mask:
        """Clear winners by logit margin or confidence, else the best position."""
        assert view.extra.margin is not None
        clear = view.masked & ((view.extra.margin > self.tau_margin) | (view.confidence > self.tau_sure))
        return clear | (best(view.confidence, view.masked) & ~clear.any(dim=1, keepdim=True))


def conquer(state: Progress) -> Count:
    """The phase Conquer for every row."""
    return torch.full_like(state.phase, int(Phase.CONQUER))


def restart(state: Progress, rows: Flag) -> Progress:
    """Begin the next round, with a Divide phase, in the chosen rows."""
    zero = torch.zeros_like(state.rounds)
    divide = torch.full_like(zero, int(Phase.DIVIDE))
    return choose(rows, Progress(divide, state.rounds + 1, zero, zero, torch.zeros_like(state.cluster)), state)


def choose(rows: Flag, new: Progress, old: Progress) -> Progress:
    """`new` in the chosen rows, `old` elsewhere."""
    pairs = zip(new, old, strict=True)
    return Progress(*(torch.where(rows if one.dim() == 1 else rows[:, None], one, other) for one, other in pairs))


def trimmed(cluster: Mask, masked: Mask) -> Mask:
    """Clusters shrunk until both ends are masked; those with nothing masked vanish."""
    return paint(trim(run_bounds(cluster), masked), cluster & ~before(cluster))


def mean(score: Score, among: Mask) -> Fraction:
    """Mean score of the chosen positions; 0 in a row without any."""
    total = torch.where(among, score, 0).sum(dim=1)
    return total / among.sum(dim=1).clamp(min=1)


def masked_share(view: StepView, masked: Mask) -> Fraction:
    """Masked share of the row's block."""
    return masked.sum(dim=1) / view.valid.sum(dim=1).clamp(min=1)
