import psycopg

connection = psycopg.connect("postgresql://user:password@postgres/conduit")


def create(title: str, tags: list[str]) -> None:
    connection.execute("INSERT INTO articles (title) VALUES (%s)", (title,))
    for tag in tags:
        connection.execute("INSERT INTO tags (name) VALUES (%s)", (tag,))
    connection.commit()
