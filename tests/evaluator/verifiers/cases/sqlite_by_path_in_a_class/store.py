import sqlite3
from contextlib import closing
from pathlib import Path


class Store:
    PATH = Path(__file__).with_name('conduit.sqlite3')

    def connect(self):
        connection = sqlite3.connect(self.PATH)
        connection.row_factory = sqlite3.Row
        return connection

    def rows(self):
        with closing(self.connect()) as connection:
            return connection.execute('SELECT * FROM articles').fetchall()
