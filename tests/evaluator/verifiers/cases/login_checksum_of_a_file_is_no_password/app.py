import hashlib

from argon2 import PasswordHasher
from flask import Flask

app = Flask(__name__)
hasher = PasswordHasher()


def etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def keep(user, password: str) -> None:
    user.password_hash = hasher.hash(password)
