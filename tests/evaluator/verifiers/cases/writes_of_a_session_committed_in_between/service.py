from sqlalchemy.orm import Session

from models import Article


def create_two(session: Session, title: str) -> None:
    session.add(Article(title=title))
    session.commit()
    session.add(Article(title=title + " again"))
    session.commit()


def create_both(session: Session, title: str) -> None:
    session.add(Article(title=title))
    session.add(Article(title=title + " again"))
    session.commit()
