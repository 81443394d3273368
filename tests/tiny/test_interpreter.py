import time

import pytest

from dlldecode.tiny.expressions import Refused
from dlldecode.tiny.families import load
from dlldecode.tiny.interpreter import call, parse
from dlldecode.tiny.problem import Problem

HOSTILE = [
    "while True:\n        pass",
    "return 9**9**9",
    "x = 10**12\n    while x:\n        x = x * x",
    "return (10 ** 6) ** 6",
    "return '%1000000000d' % 1",
    "return [0] * 10**9",
    "return 'a' * 10**10",
    "x = [1]\n    while True:\n        x = x + x",
    "x = 'a'\n    for i in range(100):\n        x += x\n    return x",
    "x = []\n    while True:\n        x = [x, x]",
    "x = []\n    x.append(x)\n    return x == x",
    "return sum(range(10**12))",
    "return [i for i in range(10**9)]",
    "return sum([j for j in range(300) for i in range(300) for k in range(300)])",
    "return f(x)",
    "return x.__class__",
    "return ().__class__.__bases__[0].__subclasses__()",
    "return ''.format(x)",
    "return '{0.__class__}'.format(x)",
    "import os\n    return os.system('true')",
    "return __import__('os')",
    "return open('/etc/passwd')",
    "return eval('1')",
    "exec('1')",
    "return (lambda: 1)()",
    "def g():\n        return 1\n    return g()",
    "global y\n    y = 1",
    "try:\n        return 1\n    except Exception:\n        pass",
    "return f'{x}'",
    "return {1: 2}",
    "return 1 << 10**9",
    "return x[::0]",
    "return 1 // 0",
    "return int('9' * 5000)",
    "return b'a' * 10",
    "yield 1",
    "return (yield 1)",
    "x: int = 1\n    del x",
    "return max(key=len)",
    "return " + "(" * 300 + ")" * 300,
    "return " + "-" * 1500 + "1",
    "return " + "[" * 90 + "]" * 90,
    "return (x := 1)",
    "return [*range(3)]",
    "return sorted([3, 1], key=abs)",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_bodies_fail_quickly(body):
    problem = Problem("code", "", "", ("branch", "f", ("x", "y"), ("above", 3, ("+", 2), ("*", 3))))
    began = time.perf_counter()
    assert not load("code").check(problem, f"def f(x, y):\n    {body}")
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    return x",
        "def g(x, y):\n    return x",
        "f = 1",
        "",
        "def f(x, y=1):\n    return x",
        "def f(x, *y):\n    return x",
        "@f\ndef f(x, y):\n    return x",
        "def f(x, y):\n    return x\nf(1, 2)",
        "def f(x, y): " + "x" * 3000,
        "async def f(x, y):\n    return 1",
        "def f(x, y):\nreturn 1",
    ],
)
def test_another_shape_is_refused(text):
    with pytest.raises(Refused):
        parse(text, "f", ("x", "y"))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("return x + y * 2", 11),
        ("t = []\n    for i, v in enumerate([5, 6]):\n        t.append(i + v)\n    return t", [5, 7]),
        ("t = 0\n    while t < y:\n        t += 1\n        if t == 2:\n            break\n    return t", 2),
        ("return [v for v in range(6) if v % 2 == 0 and v > x]", [4]),
        ("return 'a' if x == 3 else 'b'", "a"),
        ("return len([v for v in [1, 2] if v])", 2),
        ("return sum(v * v for v in [1, 2, 3])", 14),
        ("a, b = y, x\n    return a - b", 1),
        ("return ''.join(['a', 'b'])[::-1].upper()", "BA"),
        ("return 1 < x <= 3 and not y == 3", True),
        ("return list(reversed([1, 2]))", [2, 1]),
        ("return sum(v for _, v in zip([1, 2], [3, 4]))", 7),
        ("pass", None),
    ],
)
def test_plain_programs_run(body, value):
    assert call(parse(f"def f(x, y):\n    {body}", "f", ("x", "y")), (3, 4)) == value


def test_other_right_programs_pass():
    family = load("code")
    problem = Problem("code", "", "", ("numbers", "f", ("xs",), ("even", 2, "square", 2, "sum")))
    assert family.check(
        problem,
        "def f(xs):\n    total = 0\n    for x in xs:\n        if x % 2:\n            continue\n"
        "        total += x ** 2\n    return total",
    )
    assert not family.check(problem, "def f(xs):\n    return sum(x * x for x in xs)")
    assert not family.check(problem, "def f(xs):\n    return 100")
