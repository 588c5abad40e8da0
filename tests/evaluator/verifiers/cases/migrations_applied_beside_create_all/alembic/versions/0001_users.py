from alembic import op
import sqlalchemy as sa

revision = "1"


def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
