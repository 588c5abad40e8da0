alembic upgrade head
exec python -m flask --app app run
