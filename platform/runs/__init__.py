"""Runs: one evaluation of one snapshot. The only caller of the evaluator."""
