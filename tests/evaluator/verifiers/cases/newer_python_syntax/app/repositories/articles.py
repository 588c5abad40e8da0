from app.models.article import Article

type Rows = list[Article]


class Store[T]:
    def first[K](self, key: K) -> str:
        row = {"a": 1}
        return f"{row["a"]} {"x" + f"{key}"}"


def rows() -> Rows:
    return [Article()]
