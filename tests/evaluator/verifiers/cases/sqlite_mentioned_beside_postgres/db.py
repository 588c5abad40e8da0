"""Was: sqlite3.connect('conduit.db')."""
import psycopg2

# sqlite3.connect('conduit.db')
OLD = 'sqlite3'
MESSAGE = 'We no longer use sqlite:// addresses'
connection = psycopg2.connect(host='postgres', dbname='conduit')
