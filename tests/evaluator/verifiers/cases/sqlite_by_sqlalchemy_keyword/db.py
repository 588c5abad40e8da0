from pathlib import Path

import sqlalchemy as sa

FILE = Path(__file__).parent / 'conduit.db'
engine = sa.create_engine(url=f'sqlite+pysqlite:///{FILE}', connect_args={'check_same_thread': False})
