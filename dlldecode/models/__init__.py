"""Masked diffusion models: described by data, read from Hugging Face folders, never executing their code."""
