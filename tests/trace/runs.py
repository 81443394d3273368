"""Decodings of the Toy model and the traces that they leave."""

import json
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import dlldecode
from dlldecode import strategies
from dlldecode.models.toy import Toy
from dlldecode.trace.events import Finished, Started, Stepped
from dlldecode.trace.lines import Footer, Header
from dlldecode.trace.record import Recorder

ANSWER = "Nine trays of six tarts are 54. Ünïcödé: 日本語, 👩‍💻.\n#### 4"
CANVAS, BLOCK = 96, 32
REVOKING = ("hierarchy", {"remask": 0.6, "low": 0.05, "remask_by": "written"}, None)
ENDED = Footer("ok", {"text": ANSWER})
RUNS = [*((name, {}, ANSWER) for name in strategies.available()), REVOKING]


def revokes(chosen: tuple) -> bool:
    """Whether this one of RUNS takes tokens back."""
    return chosen is REVOKING or chosen[0] == "saber"


class Run(NamedTuple):
    """A decoding and its trace: what began, the steps, what ended, and the lines."""

    header: Header
    steps: list[Stepped]
    finished: Finished
    lines: list[str]

    @property
    def text(self) -> str:
        return "".join(self.lines)

    @property
    def values(self) -> list[dict]:
        return [json.loads(line) for line in self.lines]


def run_of(strategy: str, options: dict, answer: str | None, **settings) -> Run:
    return _run_of(strategy, json.dumps(options), answer, **settings)


@lru_cache
def _run_of(strategy: str, options: str, answer: str | None, **settings) -> Run:
    model = Toy(answer)
    chosen = {"max_tokens": CANVAS, "block_length": BLOCK, **settings}
    events = list(dlldecode.stream(model, "Hi", strategy=strategy, options=json.loads(options), **chosen))
    started, finished = events[0], events[-1]
    assert isinstance(started, Started) and isinstance(finished, Finished)
    header = Header(
        "Hi", started.prompt_ids, started.canvas, started.mask_id, model.spec.stop_ids, chosen["block_length"],
        model.name, strategy, strategy, 0, chosen, json.loads(options),
    )  # fmt: skip
    steps = [event for event in events if isinstance(event, Stepped)]
    return Run(header, steps, finished, written(header, steps))


def written(header: Header, steps, footer: Footer | None = ENDED) -> list[str]:
    lines: list[str] = []
    recorder = Recorder(lines.append, Toy().tokenizer.token_bytes)
    recorder.start(header)
    for step in steps:
        recorder.step(step)
    if footer:
        recorder.end(footer)
    return lines


def as_written(step: Stepped) -> Stepped:
    """The step with its numbers as a trace has them."""
    commits = tuple(
        each._replace(confidence=round(each.confidence, 6), score=round(each.score, 6)) for each in step.commits
    )
    return replace(step, commits=commits, seconds=round(step.seconds, 6))
