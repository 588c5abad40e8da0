"""The exceptions of the evaluator.

    EvaluatorError
     ├── BadInput              what was handed in cannot be judged: it names what and where   (exit status 2)
     │    ├── UnknownTask      no such task id
     │    └── RefusedFiles     traversal, link out of the tree, too large, no run.sh …
     └── MachineryFailed       our side failed; becomes a void run with a reason             (exit status 3)
          ├── SandboxUnavailable   no sandbox can be offered here; says what to switch on
          └── EngineUnavailable    PostgreSQL for backends did not start

A wrong backend is not an exception: it is data in the verdict. Any other exception is a bug of ours and travels.
"""


class EvaluatorError(Exception):
    """Base of all expected failures; `str(error)` is a sentence for a person."""


class BadInput(EvaluatorError):
    """What was handed in cannot be judged."""


class UnknownTask(BadInput):
    """No such task id."""


class RefusedFiles(BadInput):
    """The files of a backend break a rule of the import; the sentence names the file."""


class MachineryFailed(EvaluatorError):
    """Our side failed: the run is void and never counts as the backend's failure."""


class SandboxUnavailable(MachineryFailed):
    """No sandbox can be offered on this machine."""


class EngineUnavailable(MachineryFailed):
    """A service that backends ask for could not be started."""
