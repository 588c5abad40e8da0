"""The project: settings, URLs, the two engines of the embedded default, and the Celery application."""
