"""LLaDA's generate as its published code has it, one row at a time, over lists.

Where the project differs, so does this: the mask is never proposed, ties go to the lowest position, and a block ends
with its masks (the released code goes on through steps that write nothing when there are more steps than masks).
"""

import math
import struct


def quotas(masks, steps):
    return [masks // steps + (step < masks % steps) for step in range(steps)]


def bfloat16(number):
    """The nearest bfloat16 of a float32, ties to even."""
    bits = struct.unpack("<I", struct.pack("<f", number))[0]
    bits += 0x7FFF + ((bits >> 16) & 1)
    return struct.unpack("<f", struct.pack("<I", bits & 0xFFFF0000))[0]


def confidence(row, token, is_rounded):
    """The token's probability without noise; as the released code has it, rounded to the logits' bfloat16."""
    high = max(row)
    chance = math.exp(row[token] - high) / sum(math.exp(x - high) for x in row)
    return bfloat16(chance) if is_rounded else chance


def propose(row, mask_id, temperature=0.0, uniforms=None):
    """The best token of exp(logit) / (-ln u) ** temperature."""
    numbers = row
    if temperature > 0:
        numbers = [math.exp(x) / (-math.log(u)) ** temperature for x, u in zip(row, uniforms, strict=True)]
    return max((at for at in range(len(row)) if at != mask_id), key=lambda at: (numbers[at], -at))


def decode_step(rows, masked, quota, mask_id, is_rounded=False, draw=(0.0, None)):
    """What one forward's logits write: tokens by position."""
    temperature, uniforms = draw
    tokens = {at: propose(rows[at], mask_id, temperature, uniforms and uniforms[at]) for at in masked}
    score = {at: confidence(rows[at], token, is_rounded) for at, token in tokens.items()}
    return {at: tokens[at] for at in sorted(masked, key=lambda at: (-score[at], at))[:quota]}


def generate(look, canvas, block, steps, mask_id):
    """Decode at temperature 0 with `steps` in every block; the canvas, and every write."""
    board, deeds = [mask_id] * canvas, []
    for start in range(0, canvas, block):
        places = range(start, start + block)
        for quota in quotas(block, steps):
            masked = [at for at in places if board[at] == mask_id]
            if not masked:
                break
            fresh = decode_step(look(board), masked, quota, mask_id)
            board = [fresh.get(at, token) for at, token in enumerate(board)]
            deeds.append(fresh)
    return board, deeds
