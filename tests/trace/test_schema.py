"""The JSON Schema that the package ships holds for traces of every strategy, and names the fields that are read."""

import json
import math
from dataclasses import fields, replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dlldecode.core.step import Kind, Phase
from dlldecode.trace import lines
from dlldecode.trace.lines import Footer

from .runs import RUNS, revokes, run_of, written

SCHEMA = json.loads(Path(lines.__file__).with_name("schema.json").read_text())
CHECKER = Draft202012Validator(SCHEMA)
EXAMPLE = run_of("dico", {}, None).values


def problems(value) -> list[str]:
    return [error.message for error in CHECKER.iter_errors(value)]


def strictly(text: str):
    """JSON as the standard has it."""
    return json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("chosen", RUNS, ids=lambda chosen: f"{chosen[0]}{'' if not chosen[1] else ' remask'}")
def test_every_line_of_a_trace_holds(chosen):
    run = run_of(*chosen)
    assert [value["type"] for value in run.values] == ["header", *["step"] * len(run.steps), "footer"]
    assert not [problem for value in run.values for problem in problems(value)]
    assert any(value.get("revocations") for value in run.values) == revokes(chosen)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_null(number):
    run = run_of("threshold", {}, None)
    commit = run.steps[0].commits[0]._replace(confidence=number, score=number)
    header = replace(run.header, options={"bar": number}, about={"deep": [{"er": number}, 1.5, "text", None, True]})
    step = replace(run.steps[0], commits=(commit,))
    first, second, last = map(strictly, written(header, [step], Footer("error", {"loss": number})))
    assert first["options"] == {"bar": None} and first["about"] == {"deep": [{"er": None}, 1.5, "text", None, True]}
    assert second["commits"] == [[commit.position, commit.token, None, commit.kind, None]]
    assert last["record"] == {"loss": None}
    assert not problems(first) + problems(second) + problems(last)


def test_it_names_the_fields_that_are_read():
    read = {"header": lines.HEADER, "step": {**lines.STEP, "bytes": lines.decoded}, "footer": lines.FOOTER}
    for kind, readers in read.items():
        named = SCHEMA["$defs"][kind]["properties"].keys() - {"type", "format", "schema"}
        assert named == readers.keys() and named < set(SCHEMA["$defs"][kind]["required"])
    assert lines.HEADER.keys() == {each.name for each in fields(lines.Header)}


def test_it_names_every_kind_and_phase():
    step = SCHEMA["$defs"]["step"]["properties"]
    kinds = SCHEMA["$defs"]["commit"]["prefixItems"][3]["description"]
    assert all(phase.name.lower() in step["phase"]["description"] for phase in Phase)
    assert all(kind.name.lower() in kinds for kind in Kind)


def without(value, name):
    return {key: each for key, each in value.items() if key != name}


@pytest.mark.parametrize("value", [EXAMPLE[0], EXAMPLE[1], EXAMPLE[-1]], ids=lambda value: value["type"])
def test_no_field_may_be_missing_or_of_another_type(value):
    for name in value:
        assert name == "prompt" or problems({**value, name: None}), name
        assert problems(without(value, name)), name
    assert not problems({**value, "later": 1})


@pytest.mark.parametrize(
    "change", [{"commits": [[1, 2, 0.5, "plain"]]}, {"block": [0]}, {"anchors": [-1]}, {"bytes": {"a": "YQ=="}}]
)
def test_what_is_not_a_step(change):
    assert problems({**EXAMPLE[1], **change})


def test_lines_of_a_later_type_are_let_through():
    assert not problems({"type": "remark", "text": "later"}) and problems({}) and problems([])
