import peewee

database = peewee.SqliteDatabase("conduit.db")


class Row(peewee.Model):
    class Meta:
        database = database
