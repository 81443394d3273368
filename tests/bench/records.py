"""Made-up records of items, as a comparison reads them."""

import random
from typing import Any


def record(setting: str = "vanilla", item: str = "0", **changes: Any) -> dict[str, Any]:
    """A record of an item that took 10 forwards for 20 tokens in a second."""
    preset, *axes = setting.split()
    values = {
        "setting": setting, "setting_hash": "0", "preset": preset, "strategy": preset, "cache": "none",
        "axes": {key: float(value) for key, value in (axis.split("=") for axis in axes)},
        "task": "sums", "metric": "accuracy", "item": item, "run": 0,
        "metrics": {"accuracy": 1.0}, "answer": "1", "note": "", "text": "1",
        "tokens": {"prompt": 5, "effective": 20, "canvas": 32},
        "forwards": {"total": 10, "full": 2, "window": 8, "idle": 0, "positions": 300},
        "steps": 10, "remasked": 1, "tpf": 2.0, "tps": 20.0,
        "seconds": {"decode": 1.25, "prepare": 0.25, "elapsed": 2.25, "score": 0.1},
        "batch_size": 1, "memory": None, "joules": None, "finish_reason": "stop", "error": None,
    }  # fmt: skip
    return {**values, **changes}


def scored(score: float, **changes: Any) -> dict[str, Any]:
    """What makes a record score so much."""
    return {"metrics": {"accuracy": score}, **changes}


def failed(**changes: Any) -> dict[str, Any]:
    """What makes a record one of an item that failed."""
    nothing = {"total": 0, "full": 0, "window": 0, "idle": 0, "positions": 0}
    return {
        "metrics": {}, "error": "out of memory", "forwards": nothing, "steps": 0, "remasked": 0,
        "tokens": {"prompt": 5, "effective": 0, "canvas": 0},
        "seconds": {"decode": 0.0, "prepare": 0.0, "elapsed": 0.0, "score": 0.0}, **changes,
    }  # fmt: skip


def many(setting: str, task: str, share: float, forwards: int, **changes: Any) -> list[dict[str, Any]]:
    """Forty items of a task, a share of them solved."""
    chance = random.Random(f"{setting} {task}")
    counts = {"total": forwards, "full": forwards // 8, "window": forwards - forwards // 8, "idle": 0, "positions": 0}
    return [
        record(setting, f"{task}/{item}", **scored(float(chance.random() < share)), task=task, forwards=counts,
               steps=forwards, tokens={"prompt": 9, "effective": 100, "canvas": 128},
               seconds={"decode": 0.1 + forwards / (60 + chance.random()), "prepare": 0.1, "elapsed": 1, "score": 0},
               **changes)
        for item in range(40)
    ]  # fmt: skip


SWEEP = {
    "vanilla": (0.75, 100),
    "threshold threshold=0.5": (0.55, 14), "threshold threshold=0.7": (0.65, 22), "threshold threshold=0.9": (0.74, 34),
    "dico threshold=0.5": (0.62, 10), "dico threshold=0.7": (0.72, 13), "dico threshold=0.9": (0.76, 20),
    "hierarchy": (0.70, 25), "topk": (0.4, 25),
}  # fmt: skip


def sweep(*tasks: str, **changes: Any) -> list[dict[str, Any]]:
    """Records of nine settings on some tasks."""
    return [each for label, case in SWEEP.items() for task in tasks for each in many(label, task, *case, **changes)]
