"""Recorded traces that the tests draw."""

from pathlib import Path

from dlldecode.trace.read import read
from dlldecode.viz.scene import scenes

HERE = Path(__file__).parent


def recorded(name):
    return read(str(HERE / "traces" / f"{name}.jsonl"))


def scene(name, number):
    found = recorded(name)
    return list(scenes(found.header, found.bytes, found.steps))[number]
