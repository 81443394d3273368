"""lm-evaluation-harness runs its tasks with this package's strategies: `python -m dlldecode.bench.lm_eval`.

The class for Python is `dlldecode.bench.lm_eval.model.DlldecodeLM`; it needs the extra `dlldecode[lm-eval]`.
"""
