import peewee as pw

db = pw.SqliteDatabase('conduit.db')


class Article(pw.Model):
    slug = pw.CharField()

    class Meta:
        database = db
