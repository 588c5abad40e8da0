"""A pytest plugin: the suite gets embedded engines of its own, before the settings are read.

A demo that runs beside the tests is never touched: other state directory, other database, other broker.
"""

from __future__ import annotations

import os

from amend.engines import ROOT, broker_url, database_url, start_embedded_engines

if "DATABASE_URL" not in os.environ:
    os.environ.setdefault("AMEND_STATE", str(ROOT / "var" / "test"))
    start_embedded_engines()
    os.environ["DATABASE_URL"] = database_url()
    os.environ["BROKER_URL"] = broker_url()
