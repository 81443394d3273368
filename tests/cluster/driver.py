"""`python -m tests.cluster.driver FOLDER ITEMS`: a comparison by two workers, its records kept as they come.

The first line on stdout names the workers' processes that there are once results come.
"""

import sys
from pathlib import Path

from dlldecode.bench import session, task
from dlldecode.bench.items import items
from dlldecode.bench.matrix import settings
from dlldecode.bench.records import Records
from dlldecode.cli import engine
from dlldecode.cli.main import ended
from dlldecode.cli.options import Engine
from dlldecode.cli.output import results
from dlldecode.config.layers import Layer


def plan(limit, batch_size=1, runs=1):
    layers = [Layer({"decode.max_tokens": 32, "decode.block_length": 16, "batch_size": batch_size}, {})]
    (maths,) = task.find("tiny_math")
    chosen = settings(["threshold", "vanilla"], [], layers, Layer())
    return session.plan(chosen, [(maths, items(maths, limit=limit))], runs)


def asked(**more):
    return {"engine": Engine.RAY, "workers": 2, "warmup": 1, **more}


def main(folder, limit):
    whole = plan(limit)
    with results() as output, engine.opened(whole.groups[0].resolved.run, asked()) as decoder:
        records = Records(Path(folder), go_on=True)
        records.agree(decoder.about)
        for found in decoder.found(whole.left(records)):
            if not isinstance(found, session.WarmedUp):
                records.append(found)
                output.write(f"{found['key']}\n")


if __name__ == "__main__":
    ended(lambda: main(sys.argv[1], int(sys.argv[2])))
