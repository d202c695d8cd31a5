"""The server around the Streamlit script: its routes and middleware, by access mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from echo_metrics.access import accounts, passwords
from echo_metrics.access.modes import Mode
from echo_metrics.server import downloads, health, release_files, share, sign_in
from echo_metrics.server.context import Context, Cookies
from echo_metrics.server.doorkeeper import Doorkeeper
from echo_metrics.server.headers import SecurityHeaders
from echo_metrics.server.limits import BodyLimit
from echo_metrics.server.local_only import LocalOnly


def routes(context: Context) -> list[BaseRoute]:
    """All routes of our own."""
    return [
        *health.routes,
        *sign_in.routes(context),
        *share.routes(context),
        *downloads.routes(context),
        *release_files.routes(context),
    ]


def middleware(
    context: Context,
    script_hashes: Sequence[str] = (),
    link_holder: Callable[[Cookies], bool] | None = None,
) -> list[Middleware]:
    """All middleware of our own, outermost first: headers on every answer, then who may pass, then how much."""
    chosen = context.settings
    if chosen.mode is Mode.LOCAL:
        guard = Middleware(LocalOnly)
    else:
        guard = Middleware(Doorkeeper, context=context, link_holder=link_holder or share.holder(context))
    headers = Middleware(SecurityHeaders, secure=chosen.secure, script_hashes=tuple(script_hashes))
    return [headers, guard, Middleware(BodyLimit)]


def welcome(context: Context) -> str:
    """What the server prints at start: the one-time link while there is no owner yet, else nothing."""
    chosen = context.settings
    if chosen.mode is Mode.LOCAL:
        return ""
    passwords.nobody()
    if accounts.has_owner(context.control, without_password=chosen.mode is Mode.OIDC):
        return ""
    secret = accounts.setup_secret(context.control)
    return (
        "\nThere is no owner yet. Open this address once, within 24 hours, to become it:\n\n"
        f"    {chosen.base}/setup/{secret}\n"
    )
