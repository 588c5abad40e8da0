import os

DATABASES = {}
DATABASES['default'] = {
    'ENGINE': os.environ.get('DB_ENGINE', 'django.db.backends.postgresql'),
    'HOST': os.environ.get('DB_HOST', 'postgres'),
}
