import databases

ADDRESS = "sqlite:///./conduit.db"
database = databases.Database(ADDRESS)
