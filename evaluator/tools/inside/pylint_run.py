"""Runs pylint so that it can look up the backend's packages, in the last place: its own come first."""

import glob
import sys

sys.path += glob.glob("/env/lib/python3*/site-packages")

from pylint import run_pylint

run_pylint(sys.argv[1:])
