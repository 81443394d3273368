"""LocalLeap's rule: collect the places around the anchors, then judge every candidate but the first by its own bar."""


def chosen(masked: list[bool], confidence: list[float], threshold: float, relaxed: float, radius: int) -> set[int]:
    candidates = [at for at, open_ in enumerate(masked) if open_]
    neighbourhood = set()
    for anchor in candidates:
        if confidence[anchor] >= threshold:
            neighbourhood.update(range(anchor - radius, anchor + radius + 1))
    order = sorted(candidates, key=lambda at: (-confidence[at], at))
    taken = set(order[:1])
    for at in order[1:]:
        bar = relaxed if at in neighbourhood else threshold
        if confidence[at] >= bar:
            taken.add(at)
    return taken
