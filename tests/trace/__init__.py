"""Traces: how they are written and read."""
