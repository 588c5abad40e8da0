import os

import bcrypt
import jwt
from flask import Flask, request

app = Flask(__name__)
SECRET = os.environ["JWT_SECRET"]


@app.post("/api/users")
def register():
    password = request.json["user"]["password"]
    user = {"password_hash": bcrypt.hashpw(password.encode(), bcrypt.gensalt())}
    return {"token": jwt.encode({"user": user["id"]}, SECRET, algorithm="HS256")}


def who(token: str) -> dict:
    return jwt.decode(token, SECRET, algorithms=["HS256"])
