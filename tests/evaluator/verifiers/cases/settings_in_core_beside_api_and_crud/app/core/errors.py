from fastapi import Request
from fastapi.responses import JSONResponse


def not_found(request: Request, error):
    return JSONResponse({'errors': {'body': ['not found']}}, 404)
