import sqlite3

connection = sqlite3.connect("x.db")
