import sqlite3

old = sqlite3.connect('old.db')
print(old.execute('SELECT name FROM tags').fetchall())
