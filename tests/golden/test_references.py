"""The reference presets whose releases have no cache, against their released loops."""

import pytest

from ..fakes import World
from . import eb, klass, llada, localleap
from .blocks import read
from .fastdllm import scored
from .released import WORLDS, Written, agree_on_a_network, agree_on_worlds, network, reference, sized


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return network("llada", tmp_path_factory.getbasetemp())


@pytest.mark.parametrize(
    ("steps", "threshold", "divergence", "history"),
    [(18, 0.3, 0.5, 2), (9, 0.4, 0.3, 1), (6, 0.2, 1.0, 3)],
)
def test_klass(model, steps, threshold, divergence, history):
    """The second step of a later block may write what the former block's last forward has shown to be stable."""
    rule = (f"threshold={threshold}", f"divergence={divergence}", f"history={history}", "inner=6")
    made = reference("klass", *sized(18, 18), f"decode.steps={steps}", *rule)
    generate = klass.released(6, steps // 3, threshold, divergence, history)
    still = [World(7, 0.0, 0.2, 0.3), World(8, 0.0, 0.0, 0.2)]
    plain = agree_on_worlds(made, generate, [*WORLDS, *still]) + agree_on_a_network(model, made, generate)
    assert min(len(decoded.writes) for decoded in plain) < 12


def test_eb(model):
    gamma = 2.0

    def generate(look, mask, canvas):
        board, writes = [mask] * canvas, []
        while mask in board:
            seen = read(look(board, 0, canvas, True), [token == mask for token in board], mask)
            writes.append({at: seen.token[at] for at in eb.chosen(seen.masked, seen.entropy, gamma)})
            for at, token in writes[-1].items():
                board[at] = token
        return Written(board, writes, [set() for _ in writes])

    made = reference("eb", *sized(16, 16), f"gamma={gamma}")
    agree_on_worlds(made, generate)
    agree_on_a_network(model, made, generate)


def test_localleap(model):
    threshold, relaxed = 0.6, 0.3

    def generate(look, mask, canvas):
        board, writes = [mask] * canvas, []
        for first in range(0, canvas, 8):
            while mask in board[first : first + 8]:
                found = [scored(row, mask) for row in look(board, first, first + 8, True)]
                masked = [token == mask for token in board[first : first + 8]]
                chosen = localleap.chosen(masked, [chance for _, chance in found], threshold, relaxed, 4)
                writes.append({first + at: found[at][0] for at in chosen})
                for at, token in writes[-1].items():
                    board[at] = token
        return Written(board, writes, [set() for _ in writes])

    made = reference("localleap", *sized(16, 8), f"threshold={threshold}", f"relaxed={relaxed}")
    agree_on_worlds(made, generate)
    agree_on_a_network(model, made, generate)


@pytest.mark.parametrize(("block", "steps"), [(16, 16), (8, 6)])
def test_llada(model, block, steps):
    def generate(look, mask, canvas):
        board, writes = llada.generate(
            lambda board: look(board, 0, canvas, True), canvas, block, steps * block // canvas, mask
        )
        return Written(board, writes, [set() for _ in writes])

    made = reference("llada", *sized(16, block), f"decode.steps={steps}")
    agree_on_worlds(made, generate)
    agree_on_a_network(model, made, generate)
