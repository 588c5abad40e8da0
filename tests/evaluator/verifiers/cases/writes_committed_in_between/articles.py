import psycopg

connection = psycopg.connect("postgresql://user:password@postgres/conduit")


def create(title: str, tag: str) -> None:
    connection.execute("INSERT INTO articles (title) VALUES (%s)", (title,))
    connection.commit()
    connection.execute("INSERT INTO tags (name) VALUES (%s)", (tag,))
    connection.commit()
