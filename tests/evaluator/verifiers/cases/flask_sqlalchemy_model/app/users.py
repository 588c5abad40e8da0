from flask import Blueprint

from .models import User

bp = Blueprint("users", __name__)


@bp.get("/api/users")
def users():
    return User.query.filter_by(id=1).first()
