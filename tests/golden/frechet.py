"""Fast-dLLM++'s rule, rank by rank."""


def chosen(masked: list[bool], confidence: list[float], margin: float) -> set[int]:
    order = sorted((at for at, open_ in enumerate(masked) if open_), key=lambda at: (-confidence[at], at))
    accepted = 1
    for n in range(1, len(order) + 1):
        lower = sum(confidence[at] for at in order[:n]) - (n - 1)
        upper = 1 - confidence[order[n - 1]]
        if lower - upper > margin:
            accepted = n
    return set(order[:accepted])
