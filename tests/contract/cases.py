"""Every strategy there is, by file name, with its defaults and with the options that change its ways most."""

from dlldecode import strategies

VARIANTS = {
    "vanilla": [{"remasking": "random"}],
    "factor": [{"last_rank": True}],
    "klass": [{"threshold": 0.2, "divergence": 10.0, "history": 1, "inner": 3}],
    "eb": [{"gamma": 2.0, "order": "confidence"}],
    "localleap": [{"threshold": 0.6, "relaxed": 0.3, "radius": 2}],
    "frechet": [{"margin": 0.0}],
    "dream": [
        {"alg": "origin"},
        {"alg": "maskgit_plus", "alg_temp": 0.3},
        {"alg": "topk_margin", "top_p": 0.8, "top_k": 3},
        {"alg": "confidence_threshold", "threshold": 0.5, "first": True},
    ],
    "hierarchy": [{"remask": 0.35}, {"remask": 0.6, "remask_by": "written"}, {"conventions": "released"}],
    "credit": [{"slack": 0.1, "threshold": 0.6}],
    "dus": [{"threshold": 0.0}, {"threshold": 0.7, "base": 3}],
    "saber": [{"least": 1, "mu": 1}, {"least": 4}],
    "dcleap": [{"window": 2, "threshold": 0.3, "draft": 0.4}],
    "dico": [
        {"guidance": "linear", "seed_picker": "segments", "right_edge": "released", "progress_scope": "block"},
        {"guidance": "off", "rule": "fixed", "sure_scope": "clusters", "sigma": 2.0, "gate": 1.0},
        {"conventions": "released", "tau_low": 0.85},
    ],
}
CASES = [(name, options) for name in strategies.available() for options in ({}, *VARIANTS.get(name, []))]
NAMES = [" ".join([name, *(f"{key}={value}" for key, value in options.items())]) for name, options in CASES]
