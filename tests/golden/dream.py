"""Dream's generation rule as its published code has it, one row at a time, over lists.

Where the project differs, so does this: the mask is never proposed (it keeps its probability), ties go to the lowest
position, every row has its own count, the schedule starts anew in every block. Draws use numbers that are handed in.
"""

import math

import torch

ORIGIN, MASKGIT, MARGIN, ENTROPY = "origin", "maskgit_plus", "topk_margin", "entropy"


def shares(steps, eps):
    """1 - t[i+1] / t[i] for every step, and 1 for the last, in float32."""
    t = torch.linspace(1, eps, steps + 1)
    return [float(1 - t[i + 1] / t[i]) if i < steps - 1 else 1.0 for i in range(steps)]


def count(masks, share):
    return int(torch.tensor(float(masks)) * torch.tensor(share))


def softmax(row):
    high = max(row)
    powers = [math.exp(x - high) for x in row]
    return [power / sum(powers) for power in powers]


def filtered(row, temperature, top_p, top_k):
    """The probabilities after temperature, then top-p, then top-k."""
    if temperature > 0:
        row = [x / temperature for x in row]
    if top_p < 1:
        chances, total, kept = softmax(row), 0.0, set()
        for token in sorted(range(len(row)), key=lambda token: (-row[token], token)):
            if total > top_p:
                break
            kept.add(token)
            total += chances[token]
        row = [x if token in kept else -math.inf for token, x in enumerate(row)]
    if top_k > 0:
        least = sorted(row, reverse=True)[min(top_k, len(row)) - 1]
        row = [x if x >= least else -math.inf for x in row]
    return softmax(row)


def sample(row, mask_id, options, uniforms=None):
    """A position's token and score; without uniform numbers the likeliest token."""
    chances = filtered(row, options["temperature"], options["top_p"], options["top_k"])
    writable = [token for token in range(len(row)) if token != mask_id]

    def luck(token):
        if uniforms is None or chances[token] == 0:
            return chances[token] if uniforms is None else -math.inf
        return math.log(chances[token]) - math.log(-math.log(uniforms[token]))

    token = max(writable, key=lambda token: (luck(token), -token))
    if options["alg"] == MARGIN:
        first, second = sorted((chances[token] for token in writable), reverse=True)[:2]
        return token, first - second
    if options["alg"] == ENTROPY:
        return token, sum(p * math.log(p + 1e-10) for p in chances)
    return token, chances[token]


def written(masked, share, scores, noise, options):
    """The positions that a step writes, out of the masked ones."""
    if options["alg"] == ORIGIN:
        return {at for at in masked if noise[at] < share}
    if options["alg_temp"] > 0:
        scores = {at: scores[at] / options["alg_temp"] - math.log(-math.log(noise[at])) for at in masked}
    order = sorted(masked, key=lambda at: (-scores[at], at))
    return set(order[: count(len(masked), share)])


def decode_step(rows, masked, share, mask_id, options, noise, uniforms=None):
    """What one forward's logits `rows` write: tokens by position."""
    found = {at: sample(rows[at], mask_id, options, uniforms and uniforms[at]) for at in masked}
    chosen = written(masked, share, {at: score for at, (_, score) in found.items()}, noise, options)
    return {at: found[at][0] for at in chosen}


def generate(look, canvas, block, steps, mask_id, options, noise):
    """Decode at temperature 0; `look` is the model, `noise` the numbers of a forward. The canvas, and every write."""
    board, deeds = [mask_id] * canvas, []
    for start in range(0, canvas, block):
        places = range(start, min(start + block, canvas))
        for share in shares(steps[start // block], options["eps"]):
            masked = [at for at in places if board[at] == mask_id]
            if not masked:  # the random rule may be done early; the released code would go on for nothing
                break
            fresh = decode_step(look(board), masked, share, mask_id, options, noise(len(deeds)))
            board = [fresh.get(at, token) for at, token in enumerate(board)]
            deeds.append(fresh)
    return board, deeds
