"""Signing in and out, first set-up, invitations, one's own password: plain forms, rendered here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from echo_metrics.access import accounts, audit, sessions, tokens
from echo_metrics.access.audit import Action
from echo_metrics.access.identity import session_cookie
from echo_metrics.access.modes import Mode
from echo_metrics.access.passwords import LONGEST, SHORTEST
from echo_metrics.access.throttle import Throttle
from echo_metrics.access.tokens import TokenKind
from echo_metrics.errors import UserError
from echo_metrics.server import forms, html
from echo_metrics.server.context import Context
from echo_metrics.server.forms import FormKey, Refused

REFUSED = "E-mail and password do not belong together, or the account is not in use."
PASSWORD_HINT = f"{SHORTEST} to {LONGEST} characters. A sentence is easy to remember."
Handler = Callable[[Request], Awaitable[Response]]


def routes(context: Context) -> list[Route]:
    """The routes of accounts and oidc mode; local mode has none, because nobody signs in."""
    mode = context.settings.mode
    if mode is Mode.LOCAL:
        return []
    desk = _Desk(context)
    found = [
        Route("/sign-out", desk.sign_out, methods=["GET", "POST"]),
        Route("/setup/{token}", desk.setup, methods=["GET", "POST"]),
    ]
    if mode is Mode.ACCOUNTS:
        found += [
            Route("/sign-in", desk.sign_in, methods=["GET", "POST"]),
            Route("/invite/{token}", desk.invite, methods=["GET", "POST"]),
            Route("/account/password", desk.password, methods=["GET", "POST"]),
        ]
    else:
        found += [
            Route("/sign-in", _to_start, methods=["GET"]),
            Route("/invite/{token}", _to_start, methods=["GET"]),
        ]
    return found


async def _to_start(request: Request) -> Response:
    return _go("/")


def _go(path: str) -> RedirectResponse:
    """A redirect to one of our own fixed paths."""
    return RedirectResponse(path, 303, html.own_headers())


class _Desk:
    """The forms of one server."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._throttle_of = lambda: Throttle(context.control)

    # -- signing in ---------------------------------------------------------------------------------------------------

    async def sign_in(self, request: Request) -> Response:
        """Show the form, or take e-mail and password."""
        key = forms.key_of(self._context, request)
        if request.method != "POST":
            if await run_in_threadpool(self._context.session_of, request.cookies):
                return _go("/")
            return self._sign_in_page(key)
        fields = await forms.read(self._context, request, "sign-in")
        if isinstance(fields, Refused):
            return self._sign_in_page(key, fields.words, fields.status)
        return await run_in_threadpool(self._signed_in, request, key, fields)

    def _signed_in(self, request: Request, key: FormKey, fields: Mapping[str, str]) -> Response:
        control, throttle = self._context.control, self._throttle_of()
        email = accounts.fold_email(fields.get("email", "")[: accounts.LONGEST_EMAIL + 1])
        client = self._context.client_of(request.scope)
        wait = throttle.take(("account", email), ("address", client))
        if wait:
            return self._sign_in_page(key, _wait(wait), 429, {"Retry-After": str(wait)})
        account = accounts.authenticate(control, email, fields.get("password", ""))
        if account is None:
            known = accounts.by_email(control, email)
            # The e-mail itself is not written down: people type passwords into the wrong field.
            audit.record(control, "", Action.SIGN_IN_FAILED, known.id if known else "unknown account")
            return self._sign_in_page(key, REFUSED, 403)
        throttle.succeeded("account", email)
        throttle.give_back("address", client)
        old = self._context.session_of(request.cookies)
        if old is not None:
            sessions.end(control, old)
        return self._with_session(_go("/"), account)

    def _sign_in_page(
        self, key: FormKey, words: str = "", status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        fields = html.field("email", "E-mail", "email", "username", extra='maxlength="254" autofocus')
        fields += html.field("password", "Password", "password", "current-password")
        body = html.problem(words) + html.form(
            "/sign-in", forms.token_for(self._context, key, "sign-in"), fields, "Sign in"
        )
        body += html.note("No password, or forgotten it? Ask your programme's owner for a new link.")
        return forms.keep(self._context, key, html.page("Sign in", body, status, headers))

    def _with_session(self, response: Response, account: accounts.Account) -> Response:
        response.set_cookie(
            session_cookie(self._context.settings),
            sessions.start(self._context.control, account),
            path="/",
            secure=self._context.settings.secure,
            httponly=True,
            samesite="lax",
        )
        return response

    # -- signing out --------------------------------------------------------------------------------------------------

    async def sign_out(self, request: Request) -> Response:
        """Ask, then end the session behind this browser."""
        key = forms.key_of(self._context, request)
        session = await run_in_threadpool(self._context.session_of, request.cookies)
        if session is None:
            return _go("/" if self._context.settings.mode is Mode.OIDC else "/sign-in")
        if request.method == "POST":
            fields = await forms.read(self._context, request, "sign-out", session.key)
            if not isinstance(fields, Refused):
                await run_in_threadpool(sessions.end, self._context.control, session)
                return self._gone(request)
            words, status = fields.words, fields.status
        else:
            words, status = "", 200
        body = html.problem(words) + html.note(f"You are signed in as {session.account.shown}.")
        token = forms.token_for(self._context, key, "sign-out", session.key)
        body += html.form("/sign-out", token, "", "Sign out")
        body += '<p><a href="/">Back to the dashboard</a></p>'
        return forms.keep(self._context, key, html.page("Sign out", body, status))

    def _gone(self, request: Request) -> Response:
        secure = self._context.settings.secure
        if self._context.settings.mode is Mode.ACCOUNTS:
            response: Response = _go("/sign-in")
            response.delete_cookie(
                session_cookie(self._context.settings), path="/", secure=secure, httponly=True, samesite="lax"
            )
            return response
        # A redirect from a form to the provider would be stopped by our own policy, so its sign-out is a link.
        return html.page(
            "Signed out",
            html.note("You are signed out here. Your identity provider may still know you.")
            + '<p><a href="/auth/logout">Sign out there too</a></p><p><a href="/">Sign in again</a></p>',
        )

    # -- one-time links -----------------------------------------------------------------------------------------------

    async def setup(self, request: Request) -> Response:
        """The first owner's form; a POST spends the link."""
        return await self._one_time(request, self._setup_page, self._set_up, TokenKind.SETUP)

    async def invite(self, request: Request) -> Response:
        """The form of an invitation or a new password; a POST spends the link."""
        return await self._one_time(request, self._invite_page, self._accepted, TokenKind.INVITATION, TokenKind.RESET)

    async def _one_time(
        self,
        request: Request,
        draw: Callable[..., Response],
        act: Callable[[str, Mapping[str, str]], accounts.Account],
        *kinds: TokenKind,
    ) -> Response:
        control, key, secret = self._context.control, forms.key_of(self._context, request), request.path_params["token"]
        token = await run_in_threadpool(tokens.look, control, secret, *kinds)
        if token is None:
            return html.page("This link does not work", html.note(accounts.DEAD_LINK), 404)
        if request.method != "POST":
            return await run_in_threadpool(draw, key, secret, token)
        fields = await forms.read(self._context, request, f"one-time {secret}")
        if isinstance(fields, Refused):
            return await run_in_threadpool(draw, key, secret, token, fields.words, {}, fields.status)

        def work() -> Response:
            try:
                account = act(secret, fields)
            except UserError as error:
                return draw(key, secret, token, str(error), fields, 422)
            if self._context.settings.mode is Mode.OIDC:
                return _go("/")
            return self._with_session(_go("/"), account)

        return await run_in_threadpool(work)

    def _set_up(self, secret: str, fields: Mapping[str, str]) -> accounts.Account:
        password = None if self._context.settings.mode is Mode.OIDC else fields.get("password", "")
        return accounts.set_up(self._context.control, secret, fields.get("email", ""), fields.get("name", ""), password)

    def _accepted(self, secret: str, fields: Mapping[str, str]) -> accounts.Account:
        return accounts.accept(self._context.control, secret, fields.get("name", ""), fields.get("password", ""))

    def _setup_page(
        self,
        key: FormKey,
        secret: str,
        token: tokens.Token,
        words: str = "",
        typed: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        typed = typed or {}
        fields = html.field("email", "E-mail", "email", "username", typed.get("email", ""), extra='maxlength="254"')
        fields += html.field("name", "Name", "text", "name", typed.get("name", ""), extra='maxlength="100"')
        if self._context.settings.mode is Mode.OIDC:
            why = "This makes the first owner. Use the e-mail address that your identity provider knows you by."
        else:
            why = "This makes the first owner, who brings files in and invites everybody else."
            fields += _new_password()
        form = html.form(f"/setup/{secret}", self._one_time_token(key, secret), fields, "Create the owner's account")
        body = html.problem(words) + html.note(why) + form
        return forms.keep(self._context, key, html.page("Set up ECHO Metrics", body, status))

    def _invite_page(
        self,
        key: FormKey,
        secret: str,
        token: tokens.Token,
        words: str = "",
        typed: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        account = accounts.by_id(self._context.control, token.account)
        if account is None or not account.enabled:
            return html.page("This link does not work", html.note(accounts.DEAD_LINK), 404)
        name = (typed or {}).get("name", account.name)
        # The e-mail stands in the form so that a password keeper stores it; it is not read back.
        fields = (
            f'<label for="email">E-mail</label><input id="email" type="email" autocomplete="username" readonly '
            f'value="{escape(account.email)}">'
        )
        fields += html.field("name", "Name", "text", "name", name, extra='maxlength="100"') + _new_password()
        reset = token.kind is TokenKind.RESET
        why = "Choose a new password." if reset else "Choose a password to open your account."
        form = html.form(f"/invite/{secret}", self._one_time_token(key, secret), fields, "Save and sign in")
        title = "New password" if reset else "Welcome"
        return forms.keep(self._context, key, html.page(title, html.problem(words) + html.note(why) + form, status))

    def _one_time_token(self, key: FormKey, secret: str) -> str:
        return forms.token_for(self._context, key, f"one-time {secret}")

    # -- one's own password -------------------------------------------------------------------------------------------

    async def password(self, request: Request) -> Response:
        """Change one's own password; every other session of the account ends."""
        key = forms.key_of(self._context, request)
        session = await run_in_threadpool(self._context.session_of, request.cookies)
        if session is None:
            return _go("/sign-in")
        if request.method != "POST":
            return self._password_page(key, session)
        fields = await forms.read(self._context, request, "password", session.key)
        if isinstance(fields, Refused):
            return self._password_page(key, session, fields.words, fields.status)
        return await run_in_threadpool(self._changed, key, session, fields)

    def _changed(self, key: FormKey, session: sessions.Session, fields: Mapping[str, str]) -> Response:
        throttle, account = self._throttle_of(), session.account
        wait = throttle.take(("account", account.email))
        if wait:
            return self._password_page(key, session, _wait(wait), 429)
        try:
            accounts.change_password(
                self._context.control, account.id, fields.get("current", ""), fields.get("password", ""), session.key
            )
        except UserError as error:
            if str(error) != accounts.WRONG_CURRENT:
                throttle.give_back("account", account.email)
            return self._password_page(key, session, str(error), 422)
        throttle.succeeded("account", account.email)
        body = html.note("Your password is changed. Everywhere else you are signed out.")
        return html.page("Password changed", body + '<p><a href="/">Back to the dashboard</a></p>')

    def _password_page(self, key: FormKey, session: sessions.Session, words: str = "", status: int = 200) -> Response:
        fields = html.field("current", "Current password", "password", "current-password") + _new_password()
        token = forms.token_for(self._context, key, "password", session.key)
        body = html.problem(words) + html.note(f"You are signed in as {session.account.shown}.")
        body += html.form("/account/password", token, fields, "Change password")
        body += '<p><a href="/">Back to the dashboard</a></p>'
        return forms.keep(self._context, key, html.page("Change password", body, status))


def _new_password() -> str:
    limits = f'minlength="{SHORTEST}" maxlength="{LONGEST}"'
    return html.field("password", "New password", "password", "new-password", hint=PASSWORD_HINT, extra=limits)


def _wait(seconds: int) -> str:
    told = f"{seconds} seconds" if seconds < 90 else f"{round(seconds / 60)} minutes"
    return f"Too many attempts. Try again in {told}."
