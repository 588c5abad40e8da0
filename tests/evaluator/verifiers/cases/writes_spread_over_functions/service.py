import repository


async def create(title: str, tag: str) -> None:
    await repository.insert_article(title)
    await repository.insert_tag(tag)
