"""A prior over lists: what each position's confidence is worth, from its place behind the first mask."""

import math


def weights(masked: list[bool], valid: list[bool], progress: float, options: dict) -> list[float]:
    first = masked.index(True) if True in masked else 0
    far = [max(0, at - first) for at in range(len(masked))]
    if options["fall"] == "decay":
        return [math.exp(-options["rate"] * distance) for distance in far]
    least = min(1.0, options["beta"] + options["alpha"] * progress)
    longest = max(1, max((at for at, inside in enumerate(valid) if inside), default=0) - first)
    if options["fall"] == "linear":
        return [1 - (1 - least) * distance / longest for distance in far]
    return [least ** (distance / longest) for distance in far]
