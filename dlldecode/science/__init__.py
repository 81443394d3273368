"""Questions about parallel decoding, asked of decodings by this package's own engine, and answered with tables.

`python -m dlldecode.science run divergence`: one file of `questions/` each; `chart` draws what `bench` exported.
"""
