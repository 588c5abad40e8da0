python manage.py migrate --noinput
exec python manage.py runserver
