from fastapi import HTTPException


class NotFound(HTTPException):
    pass
