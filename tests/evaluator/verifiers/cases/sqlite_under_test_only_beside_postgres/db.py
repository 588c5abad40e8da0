import os
import sqlite3

import psycopg

if os.environ.get("TESTING"):
    connection = sqlite3.connect(":memory:")
else:
    connection = psycopg.connect("host=postgres")
