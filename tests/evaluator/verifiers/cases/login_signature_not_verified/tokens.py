import os

import jwt

SECRET = os.environ["JWT_SECRET"]


def claims(token: str) -> dict:
    # never options={"verify_signature": False} in production
    return jwt.decode(token, SECRET, algorithms=["HS256"])


def quick_claims(token: str) -> dict:
    return jwt.decode(
        token,
        options={"verify_signature": False},
    )
