import os

from sqlalchemy import create_engine

ADDRESSES = {
    'postgres': 'postgresql://user:password@postgres:5432/conduit',
    'sqlite': 'sqlite:///conduit.db',
}

engine = create_engine(ADDRESSES[os.getenv('DB_KIND', 'postgres')])
