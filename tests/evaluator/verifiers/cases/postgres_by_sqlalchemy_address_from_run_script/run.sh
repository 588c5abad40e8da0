export DATABASE_URL="postgresql://user:password@postgres:5432/conduit"
python main.py
