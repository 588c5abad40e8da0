import hashlib
import secrets

from fastapi import FastAPI

app = FastAPI()
TOKENS: dict[str, str] = {}


def digest(password: str, salt: str) -> str:
    return hashlib.sha256((salt + password).encode()).hexdigest()


@app.post("/api/users")
def register(email: str, password: str) -> dict:
    token = secrets.token_urlsafe()
    TOKENS[token] = email
    return {"password_hash": digest(password, email), "token": token}
