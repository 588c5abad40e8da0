from sqlalchemy import create_engine


def address(host="postgres"):
    return f"postgresql://user:password@{host}/conduit"


engine = create_engine(address())
