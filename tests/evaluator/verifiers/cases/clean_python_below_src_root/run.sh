PYTHONPATH=src python -m conduit
