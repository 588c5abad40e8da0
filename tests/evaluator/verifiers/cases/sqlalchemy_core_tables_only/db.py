from sqlalchemy import Column, Integer, MetaData, Table, select

articles = Table("articles", MetaData(), Column("id", Integer, primary_key=True))


def everything(connection):
    return connection.execute(select(articles)).all()
