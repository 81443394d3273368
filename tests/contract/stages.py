"""The stages of steps as they are compiled for captured graphs, beside the plain ones."""

from collections import Counter

import torch

from dlldecode.engine.board import seat
from dlldecode.engine.graphs import own
from dlldecode.engine.launch import Direct
from dlldecode.engine.observe import Layout
from dlldecode.engine.step import PLAIN, Stages

from .test_strategies import same


def graphs_of(model, recipe, prompts, orders) -> Counter:
    """How many graphs each stage became while steps were taken; they must do what the plain stages do."""
    graphs = Counter()

    def compiled(stage):
        def backend(graph, inputs):
            graphs[stage.__name__] += 1
            return graph.forward

        return torch.compile(stage, fullgraph=True, dynamic=False, backend=backend)

    torch._dynamo.reset()
    session, board = seat(model, prompts, recipe, [1] * len(prompts))
    layout = Layout(len(prompts), session.width, True, 1 + recipe.drafts)
    plain, fast = (Direct(model, board, session, layout, stages) for stages in (PLAIN, Stages(*map(compiled, PLAIN))))
    for order in orders:
        fast.board = own(fast.board)  # at the start several fields are one tensor; as inputs of a graph they are apart
        assert torch.equal(plain.launch(order), fast.launch(order))
        assert same(plain.board, fast.board)
    return graphs
