from fastapi import HTTPException


class NotFound(HTTPException):
    def __init__(self):
        super().__init__(404)


class Refused(Exception):
    pass
