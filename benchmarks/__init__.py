"""Figures, not tests: what a lookup costs and how well it recognises. `python -m benchmarks` prints them all."""
