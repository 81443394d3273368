"""How many states a forward carries."""

import pytest

from dlldecode import wrappers
from dlldecode.errors import PresetError

from ..fakes import recipe


def test_sequences_a_row():
    assert (recipe("topk").drafts, recipe("topk").branches) == (0, 1)
    assert recipe("topk", wrap=("verify",)).drafts == 3
    assert recipe("topk", wrap=("verify",), cfg_scale=1.0).branches == 8
    assert recipe("topk", parts={"wrap_options.verify": {"drafts": 5}}, wrap=("prior", "verify")).branches == 6


@pytest.mark.parametrize("drafts", [0, 17, 1.5, True])
def test_drafts_out_of_range(drafts):
    with pytest.raises(PresetError, match=r"wrap_options\.verify\.drafts"):
        wrappers.load("verify", drafts=drafts)
