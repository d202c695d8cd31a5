"""`/healthz`: whether the process answers. It tells nothing about the data."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def healthz(request: Request) -> JSONResponse:
    """Answer that the process is alive."""
    return JSONResponse({"status": "ok"})


routes = [Route("/healthz", healthz)]
