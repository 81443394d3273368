"""The command line on the weightless toy model: `python -m tests.cli.toy ARGUMENTS`."""

import os
import sys

from dlldecode.cli.main import main

ANSWER = "seven times six is 42"


def load(name="tiny", **where):
    """Stands in for `dlldecode.models.load.load`; prints as careless libraries do."""
    from dlldecode.models.toy import Toy

    print("a library says hello")
    os.write(1, b"and so does its C half\n")
    return Toy(answer=os.environ.get("TOY_ANSWER", ANSWER), name=name)


if __name__ == "__main__":
    from dlldecode import api

    api.load = load
    sys.argv[0] = "dlldecode"
    main()
