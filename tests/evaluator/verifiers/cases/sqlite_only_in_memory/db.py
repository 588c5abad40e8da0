import sqlite3

connection = sqlite3.connect(':memory:', check_same_thread=False)
