"""Iteration smoothing for one row with LLaDA's rule, on a network taken apart: embeddings in, logits out."""

import torch


@torch.inference_mode()
def decode(model, prompt: list[int], canvas: int, block: int, options: dict) -> tuple[list[int], int]:
    """Tokens of the canvas, and forwards."""
    mask, table = model.spec.mask_id, model.trunk.embedding.weight
    tokens = [*prompt, *[mask] * canvas]
    guess: dict[int, torch.Tensor] = {}
    step = 0
    for first in range(len(prompt), len(tokens), block):
        last = min(first + block, len(tokens))
        while mask in tokens[first:last]:
            embedded = table[torch.tensor(tokens)].clone()
            weight = min(options["weight"] + options["growth"] * step, options["most"])
            for at, mean in guess.items():
                if tokens[at] == mask:
                    embedded[at] = embedded[at] + weight * mean
            logits = logits_of(model, embedded)
            best = None
            for at in range(first, last):
                chances = torch.softmax(logits[at], dim=0)
                guess[at] = chances @ table
                token = int(torch.cat((logits[at][:mask], logits[at][mask + 1 :])).argmax())
                token += token >= mask
                if tokens[at] == mask and (best is None or chances[token] > best[0]):
                    best = chances[token], at, token
            _, at, token = best
            tokens[at], step = token, step + 1
    return tokens[len(prompt) :], step


def logits_of(model, embedded: torch.Tensor) -> list[torch.Tensor]:
    """What the network says of every column; a shifted one says it a column before."""
    place = torch.arange(len(embedded))[None]
    logits = model.trunk.head(model.trunk.hidden(embedded[None], place))[0]
    rows = list(logits)
    return [rows[0], *rows[:-1]] if model.spec.shifted else rows
