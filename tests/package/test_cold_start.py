"""What a cold start must not import: each of these costs seconds. That help imports nothing heavy is in tests/cli."""

import subprocess
import sys

SCRIPT = """
import sys
from dlldecode.cli.app import app

try:
    app(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
heavy = ("transformers", "torch._dynamo", "torch._inductor", "sympy", "pandas", "matplotlib")
print([name for name in heavy if name in sys.modules], file=sys.stderr)
"""


def test_an_answer_of_the_bundled_model_needs_neither_transformers_nor_a_compiler():
    command = [sys.executable, "-c", SCRIPT, "generate", "--strategy", "dico", "--device", "cpu", "-n", "32", "Hello"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    assert done.stdout and done.stderr == "[]\n"
