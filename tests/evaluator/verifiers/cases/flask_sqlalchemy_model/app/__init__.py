from .extensions import db
