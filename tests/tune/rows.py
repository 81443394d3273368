"""Made-up figures of settings."""

from dlldecode.bench.report import Estimate, Row


def row(score, tpf, label="p", axes=None, **changes):
    counts = dict.fromkeys(("canvas_tpf", "canvas_tps", "forwards", "full", "window", "positions", "steps"), 1.0)
    named = {"label": label, "preset": "p", "strategy": "p", "cache": "none", "task": "sums", "metric": "accuracy"}
    return Row(
        **named, items=8, failed=0, runs=1, score=Estimate(score, score - 0.1, score + 0.1), tpf=tpf, tps=9 * tpf,
        **counts, remasked=0.0, seconds=1.0, axes=axes or {}, **changes,
    )  # fmt: skip
