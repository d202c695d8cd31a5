"""Releases as files, for those who make them: who is asking and where the release stands are looked up again."""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from echo_metrics.access import Viewer, audit
from echo_metrics.access.audit import Action
from echo_metrics.access.identity import Identity
from echo_metrics.server.context import Context
from echo_metrics.server.share import FORMATS, HTML_HEADERS, download
from echo_metrics.sharing import registry
from echo_metrics.sharing.registry import ReleaseStatus

FILE = re.compile(r"([0-9]{1,9})\.([a-z]{1,9})")
NOT_THERE = "There is no such release for you, or it was withdrawn."


def routes(context: Context) -> list[Route]:
    """`/download/release/<number>.<html, csv or json>`."""

    async def release_file(request: Request) -> Response:
        person = await run_in_threadpool(context.viewer_of, request)
        if person is None:
            return PlainTextResponse("Sign in first.", 401, HTML_HEADERS)
        named = FILE.fullmatch(request.path_params["file"])
        number, kind = (int(named[1]), named[2]) if named else (0, "")
        return await run_in_threadpool(_file, context, person, number, kind)

    return [Route("/download/release/{file}", release_file, methods=["GET"])]


def _file(context: Context, person: Identity, number: int, kind: str) -> Response:
    viewer = Viewer(person.role, person.name, account=person.account, network_keys=person.network_keys)
    entry = next((e for e in registry.releases(context.control) if e.number == number), None)
    allowed = viewer.may_share and entry is not None and registry.within(entry, viewer)
    if entry is None or not allowed or entry.status is ReleaseStatus.WITHDRAWN or kind not in FORMATS:
        return PlainTextResponse(NOT_THERE, 404, HTML_HEADERS)
    make, media = FORMATS[kind]
    body = make(registry.read(context.control, number))
    audit.record(context.control, person.account or audit.LOCAL, Action.EXPORTED, f"{entry.name}.{kind}")
    return download(body, f"{entry.name}.{kind}", media)
