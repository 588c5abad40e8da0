from typing import TYPE_CHECKING

from app.repositories.articles import rows

if TYPE_CHECKING:
    from app.routes.articles import bp


def everything():
    return rows()
