"""Runs pylint on the backend's own code. Of its packages pylint is told the names and nothing more.

To look into them costs many times as much (26 s of processor time where there is SQLAlchemy). So a package that
is not installed is found, and a name that a package does not have is not. Without an environment nobody knows what
there is.
"""

import os
import sys

from pylint import run_pylint

PLACE = "/env/lib"


def installed():
    """The names that can be imported from the backend's packages."""
    for python in os.listdir(PLACE) if os.path.isdir(PLACE) else ():
        folder = os.path.join(PLACE, python, "site-packages")
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            first = name.partition(".")[0]
            if first.isidentifier() and not name.endswith((".dist-info", ".pth")):
                yield first


names = sorted(set(installed()))
known = f"--ignored-modules={','.join(names)}" if os.path.isdir(PLACE) else "--disable=import-error"
run_pylint([sys.argv[1], known, *sys.argv[2:]])
