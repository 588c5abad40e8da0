import os
import sqlite3

import psycopg

if os.environ.get("DATABASE_URL"):
    connection = psycopg.connect(os.environ["DATABASE_URL"])
else:
    connection = sqlite3.connect("conduit.db")
