"""WINO over plain lists: one row, one step after another, as the release's loop is described."""

from dataclasses import dataclass


@dataclass
class Wino:
    """One block's state: what stands there, and how many the step before took."""

    threshold: float
    threshold_back: float
    last: int = 30

    def step(self, masked, confidence, shadow):
        """Indices to write, and indices to take back, from lists over the block."""
        masks = [at for at, is_masked in enumerate(masked) if is_masked]
        if not masks:
            return [], []
        cap = max(5, min(20, int(0.7 * len(masks))))
        accepted = [at for at in masks if confidence[at] > self.threshold]
        if len(accepted) > cap:
            accepted = sorted(accepted, key=lambda at: (-confidence[at], at))[:cap]
        if not accepted:
            accepted = [min(masks, key=lambda at: (-confidence[at], at))]
        doubted = []
        if len(accepted) > 1:
            doubted = [at for at in range(len(masked)) if not masked[at] and shadow[at] < self.threshold_back]
            if len(doubted) >= self.last:
                doubted = sorted(doubted, key=lambda at: (shadow[at], at))[: self.last - 1]
        self.last = len(accepted)
        return sorted(accepted), sorted(doubted)


def decode(world, canvas, block, options, mask):
    """Decode a canvas block by block: its tokens, the forwards, and the positions taken back."""
    tokens, forwards, remasked = [mask] * canvas, 0, 0
    for start in range(0, canvas, block):
        end, rule = min(start + block, canvas), Wino(**options)
        while mask in tokens[start:end]:
            seen = world.look(tokens)
            alone = [world.look([*tokens[:at], mask, *tokens[at + 1 :]]) for at in range(start, end)]
            forwards += 1
            shadow = [world.chance(look[at], tokens[at]) for at, look in zip(range(start, end), alone, strict=True)]
            masked = [token == mask for token in tokens[start:end]]
            write, back = rule.step(masked, [look.confidence for look in seen[start:end]], shadow)
            for at in write:
                tokens[start + at] = seen[start + at].token
            for at in back:
                tokens[start + at] = mask
            remasked += len(back)
    return tokens, forwards, remasked
