"""For servers that speak WSGI; live streams need the ASGI entry point beside it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amend.settings")
application = get_wsgi_application()
