from http import HTTPStatus

import aiohttp

from app.repositories.articles import rows


def everything():
    return rows(), aiohttp.ClientSession, HTTPStatus.OK
