"""Runs what we do not trust. May not import the contract, the verifiers or the environments."""

from evaluator.sandbox.base import DatabaseAccess, LaunchSpec, Limits, Mount, Running, Sandbox
from evaluator.sandbox.choice import choose_sandbox

__all__ = ["DatabaseAccess", "LaunchSpec", "Limits", "Mount", "Running", "Sandbox", "choose_sandbox"]
