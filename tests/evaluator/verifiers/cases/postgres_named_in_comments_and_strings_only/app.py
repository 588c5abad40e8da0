# psycopg2.connect("postgresql://postgres/conduit")
HELP = "Set DATABASE_URL to postgresql://user@postgres/conduit"
STORE = {}
