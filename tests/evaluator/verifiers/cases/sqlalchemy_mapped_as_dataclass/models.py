from sqlalchemy.orm import Mapped, mapped_column, registry

reg = registry()


@reg.mapped_as_dataclass
class Tag:
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
