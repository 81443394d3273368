"""Pictures of the order in which positions were written: what is drawn, and what cannot be."""

import builtins
import io
import math
from dataclasses import replace

import pytest

from dlldecode.errors import UsageError
from dlldecode.trace.events import Commit, Interval, Stepped
from dlldecode.trace.read import recording
from dlldecode.viz.plot import dots, drawn, plot, title

from ..trace.runs import ANSWER, REVOKING, run_of, written

DICO, REVOKED = run_of("dico", {}, ANSWER), run_of(*REVOKING)


def read(run, steps=None, **header):
    lines = written(replace(run.header, **header), run.steps if steps is None else steps)
    return recording("a trace", io.BytesIO("".join(lines).encode()))


def marks(axes) -> list[list[tuple[float, float]]]:
    """Where the written, the ringed and the taken back ones lie."""
    return [[tuple(at) for at in found.get_offsets().tolist()] for found in axes.collections[2:5]]


def test_files_are_written(tmp_path):
    for name, start in (("a.png", b"\x89PNG"), ("a.pdf", b"%PDF"), ("A.SVG", b"<?xml")):
        plot([read(DICO)], tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start)


def test_every_commit_and_revocation_is_a_mark():
    axes = drawn([read(REVOKED)]).axes[0]
    commits, _, back = marks(axes)
    assert commits == [(commit.position, step.step) for step in REVOKED.steps for commit in step.commits]
    assert back == [(position, step.step) for step in REVOKED.steps for position in step.revocations] and back


def test_colours_are_confidences_and_grey_without_one():
    step = DICO.steps[0]
    commits = tuple(Commit(at, 65, confidence, "plain", 0.0) for at, confidence in enumerate((0.25, math.nan)))
    found = drawn([read(DICO, [replace(step, commits=commits)])]).axes[0].collections[2]
    assert found.get_array().tolist()[0] == 0.25 and found.get_clim() == (0, 1)
    low, none = found.to_rgba(found.get_array())
    assert none[0] == none[1] == none[2] and low[0] != low[1]


def step_at(number: int, commits, regions) -> Stepped:
    written = tuple(Commit(at, 65, 0.5, kind, 0.5) for at, kind in commits)
    return Stepped(0, number, number + 1, Interval(0, 7), "none", written, (), regions, (), (), 0.0)


def test_rings_are_for_what_splits_a_run_and_for_seeds():
    steps = [
        step_at(0, [(0, "plain"), (3, "plain"), (5, "plain")], (Interval(0, 7),)),
        step_at(1, [(1, "seed"), (6, "plain"), (7, "plain")], (Interval(1, 2), Interval(4, 4), Interval(6, 7))),
    ]
    assert [dot.position for dot in dots(steps) if dot.ringed] == [3, 5, 1]
    assert [dot.position for dot in dots(steps)] == [0, 3, 5, 1, 6, 7] and not list(dots([]))


def lines(axes) -> list[float]:
    return sorted(line.get_xdata()[0] + 0.5 for line in axes.lines if len(line.get_xdata()) == 2)


def test_borders_stand_where_blocks_were():
    assert lines(drawn([read(DICO)]).axes[0]) == [0, 32, 64, 96]
    steps = [replace(step_at(at, [], ()), block=Interval(*span)) for at, span in enumerate([(0, 9), (0, 9), (10, 40)])]
    assert lines(drawn([read(DICO, steps, settings={"window": "adablock"})]).axes[0]) == [0, 10, 41, 96]
    found = run_of("threshold", {}, ANSWER, window="multiblock", block_length=24)
    assert lines(drawn([read(found)]).axes[0]) == [0, 24, 48, 72, 96]


def test_panels_share_their_axes():
    figure = drawn([read(DICO), read(REVOKED), read(DICO, [])])
    panels = [axes for axes in figure.axes if axes.get_visible()][:3]
    assert {axes.get_xlim() for axes in panels} == {(-0.5, DICO.header.canvas - 0.5)}
    longest = max(len(DICO.steps), len(REVOKED.steps))
    assert {axes.get_ylim() for axes in panels} == {(longest - 0.5, -0.5)}
    assert [axes.get_ylabel() for axes in panels] == ["step", "", "step"]
    assert [axes.get_xlabel() for axes in panels] == ["", "position", "position"]


def test_the_legend_says_what_there_is():
    figure = drawn([read(DICO)])
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "written", "anchor: splits a run of masks; in DiCo, a seed", "taken back",
        "region", "cluster", "border of blocks",
    ]  # fmt: skip
    assert figure.axes[-1].get_ylabel() == "confidence"


def test_titles():
    rate = DICO.finished.effective / len(DICO.steps)
    assert title(read(DICO)) == f"toy: dico\n{len(DICO.steps)} forwards, {rate:.2f} tokens per forward"
    assert title(read(DICO, preset="mine")).startswith("toy: dico, preset mine\n")
    assert "\x1b" not in title(read(DICO, model="\x1b[31m")) and len(title(read(DICO, model="m" * 999))) < 120
    whole = read(DICO)
    assert title(replace(whole, footer=None)).endswith(", cut")
    assert title(replace(whole, footer=replace(whole.footer, status="interrupted"))).endswith(", interrupted")


def test_a_title_is_no_formula(tmp_path):
    plot([read(DICO, model=r"$\frac$ _{^ ü")], tmp_path / "a.png")


def test_what_cannot_be_written(tmp_path):
    for name, trace, reason in (
        ("a.png", [], "nothing to plot"),
        ("a.txt", [read(DICO)], r"a\.txt is no picture .*\.png, \.pdf, \.svg\.$"),
        ("none/a.png", [read(DICO)], r"cannot be written \(No such file or directory\)"),
    ):
        with pytest.raises(UsageError, match=reason):
            plot(trace, tmp_path / name)


def test_without_matplotlib_the_extra_is_named(monkeypatch, tmp_path):
    real = builtins.__import__

    def absent(name, *rest):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(UsageError, match=r"pip install 'dlldecode\[plot\]'"):
        plot([read(DICO)], tmp_path / "a.png")
