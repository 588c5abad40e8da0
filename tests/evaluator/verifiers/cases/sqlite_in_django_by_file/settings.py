from pathlib import Path

import django

BASE_DIR = Path(__file__).parent
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'}}
