"""What is said of keys that are no settings."""

import pytest

from dlldecode.config.assemble import Request, resolve, set_layer
from dlldecode.errors import PresetError


@pytest.mark.parametrize(
    ("assignments", "sentence"),
    [
        (
            ["decode.wrap=prior", "wrap_options.priro.rate=0.1"],
            "wrap_options.priro.rate is not a setting; did you mean wrap_options.prior.rate?",
        ),
        (
            ["decode.wrap=prior", "wrap_options.priro.rat=0.1"],
            "wrap_options.priro.rat is not a setting; did you mean wrap_options.prior.rate?",
        ),
        (["wrap_options.zzz.rate=0.1"], "since there is no wrapper 'zzz'; the choice is early_exit, prior,"),
        (["wrap_options.prior.rate=0.1"], "is not a setting, since wrap does not name prior; add decode.wrap=prior"),
        (
            ["decode.wrap=verify", "wrap_options.prior.rate=0.1"],
            "is not a setting, since wrap does not name prior; add prior to decode.wrap",
        ),
        (["decode.wrap=prior", "wrap_options.rate=0.1"], "did you mean wrap_options.prior.rate?"),
        (["wrap_options.rate=0.1"], "settings begin with decode., "),
        (
            ["window_options.likely=0.3"],
            "window_options.likely is not a setting, since window is not adablock; add decode.window=adablock",
        ),
        (["decode.window=multiblock", "window_options.likely=0.3"], "since window is not adablock; add decode.window"),
        (["window_options.zzzz=0.3"], "window_options.zzzz is not a setting; there are none"),
        (["decode.cache=dual", "cache_options.look_ahead=4"], "since cache is not vicinity; add decode.cache=vicinity"),
        (["decode.cache=vicinity", "cache_options.look_ahed=4"], "did you mean cache_options.look_ahead?"),
        (
            ["decode.wrap=prior", "wrap_options={prior={rate=0.1}}"],
            "--set wrap_options is not a setting; it is a table, so give what is in it one by one, as in wrap_options",
        ),
        (["wrap_options.prior={rate=0.1}"], "is a table, so give what is in it one by one, as in wrap_options.prior"),
        (["window_options={likely=0.3}"], "--set window_options is not a setting; it is a table"),
        (["decode={seed=3}"], "--set decode is not a setting; it is a table, so give what is in it one by one, as in"),
        (["wrap=prior"], "--set wrap is not a setting; did you mean decode.wrap?"),
        (["decode.threshold=0.5"], "did you mean strategy_options.threshold?"),
        (
            ["high=0.9"],
            "high is not a setting of the strategy threshold but of hierarchy: add -s hierarchy; threshold has",
        ),
        (["remasking=random"], "of the strategy threshold but of "),
        (["zzz=1"], "--set zzz is not a setting of the strategy threshold; it has threshold"),
        (["graphs=off"], "graphs is not a setting; it belongs to the run, say it with its flag or as DLLDECODE_GRA"),
        (["decode.wrap=5"], "--set decode.wrap = 5; must be a list of names"),
        (["decode.wrap=true"], "--set decode.wrap = True; must be a list of names, not true or false"),
    ],
)  # fmt: skip
def test_what_an_assignment_may_have_meant(assignments, sentence):
    with pytest.raises(PresetError) as raised:
        resolve(Request(strategy="threshold", layers=(set_layer(assignments),)), outside=False)
    assert len(raised.value.problems) == 1 and sentence in raised.value.problems[0]
