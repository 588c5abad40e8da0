"""The web process's entry point."""

import os
import resource

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amend.settings")
site = get_asgi_application()

from annotations.short_way import ShortWay  # noqa: E402 - these need the apps to be loaded
from annotations.stream import news_of  # noqa: E402
from annotations.streaming import Streaming  # noqa: E402

application = ShortWay(Streaming(site, lambda stream: news_of(stream.sessions, told=stream.told)))

# A stream and a batch take a connection each; many systems start a process with 1,024 at most, and allow it more.
most_open_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most_open_files, most_open_files))
