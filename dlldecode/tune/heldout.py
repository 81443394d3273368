"""The verdict on the pick: beside the reference, item by item, on items that the search never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from ..bench.pairs import tpf_quotient
from ..bench.report import Estimate, Report, Row
from .evaluate import Evaluator
from .halves import Question
from .trial import Trial

HOPELESS = (
    "Nothing was right on held-out items, with the reference or the pick, so that their speeds mean nothing: look at"
    " the canvas, the prompts and the task. Keep the reference."
)
ADVICE = " --constraint 'difference>=0' picks among those that lost nothing on the items searched on."
Outcome = Literal["better", "faster", "nothing"]


class Verdict(NamedTuple):
    """What the held-out items say: the comparison (the reference first), TPF over the reference's, the conclusion.

    `better`: the score's difference lies above 0. `faster`: TPF is higher, with its whole interval, and the score's
    difference may be 0. `nothing`: all else, so that nothing found beats the reference, and
    where nothing was right.
    """

    report: Report
    tpf: Estimate | None
    outcome: Outcome
    sentence: str


def verdict(evaluator: Evaluator, pick: Trial | None, questions: Sequence[Question]) -> Verdict:
    """Decode the reference and the pick on the held-out items and compare them."""
    reference = evaluator.reference
    if pick is None or pick.number == reference.number:
        return Verdict(Report({}, ()), None, "nothing", "Nothing beats the reference: it is the best that was found.")
    apart = replace(evaluator, whole=questions, seen=lambda number, row: None, reached={}, _rows={})
    apart.rows([reference], questions, later=len(questions))
    apart.rows([pick], questions)
    compared = evaluator.report([reference, pick], questions, reference=reference.label)
    tpf = tpf_quotient(evaluator.results(pick, questions), evaluator.results(reference, questions))
    row = compared.overall[-1]
    assert row.difference is not None
    if not any(each.score.value for each in compared.overall):
        return Verdict(compared, tpf, "nothing", HOPELESS)
    outcome = judged(row.difference, tpf)
    advice = ADVICE if outcome == "faster" and row.difference.low < 0 and evaluator.goal.constraint is None else ""
    return Verdict(compared, tpf, outcome, sentence(outcome, row, row.difference, tpf) + advice)


def judged(difference: Estimate, tpf: Estimate) -> Outcome:
    """The conclusion from two intervals."""
    if difference.low > 0:
        return "better"
    return "faster" if tpf.low > 1 and difference.high >= 0 else "nothing"


def sentence(outcome: Outcome, row: Row, difference: Estimate, tpf: Estimate) -> str:
    """The conclusion in words."""
    points = "{:+.1f} points [{:+.1f}, {:+.1f}]".format(*(100 * figure for figure in difference))
    rate = "{:.2f}x [{:.2f}, {:.2f}]".format(*tpf)
    figures = f"score {points}, TPF {rate}, on {row.items} items that the search did not see"
    if outcome == "better":
        return f"The pick is better than the reference: {figures}."
    if outcome == "faster":
        loss = f" A loss of {-100 * difference.low:.1f} points cannot be ruled out." if difference.low < 0 else ""
        return f"The pick is faster than the reference, and no loss of score can be shown: {figures}.{loss}"
    return f"Nothing beats the reference on held-out items: {figures}. Keep the reference."
