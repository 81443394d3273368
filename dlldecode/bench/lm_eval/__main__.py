"""lm-eval's own command line, with the model `dlldecode` known to it."""

from __future__ import annotations

import os
import sys

from ...errors import DlldecodeError


def main() -> None:
    """Run lm-eval on the arguments of this process; an error of ours is one sentence and its own exit code."""
    # Threads of torch that wait for work would otherwise spin, and starve each other as soon as a core is busy.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        from . import model  # noqa: F401 (importing it makes the model known by name)

        harness()
    except DlldecodeError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


def harness() -> None:
    """What the command `lm-eval` does."""
    from lm_eval.__main__ import cli_evaluate

    cli_evaluate()


if __name__ == "__main__":
    main()
