"""Judges one generated backend. A library and a command line; imports no Django and no Celery."""
