# python manage.py migrate
exec python manage.py runserver
