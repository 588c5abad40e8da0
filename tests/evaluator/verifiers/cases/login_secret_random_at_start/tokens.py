import os
import secrets

import jwt
from django.contrib.auth.hashers import check_password, make_password

SECRET = os.environ.get("JWT_SECRET") or secrets.token_hex(32)


def make(user) -> str:
    user.password_hash = make_password(user.password)
    return jwt.encode({"sub": user.id}, SECRET, algorithm="HS256")


def matches(user, password: str) -> bool:
    return check_password(password, user.password_hash)
