"""Write a folder of LLaDA-8B's shape with random weights, in the published layout, to measure how long it loads.

python docs/benchmarks/write_folder.py FOLDER    (16 GB of disk)
"""

import json
import shutil
import sys
from pathlib import Path

import dlldecode.tiny
from dlldecode.models import dummy
from dlldecode.models.load import load_dummy
from dlldecode.tiny.checkpoint import export

SHARD = 3_000_000_000  # bytes; the published folder has six files of about this size


def main(folder: Path) -> None:
    """Config, weights, and the small model's tokenizer files."""
    trunk = load_dummy("llada", dtype="bfloat16").trunk
    export(folder, trunk, dict(trunk.named_parameters()), SHARD)
    (folder / "config.json").write_text(json.dumps(dummy.LLADA))
    for file in (Path(dlldecode.tiny.__file__).parent / "weights").glob("*token*"):
        shutil.copy(file, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
