"""Forms of our own: a token bound to a cookie that no other site can set, the sender's origin, a small body."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from echo_metrics.access import tokens
from echo_metrics.server.context import Context

LARGEST_BODY = 8 * 1024
MOST_FIELDS = 20
STALE = "This form was open for too long, or was opened in another window. Please try again."
FOREIGN = "This form was not sent from this site, so nothing was done."
UNREADABLE = "This form could not be read, so nothing was done."


@dataclass(frozen=True)
class Refused:
    """A form that is not acted on: what to say, and the status to say it with."""

    words: str
    status: int


@dataclass(frozen=True)
class FormKey:
    """What ties a form to the browser that it was drawn in: the cookie's secret, and whether it is a new one."""

    secret: str
    fresh: bool


def cookie_name(context: Context) -> str:
    """The name of the form cookie; behind TLS its prefix binds it to this host."""
    return "__Host-echo_form" if context.settings.secure else "echo_form"


def key_of(context: Context, request: Request) -> FormKey:
    """The browser's form key, or a new one."""
    secret = request.cookies.get(cookie_name(context), "")
    return FormKey(secret, False) if tokens.SHAPE.fullmatch(secret) else FormKey(tokens.new_secret(), True)


def token_for(context: Context, key: FormKey, purpose: str, session: str = "") -> str:
    """The token that a form of this purpose carries; `session` ties it to who is signed in."""
    return context.control.hashed("form", f"{purpose}\x1f{session}\x1f{key.secret}")


def keep(context: Context, key: FormKey, response: Response) -> Response:
    """Put a new form key into the browser."""
    if key.fresh:
        response.set_cookie(
            cookie_name(context),
            key.secret,
            path="/",
            secure=context.settings.secure,
            httponly=True,
            samesite="strict",
        )
    return response


async def read(context: Context, request: Request, purpose: str, session: str = "") -> Mapping[str, str] | Refused:
    """The fields of a posted form, or why it is refused. Nothing of the body is kept beyond the limit."""
    if not _from_here(context, request):
        return Refused(FOREIGN, 403)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "application/x-www-form-urlencoded":
        return Refused(UNREADABLE, 415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return Refused(UNREADABLE, 413)
    try:
        pairs = parse_qsl(bytes(body).decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return Refused(UNREADABLE, 400)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        return Refused(UNREADABLE, 400)
    secret = request.cookies.get(cookie_name(context), "")
    if not tokens.SHAPE.fullmatch(secret):
        return Refused(STALE, 403)
    expected = token_for(context, FormKey(secret, False), purpose, session)
    if not hmac.compare_digest(fields.pop("form", "").encode("utf-8", "replace"), expected.encode()):
        return Refused(STALE, 403)
    return fields


def _from_here(context: Context, request: Request) -> bool:
    """Whether the browser says that one of our own pages sent this.

    Our pages send no referrer, and a browser then tells the origin of a form as `null`: so Sec-Fetch-Site decides where
    there is one, and an origin that is told must be ours in any case.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is None or origin == "null":
        return site == "same-origin"
    return origin.casefold() in context.origins()
