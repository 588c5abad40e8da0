"""Seeded faults: small realistic mistakes as patches on working generated backends, and which suite notices them.

`catalogue()` is the data, `mutated_files(fault)` the backend with the mistake in it, `mutate` the measurement. Whoever
shows a fault to a person says that it is seeded. May not be imported by the contract, the sandbox or the verifiers.
"""

from evaluator.faults.catalogue import (
    CATEGORIES,
    Category,
    Fault,
    catalogue,
    fault_named,
    mutated_files,
    original_files,
)

__all__ = ["CATEGORIES", "Category", "Fault", "catalogue", "fault_named", "mutated_files", "original_files"]
