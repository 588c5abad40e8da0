uvicorn app.main:app --port 8080
