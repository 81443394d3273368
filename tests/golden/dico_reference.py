"""DiCo for one row, in plain Python, phase by phase as the paper's pseudo-code has it; every pass pays a forward.

With `conventions = "released"` it follows the released loop where that differs: another pass of Divide, which finds the
block full, a rule of Conquer with a millionth in it, and no more forwards than there are positions before Finalize.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

NEVER = -math.inf


def exact(number: float) -> Fraction:
    """The decimal number that was meant: 0.1 is a tenth."""
    return Fraction(str(number))


@dataclass
class DicoReference:
    """Decodes `canvas` in place; `passes` lists what every forward wrote, with its phase."""

    look: Callable[[Sequence[int]], list]
    canvas: list[int]
    mask: int
    options: dict
    passes: list[tuple[str, dict[int, int]]] = field(default_factory=list)

    def __getattr__(self, name):
        return self.options[name]

    def decode(self, block_length: int) -> None:
        for lo in range(0, len(self.canvas), block_length):
            self.decode_block(lo, min(lo + block_length, len(self.canvas)))

    def decode_block(self, lo: int, hi: int) -> None:
        self.lo, self.hi = lo, hi
        for _ in range(max(1, int((hi - lo) * exact(self.gate)))):
            clusters = self.divide()
            if not clusters:
                break
            self.conquer(clusters)
            if Fraction(len(self.masked()), hi - lo) < 1 - exact(self.gate):
                break
        self.finalize()

    @property
    def is_released(self) -> bool:
        return self.conventions == "released"

    def masked(self) -> list[int]:
        return [at for at in range(self.lo, self.hi) if self.canvas[at] == self.mask]

    def forward(self):
        outlook = self.look(self.canvas)
        c = {at: outlook[at].confidence for at in self.masked()}
        return [o.token for o in outlook], c, [o.margin for o in outlook]

    def write(self, phase: str, places, greedy) -> None:
        written = {at: greedy[at] for at in places}
        for at, token in written.items():
            assert self.canvas[at] == self.mask
            self.canvas[at] = token
        self.passes.append((phase, written))

    # Divide

    def divide(self) -> list[tuple[int, int]]:
        opened = set(self.masked())
        clusters: list[tuple[int, int]] = []
        stall = 0
        limit = self.max_divide_steps
        if self.is_released:
            limit = min(limit, len(self.canvas) - len(self.passes))
        for turn in range(limit):
            if not self.masked():
                if self.is_released:
                    self.passes.append(("divide", {}))
                break
            greedy, c, _ = self.forward()
            s = self.guide(c)
            seeds = self.segments(s) if self.seed_picker == "segments" else self.soft_nms(s)
            if not seeds:
                self.passes.append(("divide", {}))
                break
            grown, new, widened = [], False, False
            for seed in seeds:
                home = next((k for k in clusters if k[0] <= seed <= k[1]), None)
                new = new or home is None
                grown.append(self.extend(home or (seed, seed), opened, s))
            hit = [k for k in clusters if any(k[0] <= seed <= k[1] for seed in seeds)]
            merged = merge(grown + [k for k in clusters if k not in hit])
            for k in merged:
                former = sum(old[1] - old[0] + 1 for old in clusters if k[0] <= old[0] and old[1] <= k[1])
                widened = widened or (former > 0 and k[1] - k[0] + 1 >= former * (1 + exact(self.growth)))
            progress = turn == 0 or new or len(merged) != len(clusters) or widened
            self.write("divide", seeds, greedy)
            clusters = merged
            stall = 0 if progress else stall + 1
            if stall >= self.patience:
                break
            inside = [s[at] for at in self.masked() if covered(at, clusters)]
            if inside and sum(inside) / len(inside) >= self.tau_low:
                break
        return self.shrink(clusters)

    def guide(self, c: dict[int, float]) -> dict[int, float]:
        if self.guidance == "off":
            return dict(c)
        f = min(c)
        n = self.hi - f
        area = range(len(self.canvas)) if self.progress_scope == "canvas" else range(self.lo, self.hi)
        share = sum(self.canvas[at] != self.mask for at in area) / len(area)
        least = min(1.0, self.beta + self.alpha * share)
        away = {at: (at - f) / max(1, n - 1) for at in c}
        if self.guidance == "linear":
            return {at: c[at] * (1 - (1 - least) * away[at]) for at in c}
        return {at: c[at] * least ** away[at] for at in c}

    def soft_nms(self, s: dict[int, float]) -> list[int]:
        sigma = self.sigma if self.sigma is not None else (self.hi - self.lo) / 3
        u, seeds = dict(s), []
        for _ in range(self.seeds):
            i = max(u, key=lambda at: (u[at], -at))
            if u[i] <= 0 or s[i] < self.tau_seed:
                break
            seeds.append(i)
            u = {j: u[j] * (1 - math.exp(-((i - j) ** 2) / sigma**2)) for j in u}
        return seeds

    def segments(self, s: dict[int, float]) -> list[int]:
        size, seeds = self.hi - self.lo, []
        for number in range(self.seeds):
            part = [at for at in s if (at - self.lo) * self.seeds // size == number]
            leader = max(part, key=lambda at: (s[at], -at), default=None)
            if leader is not None and s[leader] >= self.tau_seed:
                seeds.append(leader)
        return seeds

    def extend(self, interval, opened: set[int], s: dict[int, float]):
        def good(at):
            return at in opened and s.get(at, NEVER) >= self.tau_seed

        first = stretch(interval[0], range(interval[0] - 1, self.lo - 1, -1), good, self.tolerance)
        last = stretch(interval[1], range(interval[1] + 1, self.hi), good, self.tolerance)
        return first, last

    def shrink(self, clusters):
        found = []
        for first, last in clusters:
            inside = [at for at in self.masked() if first <= at <= last]
            if inside:
                found.append((inside[0], inside[-1]))
        return merge(found)

    # Conquer

    def conquer(self, clusters) -> None:
        while clusters:
            greedy, c, _ = self.forward()
            pick = {at for at in c if self.is_sure(at, c, clusters)}
            ruled = {at for k in clusters for at in self.by_rule(k, c)}
            if not ruled and c:
                top = max(c, key=lambda at: (c[at], -at))
                if c[top] >= self.tau_low:
                    pick.add(top)
            self.write("conquer", pick | ruled, greedy)
            clusters = self.shrink([self.regrow(k, clusters, c) for k in clusters])
            inside = [c[at] for at in self.masked() if covered(at, clusters)]
            if not inside or sum(inside) / len(inside) < self.tau_low:
                return

    def is_sure(self, at, c, clusters) -> bool:
        if self.sure_scope == "off" or c[at] <= self.tau_sure:
            return False
        return self.sure_scope == "block" or covered(at, clusters)

    def by_rule(self, cluster, c) -> list[int]:
        order = sorted((at for at in c if cluster[0] <= at <= cluster[1]), key=lambda at: (-c[at], at))
        if self.rule == "fixed":
            return [at for at in order if c[at] > self.threshold]
        if self.is_released:
            admits = [int(self.factor / (1 - c[at] + 1e-6) - 1) >= n for n, at in enumerate(order, 1)]
            return order[: max((n for n, is_admitted in enumerate(admits, 1) if is_admitted), default=0)]
        count = 0
        while count < len(order) and (count + 2) * (1 - c[order[count]]) < self.factor:
            count += 1
        return order[:count]

    def regrow(self, cluster, clusters, c):
        def good(at):
            return c.get(at, NEVER) > self.tau_low

        floor = max((k[1] + 1 for k in clusters if k[1] < cluster[0]), default=self.lo)
        roof = min((k[0] for k in clusters if k[0] > cluster[1]), default=self.hi)
        roof -= self.right_edge == "released"
        first = stretch(cluster[0], range(cluster[0] - 1, floor - 1, -1), good, self.tolerance)
        last = stretch(cluster[1], range(cluster[1] + 1, roof), good, self.tolerance)
        return first, last

    # Finalize

    def finalize(self) -> None:
        while self.masked():
            greedy, c, margin = self.forward()
            pick = [at for at in c if margin[at] > self.tau_margin or c[at] > self.tau_sure]
            self.write("finalize", pick or [max(c, key=lambda at: (c[at], -at))], greedy)


def stretch(start: int, path, good, tolerance: int) -> int:
    """How far a walk from `start` along `path` gets; more than `tolerance` misses in a row end it."""
    end, misses = start, 0
    for at in path:
        if good(at):
            end, misses = at, 0
            continue
        misses += 1
        if misses > tolerance:
            break
    return end


def covered(at: int, clusters) -> bool:
    return any(first <= at <= last for first, last in clusters)


def merge(clusters) -> list[tuple[int, int]]:
    """Unite intervals that overlap or touch."""
    done: list[tuple[int, int]] = []
    for first, last in sorted(clusters):
        if done and first <= done[-1][1] + 1:
            done[-1] = (done[-1][0], max(done[-1][1], last))
        else:
            done.append((first, last))
    return done
