from sqlite3 import connect as open_database

connection = open_database("conduit.db")
