from django.apps import AppConfig


class AmendConfig(AppConfig):
    name = "amend"

    def ready(self) -> None:
        # Tasks called from the web process must find their broker: Celery wants its app imported once.
        from amend.celery import app  # noqa: F401
