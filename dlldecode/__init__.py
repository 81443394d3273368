"""Decode masked diffusion language models with every training-free parallel strategy, on one engine."""
