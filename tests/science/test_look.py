"""What the model says of canvases: one forward, and as many as there are masks."""

import torch

from dlldecode.engine.loop import Watch, decode
from dlldecode.models.adapter import Query
from dlldecode.science import look as module
from dlldecode.science.look import filled, look

from ..fakes import end_of, recipe
from ..small import network

MASK, PROMPT = 63, (1, 2, 3)
CANVASES = torch.tensor([[MASK] * 6, [5, MASK, 7, MASK, MASK, 8], [9, 10, 11, 12, 13, MASK]])


def plain(canvas):
    """Log-probabilities of one canvas, by a forward of its own."""
    tokens = torch.tensor([[*PROMPT, *canvas.tolist()]])
    position = torch.arange(tokens.shape[1]).unsqueeze(0)
    model = network(False)
    with torch.inference_mode():
        logits = model.forward(Query(tokens, None, position, None, position[:, len(PROMPT) :]), model.open(1, 9))
    return torch.log_softmax(logits[0].float(), dim=1)


def test_the_likeliest_token_is_never_the_mask_and_what_is_asked_about_is_told(monkeypatch):
    """Also where canvases do not fit into one forward."""
    monkeypatch.setattr(module, "ROWS", 2)
    asked = torch.arange(18).reshape(3, 6)
    seen = look(network(False), PROMPT, CANVASES, asked)
    for row, canvas in enumerate(CANVASES):
        chances = plain(canvas)
        assert torch.allclose(seen.known[row], chances.gather(1, asked[row].unsqueeze(1)).squeeze(1), atol=1e-4)
        best = chances[:, :MASK].max(dim=1)
        assert seen.token[row].tolist() == best.indices.tolist()
        assert torch.allclose(seen.confidence[row], best.values.exp(), atol=1e-4)


def test_one_at_a_time_is_what_vanilla_writes():
    made = recipe("vanilla", max_tokens=6, block_length=6, stop="none")
    end = end_of(list(decode(network(False), [PROMPT], made, watch=Watch())))
    canvas = torch.full((1, 6), MASK)
    written, _ = filled(network(False), PROMPT, canvas, canvas == MASK)
    assert tuple(written[0].tolist()) == end.token_ids


def test_hidden_positions_alone_are_written_and_their_chances_add_up():
    hidden = torch.tensor([[False] * 6, [False, True, False, True, False, False], [False] * 5 + [True]])
    written, sure = filled(network(False), PROMPT, CANVASES, hidden)
    assert (written == CANVASES)[~hidden].all() and (written != MASK)[hidden].all()
    assert sure[0] == 0 and abs(sure[2] - plain(CANVASES[2])[5, :MASK].max()) < 1e-4
    first = plain(CANVASES[1])[:, :MASK]
    place = max((1, 3), key=lambda at: first[at].max())
    second = CANVASES[1].clone()
    second[place] = first[place].argmax()
    other = plain(second)[4 - place, :MASK]
    assert written[1, 4 - place] == other.argmax()
    assert abs(sure[1] - (first[place].max() + other.max())) < 1e-4
