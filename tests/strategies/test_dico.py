"""DiCo's phases one by one, drawn by hand; `C` marks a position inside a cluster."""

from textwrap import dedent

import pytest
import torch

from dlldecode import strategies
from dlldecode.core.step import Kind, Phase

from ..fakes import VOCABULARY
from ..views import check, drawn, expect

FAR = {"guidance": "off", "sigma": 0.1, "seeds": 10}


def dico(**options):
    return strategies.load("dico", **options)


def clusters(mask) -> str:
    return "".join(".C"[flag] for flag in mask[0].tolist())


def in_phase(strategy, phase, drawing, rounds=0, **more):
    """Decide in a phase: a fourth line draws the clusters so far."""
    lines = dedent(drawing).strip("\n").split("\n")
    view = drawn("\n".join(lines[:2]), **more)
    state = strategy.init(view.masked, VOCABULARY)
    cluster = torch.tensor([[mark == "C" for mark in lines[3]]])
    state = state._replace(phase=torch.full_like(state.phase, int(phase)), passes=state.passes + 1, cluster=cluster)
    state = state._replace(rounds=state.rounds + rounds)
    return expect(strategy, view, state, lines[2])


# Divide


def test_seeds_repel_one_another():
    """After the seed at 1 (sigma 2), 2 is worth 0.18, 3 0.38, 6 0.50; after that at 6, 3 0.34."""
    drawing = """
        ________
        29863154
        .W....W.
        """
    check(dico(guidance="off", seeds=2, sigma=2.0), drawing)
    check(dico(guidance="off", seeds=3, sigma=2.0), drawing.replace(".W....W.", ".W.W..W."))


def test_a_leader_below_the_bar_ends_the_search():
    """Position 4 leads once 1 is repelled, and fails: 1 is not asked again, though 0.5 would do."""
    check(
        dico(guidance="off", seeds=3, sigma=2.0),
        """
        _____
        95002
        W....
        """,
    )


def test_the_bar_of_seeds_is_reached_with_equality():
    check(
        dico(**FAR, tau_seed=0.3),
        """
        _a___
        39423
        W.W.W
        """,
    )


@pytest.mark.parametrize(
    ("guidance", "expected"), [("exponential", "..WWW.."), ("linear", "..WWWW."), ("off", "..WWWWW")]
)
def test_guidance_falls_from_the_first_mask_to_the_end_of_the_block(guidance, expected):
    """Trust over five positions, exponential: 1, .71, .5, .35, .25; linear: 1, .81, .63, .44, .25."""
    options = {**FAR, "guidance": guidance, "beta": 0.25, "alpha": 0.0}
    check(
        dico(**options),
        f"""
        ab_____#
        88888889
        {expected}.
        """,
    )


@pytest.mark.parametrize(("scope", "expected"), [("canvas", "..WWW"), ("block", "..WW.")])
def test_the_written_share_relaxes_the_guidance(scope, expected):
    """At the right edge: 0.25 + 0.5 of the canvas, 0.25 + 0.4 of the block; 0.5 and 0.4 pass the bar of 0.43 or not."""
    check(
        dico(**FAR | {"guidance": "linear"}, beta=0.25, alpha=1.0, progress_scope=scope, tau_seed=0.43),
        f"""
        ab___
        99996
        {expected}
        """,
        progress=torch.tensor([0.5]),
    )


def test_segments_take_the_best_of_each():
    check(
        dico(guidance="off", seed_picker="segments", seeds=4),
        """
        ________
        48267913
        .W.W.W.W
        """,
    )


def test_more_segments_than_positions_are_single_positions():
    check(
        dico(guidance="off", seed_picker="segments", seeds=8),
        """
        ____
        4789
        WWWW
        """,
    )
    check(
        dico(guidance="off", seed_picker="segments", seeds=6),
        """
        ___####
        4279999
        W.W....
        """,
    )


@pytest.mark.parametrize(("tolerance", "expected"), [(0, "..CC......"), (1, "CCCCCCC..."), (2, "CCCCCCCCCC")])
def test_clusters_bridge_misses(tolerance, expected):
    decision = check(
        dico(guidance="off", seeds=1, tolerance=tolerance, tau_low=1.0),
        """
        __________
        5059054005
        ...W......
        """,
    )
    assert clusters(decision.notes.cluster) == expected
    assert decision.notes.kind[0, 3] == Kind.SEED and decision.notes.phase[0] == Phase.DIVIDE


def test_written_positions_do_not_carry_a_cluster():
    decision = check(
        dico(guidance="off", seeds=1, tolerance=0, tau_low=1.0),
        """
        _a___
        99879
        W....
        """,
    )
    assert clusters(decision.notes.cluster) == "C...."


def test_touching_clusters_are_one():
    decision, _ = in_phase(
        dico(guidance="off", seeds=1, tolerance=0, tau_low=1.0),
        Phase.DIVIDE,
        """
        _a___b
        309809
        ..W...
        CC....
        """,
    )
    assert clusters(decision.notes.cluster) == "CCCC.."


@pytest.mark.parametrize(("tau_low", "phase"), [(0.65, Phase.CONQUER), (0.75, Phase.DIVIDE)])
def test_hot_clusters_end_divide(tau_low, phase):
    drawing = """
        _______
        0797000
        ..W....
        """
    view = drawn(drawing)
    strategy = dico(guidance="off", seeds=1, tolerance=0, tau_low=tau_low)
    _, state = expect(strategy, view, strategy.init(view.masked, VOCABULARY), "..W....")
    assert state.phase[0] == phase
    assert clusters(state.cluster) == ".CCC..."


def test_divide_ends_after_its_steps():
    view = drawn("____\n3000")
    strategy = dico(guidance="off", max_divide_steps=1)
    _, state = expect(strategy, view, strategy.init(view.masked, VOCABULARY), "W...")
    assert state.phase[0] == Phase.FINALIZE, "the only cluster is written"


@pytest.mark.parametrize(
    ("growth", "passes"),
    [(0.2, 0), (0.3, 1)],
)
def test_growth_counts_as_progress(growth, passes):
    """The cluster widens from 4 to 5 positions: by a quarter."""
    _, state = in_phase(
        dico(guidance="off", seeds=1, tolerance=0, tau_low=1.0, growth=growth),
        Phase.DIVIDE,
        """
        _____
        54443
        W....
        CCCC.
        """,
    )
    assert state.stall[0] == passes


def test_patience_ends_divide():
    options = {"guidance": "off", "seeds": 1, "tolerance": 0, "tau_low": 1.0}
    drawing = """
        _____
        54443
        W....
        CCCC.
        """
    _, state = in_phase(dico(**options, growth=0.3, patience=1), Phase.DIVIDE, drawing)
    assert state.phase[0] == Phase.CONQUER
    assert clusters(state.cluster) == ".CCCC"


# Conquer


def test_conquer_writes_a_prefix_in_every_cluster():
    """(2)(0.1) and (3)(0.2) lie below 1, (4)(0.7) does not; in the second cluster (2)(0.6) does not."""
    decision, _ = in_phase(
        dico(),
        Phase.CONQUER,
        """
        _______
        9830943
        WW.....
        CCC..CC
        """,
    )
    assert decision.notes.phase[0] == Phase.CONQUER


def test_a_fixed_rule_asks_for_more_than_its_threshold():
    in_phase(
        dico(rule="fixed", threshold=0.9),
        Phase.CONQUER,
        """
        _____
        9X8XX
        .W.WW
        CCCC.
        """,
    )


@pytest.mark.parametrize(("scope", "expected"), [("block", "W..W."), ("clusters", "W...."), ("off", "W....")])
def test_sure_positions_outside_of_clusters(scope, expected):
    in_phase(
        dico(sure_scope=scope),
        Phase.CONQUER,
        f"""
        _____
        943X0
        {expected}
        CC...
        """,
    )


def test_the_fallback_is_the_blocks_best_at_or_above_tau_low():
    drawing = """
        _______
        4430906
        ....W..
        CCC....
        """
    in_phase(dico(factor=0.1), Phase.CONQUER, drawing)
    in_phase(dico(factor=0.1, tau_low=0.9), Phase.CONQUER, drawing)


def test_the_fallback_stands_beside_the_sure_ones():
    in_phase(
        dico(factor=0.1, sure_scope="clusters"),
        Phase.CONQUER,
        """
        ______
        440X90
        ...W..
        CC....
        """,
    )


@pytest.mark.parametrize(("edge", "expected"), [("inclusive", ".C.CCCCCC"), ("released", ".C.CCCCC.")])
def test_the_released_right_edge_is_never_taken_from_the_left(edge, expected):
    _, state = in_phase(
        dico(right_edge=edge, tolerance=0, factor=0.3),
        Phase.CONQUER,
        """
        _________
        975777777
        W........
        CC..C....
        """,
    )
    assert clusters(state.cluster) == expected


@pytest.mark.parametrize(("tolerance", "expected"), [(0, ".CC......CC"), (1, ".CC....CCCC"), (3, ".CC....CCCC")])
def test_clusters_grow_over_misses(tolerance, expected):
    _, state = in_phase(
        dico(tolerance=tolerance, factor=0.1, tau_low=0.6),
        Phase.CONQUER,
        """
        ___________
        98700007088
        W..........
        CC.......CC
        """,
    )
    assert clusters(state.cluster) == expected


def test_clusters_do_not_grow_through_neighbours():
    _, state = in_phase(
        dico(tolerance=2, factor=0.1, tau_low=0.6),
        Phase.CONQUER,
        """
        _____
        98087
        W....
        CC.C.
        """,
    )
    assert clusters(state.cluster) == ".C.CC"


def test_clusters_grow_over_what_this_forward_writes():
    """Position 2 is sure, written, and still carries the growth to 3."""
    _, state = in_phase(
        dico(tolerance=0, factor=0.3),
        Phase.CONQUER,
        """
        _____
        97X70
        W.W..
        CC...
        """,
    )
    assert clusters(state.cluster) == ".CCC."


def test_conquer_leaves_when_its_clusters_cool():
    drawing = """
        _____
        95500
        W....
        CCC..
        """
    _, state = in_phase(dico(tau_low=0.45), Phase.CONQUER, drawing)
    assert state.phase[0] == Phase.CONQUER
    _, state = in_phase(dico(tau_low=0.55), Phase.CONQUER, drawing)
    assert (state.phase[0], state.rounds[0]) == (Phase.DIVIDE, 1)
    assert clusters(state.cluster) == "....."


@pytest.mark.parametrize(("gate", "phase"), [(0.5, Phase.FINALIZE), (0.75, Phase.DIVIDE)])
def test_the_gate_opens_finalize_above_its_share(gate, phase):
    """Three of four positions are written in the end."""
    _, state = in_phase(
        dico(gate=gate),
        Phase.CONQUER,
        """
        ab__
        9990
        ..W.
        ..C.
        """,
    )
    assert state.phase[0] == phase


@pytest.mark.parametrize(("rounds", "phase"), [(0, Phase.DIVIDE), (1, Phase.FINALIZE)])
def test_the_rounds_of_a_block_are_limited(rounds, phase):
    """Half of four positions: two rounds."""
    _, state = in_phase(
        dico(gate=0.5),
        Phase.CONQUER,
        """
        ____
        9500
        W...
        CC..
        """,
        rounds,
    )
    assert state.phase[0] == phase


@pytest.mark.parametrize(("rounds", "phase"), [(0, Phase.DIVIDE), (1, Phase.FINALIZE)])
def test_a_round_that_ends_without_writing_counts_too(rounds, phase):
    decision, _ = in_phase(
        dico(gate=0.5, guidance="off", seeds=1),
        Phase.CONQUER,
        """
        ____
        4500
        .W..
        CC..
        """,
        rounds,
    )
    assert decision.notes.phase[0] == phase


# Finalize, and handing on


def test_finalize_writes_clear_margins_and_sure_positions():
    margin = torch.tensor([[3.0, 3.1, 9.0, 0.0, 0.0]])
    in_phase(
        dico(),
        Phase.FINALIZE,
        """
        __a__
        8191X
        .W..W
        .....
        """,
        margin=margin,
    )


def test_finalize_writes_the_best_when_nothing_is_clear():
    in_phase(
        dico(),
        Phase.FINALIZE,
        """
        __a__
        67977
        .W...
        .....
        """,
    )


def test_divide_without_seeds_hands_on_to_finalize():
    decision = check(
        dico(),
        """
        ____
        1210
        .W..
        """,
    )
    assert decision.notes.phase[0] == Phase.FINALIZE


def test_divide_without_seeds_hands_its_clusters_to_conquer():
    decision, _ = in_phase(
        dico(guidance="off", tau_seed=0.95, tau_low=0.5),
        Phase.DIVIDE,
        """
        a____
        99620
        .W...
        CCC..
        """,
    )
    assert decision.notes.phase[0] == Phase.CONQUER


def test_conquer_that_writes_nothing_hands_on_to_the_next_divide():
    decision, state = in_phase(
        dico(guidance="off", seeds=1),
        Phase.CONQUER,
        """
        _____
        45000
        .W...
        CC...
        """,
    )
    assert decision.notes.phase[0] == Phase.DIVIDE
    assert (state.rounds[0], state.passes[0]) == (1, 1)
    assert clusters(state.cluster) == "CC..."


def test_divide_passes_do_not_count_as_rounds():
    view = drawn("_____\n43000")
    strategy = dico(guidance="off", tau_low=1.0, seeds=1)
    _, state = expect(strategy, view, strategy.init(view.masked, VOCABULARY), "W....")
    assert (state.phase[0], state.rounds[0]) == (Phase.DIVIDE, 0)
