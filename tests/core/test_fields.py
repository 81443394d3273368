"""Options: their fields, and everything wrong with them at once."""

import math
from dataclasses import dataclass, field
from typing import Annotated, Literal

import pytest
from annotated_types import Ge, Gt, Le, MinLen
from typing_extensions import Doc

from dlldecode.core.fields import check, fields, nearest


@dataclass(frozen=True)
class Options:
    high: Annotated[float, Ge(0), Le(1), Doc("a share")] = 0.9
    count: Annotated[int, Ge(1)] = 4
    mode: Literal["soft", "hard"] = "soft"
    loud: bool = False
    width: Annotated[float, Gt(0)] | None = None
    name: str = "a"
    seed: Annotated[int, Ge(0), Le(2**63 - 1)] = 0
    names: tuple[str, ...] = ()
    places: Annotated[tuple[int | str, ...], MinLen(1)] = (1,)
    derived: int = field(init=False, default=3)


@dataclass(frozen=True)
class Nothing:
    pass


def problems(**values):
    made, found = check(Options, values)
    assert (made is None) == bool(found)
    return {problem.key: problem for problem in found}


def test_fields_carry_type_default_sentence_and_range():
    high, count, *others = fields(Options)
    assert (high.name, high.type, high.default, high.about, high.markers) == (
        "high",
        float,
        0.9,
        "a share",
        (Ge(0), Le(1)),
    )
    assert (count.type, count.about, count.markers) == (int, "", (Ge(1),))
    assert [other.name for other in others] == ["mode", "loud", "width", "name", "seed", "names", "places"]


def test_good_values_build_the_object():
    made, found = check(Options, {"high": 0.5, "count": 2, "mode": "hard", "loud": True, "width": 2.5, "name": "b"})
    assert (made, found) == (Options(0.5, 2, "hard", True, 2.5, "b"), [])
    assert check(Options, {}) == (Options(), [])


def test_a_whole_number_is_a_number():
    made, _ = check(Options, {"high": 1, "width": 3})
    assert made is not None and (made.high, made.width) == (1.0, 3.0)


def test_numbers_that_tensors_do_not_hold_are_refused():
    """A bound of a field's own goes first, and what is in a list counts."""
    assert check(Options, {"count": 2**31 - 1, "seed": 2**63 - 1})[0] == Options(count=2**31 - 1, seed=2**63 - 1)
    assert problems(count=2**31)["count"].message == f"= {2**31}; must be at most {2**31 - 1}"
    assert problems(places=(3, -(2**31)))["places"].message.endswith(f"must be at least -{2**31 - 1}")
    assert problems(width=1e39)["width"].message == "= 1e+39; must be at most 3.4e+38"
    assert problems(seed=2**63)["seed"].message.startswith(f"= {2**63}; must be less than or equal to")


def test_an_empty_list_is_refused_where_something_is_wanted():
    assert problems(places=[])["places"].message == "= []; must hold at least 1"


def test_everything_wrong_is_told_at_once():
    found = problems(hihg=1, high=2.0, count=0, mode="loud", name=3)
    assert list(found) == ["hihg", "high", "count", "mode", "name"]


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan, math.inf, -math.inf, "0.5", None, [0.5]])
def test_out_of_range_or_of_another_kind(value):
    message = problems(high=value)["high"].message
    assert message.startswith(f"= {value!r}; must be ")


@pytest.mark.parametrize("key", ["high", "count", "width", "name", "mode"])
@pytest.mark.parametrize("value", [True, False])
def test_true_is_no_number(key, value):
    assert key in problems(**{key: value})


@pytest.mark.parametrize(
    ("key", "value"), [("count", 2.0), ("count", "2"), ("loud", 1), ("loud", "yes"), ("name", 1), ("width", 0)]
)
def test_nothing_is_converted(key, value):
    assert key in problems(**{key: value})


def test_a_text_alone_is_a_list_of_one_and_nothing_else_is():
    assert check(Options, {"names": "b", "places": [1, "b"]})[0] == Options(names=("b",), places=(1, "b"))
    assert problems(names=5)["names"].message == "= 5; must be a list of names"
    assert problems(names=True)["names"].message == "= True; must be a list of names, not true or false"
    assert problems(places={"b": 1})["places"].message == "= {'b': 1}; must be a list"


def test_unknown_keys_name_the_nearest_or_all():
    found = problems(hight=0.5, zzzz=1)
    assert found["hight"].nearest == "high" and "did you mean high?" in found["hight"].message
    assert (
        found["zzzz"].nearest is None
        and "count, high, loud, mode, name, names, places, seed, width" in found["zzzz"].message
    )


def test_fields_outside_of_the_constructor_are_no_options():
    assert "derived" in problems(derived=1)


def test_a_kind_without_settings_says_so():
    made, found = check(Nothing, {"k": 1})
    assert made is None and "has no settings" in found[0].message


def test_nearest():
    assert nearest("tau_hi", ["tau_high", "low"]) == "tau_high"
    assert nearest("x", ["tau_high", "low"]) is None
    assert nearest("x", []) is None
