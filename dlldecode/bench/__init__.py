"""Measurements: how fast a model decodes on a machine."""
