import importlib

from db import connection

sqlite = importlib.import_module('sqlite3')
store = sqlite.connect('cache.db')
print(connection)
