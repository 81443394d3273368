"""EB-Sampler's rule as PC-Sampler runs it: sort, running sum, running maximum, count, clamp."""


def chosen(masked: list[bool], entropy: list[float], gamma: float, score: list[float] | None = None) -> set[int]:
    """With a score, the highest come first; without, the lowest entropies."""
    key = [-value for value in entropy] if score is None else score
    order = sorted((at for at, open_ in enumerate(masked) if open_), key=lambda at: (-key[at], at))
    running, greatest, count = 0.0, 0.0, 0
    for at in order:
        running += entropy[at]
        greatest = max(greatest, entropy[at])
        if running - greatest <= gamma:
            count += 1
    count = min(max(count, 1), len(order))
    return set(order[:count])
