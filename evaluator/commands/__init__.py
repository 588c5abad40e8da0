"""The command line, one file per command: `declare` adds it and its arguments, the function below it does the work.

A new command is a file with `declare` and a line in `COMMANDS`. A command that needs a heavy package imports it inside
its function, so that `--help` and the other commands do not pay for it.
"""

from evaluator.commands import against, announced, batch, contracts, mutate, run, sandbox_check, sweep, tasks, verify

COMMANDS = (run, against, verify, batch, mutate, announced, tasks, contracts, sandbox_check, sweep)
