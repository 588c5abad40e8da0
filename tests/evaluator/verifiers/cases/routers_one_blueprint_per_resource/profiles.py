from flask import Blueprint

profiles = Blueprint("profiles", __name__)


@profiles.get("/<name>")
def profile(name):
    return {"profile": name}


@profiles.post("/<name>/follow")
def follow(name):
    return {"profile": name}
