from app.db import Base
from sqlalchemy.orm import Mapped, mapped_column


class Mixin:
    pass


class User(Mixin, Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
