"""When everything that is open is written at once, by hand."""

import pytest
import torch

from dlldecode.core.step import Kind
from dlldecode.engine.advance import decided
from dlldecode.wrappers.early_exit import EarlyExit

from ..contract.test_engine import smooth
from ..fakes import Fake, play, recipe, steps_of
from ..views import drawn, outcome, view_of

OPEN = "a__b_\n95959"


def sure(margin: list[float], progress: float = 0.0, drawing: str = OPEN) -> bool:
    view = drawn(drawing, margin=torch.tensor([margin]), progress=torch.tensor([progress]))
    return bool(EarlyExit().is_sure(view)[0])


@pytest.mark.parametrize(
    ("progress", "bar"),
    [(0.0, 7.5), (0.3299, 7.5), (0.3301, 5.0), (0.5, 5.0), (0.6699, 5.0), (0.6701, 2.5), (1.0, 2.5)],
)
def test_the_bar_falls_with_the_written_share(progress, bar):
    """At the bar is enough."""
    assert sure([0.0, bar, bar, 0.0, bar], progress)
    assert not sure([0.0, bar, bar, 0.0, bar - 0.01], progress)


def test_the_gaps_of_what_is_open_count_alone_and_in_the_mean():
    assert sure([0.0, 1.0, 20.0, 0.0, 1.5])
    assert not sure([99.0, 7.4, 7.4, 99.0, 7.4])


def test_with_nothing_open_nobody_is_sure():
    assert not sure([9.0] * 5, drawing="abcde\n99999")
    assert not sure([9.0] * 5, drawing="#####\n99999")


def test_a_gap_that_is_no_number_keeps_a_row_open():
    assert not sure([0.0, float("-inf"), 99.0, 0.0, 99.0])


def test_all_that_is_open_is_written_with_the_proposals():
    made = recipe("vanilla", wrap=("early_exit",))
    for gap, expected in ((5.0, ".WW.W"), (4.0, "..W..")):
        decision, _ = decided(drawn(OPEN, margin=torch.full((1, 5), gap)), (), made)
        assert outcome(decision) == expected
        assert decision.tokens[0].tolist() == [0, 1, 2, 3, 4]
    kinds = decided(drawn(OPEN, margin=torch.full((1, 5), 8.0)), (), made)[0].notes.kind[0].tolist()
    assert [kinds[at] for at in (1, 2, 4)] == [Kind.SURE, Kind.PLAIN, Kind.SURE], "the strategy itself wrote the best"


def test_rows_that_exit_take_nothing_back():
    """Both written tokens are doubted, one of them is replaced at once; the second row is not sure."""
    made = recipe("hierarchy", {"remask": 0.5, "remask_by": "written"}, wrap=("early_exit",))
    view = view_of(
        [[False, True, True, False]] * 2, [[0.1, 0.95, 0.5, 0.1]] * 2,
        written=torch.tensor([[0.1, 0.0, 0.0, 0.1]] * 2), margin=torch.tensor([[9.0] * 4, [1.0] * 4]),
        peak=torch.full((2, 4), 0.9), block_step=torch.tensor([1, 1]), step=torch.tensor([1, 1]),
    )  # fmt: skip
    decision, _ = decided(view, made.strategy.init(view.masked, 16), made)
    assert [outcome(decision, row) for row in (0, 1)] == ["OWW.", "OWWR"]


def test_a_rewrite_in_place_stays():
    made = recipe("vanilla", wrap=("early_exit",))
    view = drawn(OPEN, margin=torch.full((1, 5), 8.0))
    decision, _ = made.strategy.step(view, ())
    here = torch.tensor([[True, False, False, False, False]])
    both = decision._replace(commit=decision.commit | here, revoke=here, tokens=torch.full_like(decision.tokens, 9))
    after = made.wraps[0].decided(both, view)
    assert outcome(after) == "OWW.W" and after.tokens[0].tolist() == [9, 1, 9, 9, 4], "9 wherever the strategy wrote"


@pytest.mark.parametrize("how", [{"options": {"top_k": 1}}, {"options": {"top_p": 0.5}}, {"temperature": 0.1}], ids=str)
def test_the_gap_is_that_of_the_model_whatever_the_strategy_makes_of_its_logits(how):
    """Filters leave one token a position and temperatures stretch gaps; neither makes a model sure."""
    made = recipe("dream", how.get("options"), max_tokens=8, block_length=8, wrap=("early_exit",), stop="none",
                  parts={"wrap_options.early_exit": {"early": 1e6, "middle": 1e6, "late": 1e6}},
                  **{key: value for key, value in how.items() if key != "options"})  # fmt: skip
    assert max(len(step.commits) for step in steps_of(play(Fake(smooth), made, [(1, 2)]))) <= 2
