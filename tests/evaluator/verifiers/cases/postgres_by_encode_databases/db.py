from databases import Database

database = Database("postgresql://user:password@postgres/conduit")
