"""Every strategy there is, by file name, with its defaults and with the options that change its ways most."""

from dlldecode import strategies

VARIANTS = {
    "vanilla": [{"remasking": "random"}],
    "factor": [{"last_rank": True}],
    "dream": [
        {"alg": "origin"},
        {"alg": "maskgit_plus", "alg_temp": 0.3},
        {"alg": "topk_margin", "top_p": 0.8, "top_k": 3},
    ],
    "hierarchy": [{"remask": 0.35}, {"remask": 0.6, "remask_by": "written"}],
    "dico": [
        {"guidance": "linear", "seed_picker": "segments", "right_edge": "released", "progress_scope": "block"},
        {"guidance": "off", "rule": "fixed", "sure_scope": "clusters", "sigma": 2.0, "gate": 1.0},
    ],
}
CASES = [(name, options) for name in strategies.available() for options in ({}, *VARIANTS.get(name, []))]
NAMES = [" ".join([name, *(f"{key}={value}" for key, value in options.items())]) for name, options in CASES]
