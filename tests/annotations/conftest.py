"""Properties are tried without a deadline: on a busy machine one slow moment would be taken for a slow function."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("without a deadline", deadline=None)
settings.load_profile("without a deadline")
