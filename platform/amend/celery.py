"""The worker's entry point: `celery -A amend.celery worker`."""

import os
import subprocess
import sys

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amend.settings")
app = Celery("amend")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["runs"])


@worker_init.connect  # type: ignore[untyped-decorator]  # celery has no types
def sweep_what_killed_workers_left(**_: object) -> None:
    """In a process of its own: what it opens must not be inherited by the processes that this worker forks."""
    subprocess.run([sys.executable, "-m", "evaluator", "sweep"], stdout=subprocess.DEVNULL, check=False)
