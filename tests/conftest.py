from typing import runtime_checkable

import pytest
import torch

from .warm import Warm

torch.set_num_threads(1)


def pytest_sessionstart():
    """Run-time type checks ask `isinstance` of protocols; the package itself never does.

    Imported here and not above, since the import hook must come first.
    """
    from dlldecode.core.step import Strategy
    from dlldecode.models.adapter import Model, Store

    for protocol in (Strategy, Model, Store):
        runtime_checkable(protocol)
    # A class counts as a strategy when it says so; its members cannot be asked of a class.
    Strategy.__subclasshook__ = classmethod(lambda cls, other: NotImplemented)


@pytest.fixture(scope="session")
def warm(tmp_path_factory):
    """Where commands are forked from a process that has read torch."""
    found = Warm(tmp_path_factory.mktemp("warm"))
    yield found
    found.close()
