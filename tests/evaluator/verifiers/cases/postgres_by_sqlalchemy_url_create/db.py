import os

import sqlalchemy as sa
from sqlalchemy.engine import URL

ADDRESS = URL.create(drivername="postgresql+asyncpg", host=os.environ.get("DB_HOST", "postgres"))
engine = sa.create_engine(ADDRESS)
