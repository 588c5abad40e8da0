import sqlalchemy as sa

url = sa.engine.make_url('postgresql://user:password@postgres:5432/conduit').set(drivername='postgresql+psycopg')
engine = sa.create_engine(url)
