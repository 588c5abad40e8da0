"""Judges every backend in a folder, several at a time, and can be stopped and continued at any moment.

One line: `find_backends` → what the `Record` of an earlier batch still holds → `judge_all` with workers, each a process
of its own → the record, one line per verdict as it comes → a JSON list. A verdict is written and forgotten: the memory
of a batch does not grow with the number of its backends.
"""

from evaluator.batch.backends import Backend, find_backends
from evaluator.batch.record import Judged, Record
from evaluator.batch.settings import Settings
from evaluator.batch.workers import judge_all

__all__ = ["Backend", "Judged", "Record", "Settings", "find_backends", "judge_all"]
