#!/usr/bin/env python
"""Django's command line for the site; puts `platform/` on the path and starts the embedded engines where needed."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amend.settings")

# Commands that read no data; everything else gets a running database.
WITHOUT_DATABASE = {"collectstatic", "compilemessages", "help", "makemessages", "spectacular", "startapp", "up"}


def main() -> None:
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in WITHOUT_DATABASE:
        from amend.engines import start_embedded_engines

        start_embedded_engines()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
