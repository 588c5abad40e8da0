"""Sandboxes started ahead of time, each for one run: with the frameworks imported before the code arrives."""

from evaluator.warm.pool import WarmSandboxes

__all__ = ["WarmSandboxes"]
