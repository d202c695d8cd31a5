"""Shared links: the landing page, the exchange of a token for a cookie, the shared page and its downloads.

Every route asks anew whether the link still opens. Whatever the reason that it does not, the answer is the same page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from echo_metrics.access import tokens
from echo_metrics.reports import csv_file, landing, page
from echo_metrics.reports.page import SharedPage
from echo_metrics.server import forms
from echo_metrics.server.context import Context, Cookies
from echo_metrics.server.forms import Refused
from echo_metrics.server.headers import NOTHING
from echo_metrics.sharing import links
from echo_metrics.sharing.links import Opened
from echo_metrics.sharing.release import Release

PURPOSE = "open a shared view"
LEAVE = "leave a shared view"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HTML_HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Frame-Options": "DENY"}


def cookie_name(secure: bool) -> str:
    """The name of the cookie that holds an opened link; behind TLS its prefix binds it to this host."""
    return "__Host-echo_link" if secure else "echo_link"


def opened(context: Context, cookies: Cookies) -> Opened | None:
    """What the holder of these cookies may see through a link now."""
    return links.opened(context.control, cookies.get(cookie_name(context.settings.secure), ""))


def holder(context: Context) -> Callable[[Cookies], bool]:
    """Whether cookies hold a link that opens now: for the doorkeeper."""
    return lambda cookies: links.holds(context.control, cookies.get(cookie_name(context.settings.secure), ""))


def shared_page(release: Release, **given: object) -> SharedPage:
    """A release as the page that its recipient reads; `given` adds what belongs to a link."""
    document = release.document()
    told: dict[str, object] = {
        "title": release.title,
        "hub": release.hub,
        # A release cut down to one part says which, so that nobody takes a cohort for its network.
        "networks": (release.root.words,) if release.root.network else tuple(name for _, name in release.networks),
        "release": release.name,
        "made": release.made.date(),
        "answers": release.root.answers,
        "notes": release.notes,
        "data_to": release.data_to,
        "preset_words": release.preset.words,
        "minimum": release.preset.minimum,
        "breakdowns": tuple(b.value for b in release.breakdowns),
        "checksum": document["checksum"],
        "data_version": release.data_version,
        "synthetic": release.synthetic,
    }
    return SharedPage(**{**told, **given})  # type: ignore[arg-type]


def routes(context: Context) -> list[Route]:
    """The routes of shared links."""
    desk = _Desk(context)
    return [
        Route("/s/{token}", desk.land, methods=["GET"]),
        Route("/s/{token}", desk.exchange, methods=["POST"]),
        Route("/shared", desk.show, methods=["GET"]),
        Route("/shared/figures.csv", desk.figures, methods=["GET"]),
        Route("/shared/release.json", desk.release, methods=["GET"]),
        Route("/shared/leave", desk.leave, methods=["POST"]),
        # The doorkeeper opens whatever begins like this to everybody, so nothing else may answer below.
        *(Route(path, desk.refuse, methods=METHODS) for path in ("/s/{rest:path}", "/shared{rest:path}")),
    ]


class _Desk:
    """The handlers, over one context."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def land(self, request: Request) -> Response:
        """The same page for every address: opening it spends nothing and tells nothing."""
        key = forms.key_of(self._context, request)
        token, named = forms.token_for(self._context, key, PURPOSE), request.path_params["token"]
        # What can't be a token is not put into the page: its form leads to the refusal all the same.
        text = landing.landing(f"/s/{named if tokens.SHAPE.fullmatch(named) else '-'}", token)
        return forms.keep(self._context, key, _html(text, landing.policy()))

    async def refuse(self, request: Request) -> Response:
        """The one refusal."""
        return _refused()

    async def exchange(self, request: Request) -> Response:
        """Exchange the token for a cookie and a clean address."""
        fields = await forms.read(self._context, request, PURPOSE)
        if isinstance(fields, Refused):
            return _refused(fields.status)
        secret = await run_in_threadpool(
            links.exchange,
            self._context.control,
            request.path_params["token"],
            fields.get(landing.PASSCODE, ""),
            self._context.client_of(request.scope),
            _agent(request),
        )
        if secret is None:
            return _refused()
        response = RedirectResponse("/shared", 303, HTML_HEADERS)
        response.set_cookie(
            cookie_name(self._context.settings.secure),
            secret,
            path="/",
            secure=self._context.settings.secure,
            httponly=True,
            samesite="lax",
            max_age=int(links.SESSION.total_seconds()),
        )
        return response

    async def show(self, request: Request) -> Response:
        """The shared page."""
        return await run_in_threadpool(self._show, request)

    def _show(self, request: Request) -> Response:
        found = opened(self._context, request.cookies)
        if found is None:
            return _refused()
        if request.method == "GET":
            links.see(self._context.control, found.link.number, "page", _agent(request))
        key = forms.key_of(self._context, request)
        hrefs = {"explore": "/explore", "leave": "/shared/leave"}
        if found.link.download:
            hrefs |= {"download_csv": "/shared/figures.csv", "download_json": "/shared/release.json"}
        drawn = shared_page(
            found.release,
            recipient=found.link.recipient,
            purpose=found.link.purpose,
            until=found.link.last_day,
            links=hrefs,
            leave_token=forms.token_for(self._context, key, LEAVE),
        )
        return forms.keep(self._context, key, _html(page.render(drawn), page.policy()))

    async def figures(self, request: Request) -> Response:
        """The figures as a spreadsheet."""
        return await run_in_threadpool(self._download, request, "figures.csv", _csv, "text/csv; charset=utf-8")

    async def release(self, request: Request) -> Response:
        """The release's document, cut down to the link."""
        return await run_in_threadpool(self._download, request, "release.json", _json, "application/json")

    def _download(self, request: Request, name: str, make: Callable[[Release], bytes], kind: str) -> Response:
        found = opened(self._context, request.cookies)
        if found is None or not found.link.download:
            return _refused()
        links.see(self._context.control, found.link.number, name, _agent(request))
        return download(make(found.release), f"{found.release.name}-{name}", kind)

    async def leave(self, request: Request) -> Response:
        """End the session of a link."""
        fields = await forms.read(self._context, request, LEAVE)
        if isinstance(fields, Refused):
            return _refused(fields.status)
        name = cookie_name(self._context.settings.secure)
        await run_in_threadpool(links.leave, self._context.control, request.cookies.get(name, ""))
        response = _refused(200)
        response.delete_cookie(name, path="/", secure=self._context.settings.secure, httponly=True, samesite="lax")
        return response


def download(body: bytes, name: str, kind: str) -> Response:
    """A file to keep; no cache does."""
    kept = {"Content-Security-Policy": NOTHING, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, 200, {**HTML_HEADERS, **kept}, kind)


def file_of(release: Release) -> bytes:
    """The release as one self-contained HTML file."""
    return page.render(shared_page(release)).encode()


def _csv(release: Release) -> bytes:
    return csv_file.csv_bytes({s.words: s.answers for s in release.scopes})


def _json(release: Release) -> bytes:
    return json.dumps(release.document(), ensure_ascii=False, indent=1).encode()


FORMATS: Mapping[str, tuple[Callable[[Release], bytes], str]] = {
    "html": (file_of, "text/html; charset=utf-8"),
    "csv": (_csv, "text/csv; charset=utf-8"),
    "json": (_json, "application/json"),
}
"""What a release can be taken away as."""


def _refused(status: int = 404) -> Response:
    return _html(landing.refusal(), landing.policy(), status)


def _html(text: str, policy: str, status: int = 200) -> HTMLResponse:
    headers = {**HTML_HEADERS, "Content-Security-Policy": f"{policy}; frame-ancestors 'none'"}
    return HTMLResponse(text, status, headers)


def _agent(request: Request) -> str:
    return links.agent_class(request.headers.get("user-agent", ""))
