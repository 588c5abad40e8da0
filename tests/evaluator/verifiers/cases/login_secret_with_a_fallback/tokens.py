import jwt

from settings import settings


def make(user_id: int) -> str:
    return jwt.encode({"sub": user_id}, settings.jwt_secret, algorithm="HS256")
