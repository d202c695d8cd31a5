"""The start check: every unsafe combination is named, the safe ones start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from echo_metrics.access import modes
from echo_metrics.access.modes import Mode, Settings
from echo_metrics.errors import UserError
from echo_metrics.text import spreadsheet_safe

SAFE = {
    "server.address": "127.0.0.1", "server.port": 8501, "server.enableXsrfProtection": True, "server.enableCORS": True,
    "server.enableStaticServing": False, "server.enableAgentApi": False, "server.trustedUserHeaders": {},
    "server.corsAllowedOrigins": [], "server.baseUrlPath": "", "global.developmentMode": False,
    "client.showErrorDetails": "none",
}  # fmt: skip
PUBLIC = {"ECHO_ACCESS": "accounts", "ECHO_PUBLIC_URL": "https://echo.example.org"}
OIDC, ANYWHERE = {**PUBLIC, "ECHO_ACCESS": "oidc"}, {"server__address": "0.0.0.0"}
AUTH = {
    "redirect_uri": "https://echo.example.org/oauth2callback", "cookie_secret": "q9D7-3kfLw82hSx_Pm5vTz0aYbN4cR1eUj6",
    "client_id": "x", "client_secret": "y", "server_metadata_url": "https://id.example/.well-known/openid-configuration",
}  # fmt: skip


def start(environment: dict[str, str], auth: dict[str, Any] | None = None, **options: Any) -> Settings:
    given = {**SAFE, **{k.replace("__", "."): v for k, v in options.items()}}
    chosen = modes.settings(environment, given)
    modes.check(chosen, given, auth)
    return chosen


def test_what_starts() -> None:
    assert start({}).mode is Mode.LOCAL
    assert start({}, server__address="localhost").mode is Mode.LOCAL
    assert start({}, server__address="::1").mode is Mode.LOCAL
    assert start({"ECHO_ACCESS": " Accounts "}).mode is Mode.ACCOUNTS
    public = start(PUBLIC, server__address="0.0.0.0")
    assert (public.secure, public.public_host, public.base) == (True, "echo.example.org", "https://echo.example.org")
    behind = {**PUBLIC, "ECHO_TRUSTED_PROXY": "127.0.0.1", "ECHO_PUBLIC_URL": "https://Echo.example.org:8443/"}
    assert start(behind).public_host == "echo.example.org:8443"
    assert start({**PUBLIC, "ECHO_ACCESS": "oidc"}, AUTH, server__address="0.0.0.0").mode is Mode.OIDC
    local = {**AUTH, "redirect_uri": "http://localhost:8501/oauth2callback"}
    assert start({"ECHO_ACCESS": "oidc"}, local).base == "http://localhost:8501"
    chosen = start({"ECHO_IDLE_MINUTES": "15", "ECHO_SESSION_HOURS": "8"})
    assert (chosen.idle, chosen.absolute) == (timedelta(minutes=15), timedelta(hours=8))


@pytest.mark.parametrize(
    ("environment", "options", "auth", "words"),
    [
        ({}, {"server__address": "0.0.0.0"}, None, "only listen on 127.0.0.1"),
        ({}, {"server__address": ""}, None, "every address"),
        ({}, {"server__address": "192.168.1.4"}, None, "192.168.1.4"),
        ({"ECHO_PUBLIC_URL": "https://echo.example.org"}, {}, None, "can't have a public address"),
        ({"ECHO_ACCESS": "open"}, {}, None, "'open'"),
        ({"ECHO_ACCESS": "accounts"}, {"server__address": "0.0.0.0"}, None, "TLS"),
        ({**PUBLIC, "ECHO_PUBLIC_URL": "http://echo.example.org"}, {"server__address": "0.0.0.0"}, None, "TLS"),
        ({**PUBLIC, "ECHO_PUBLIC_URL": "http://echo.example.org"}, {}, None, "must begin with https"),
        (PUBLIC, {}, None, "ECHO_TRUSTED_PROXY"),
        ({}, {"server__enableXsrfProtection": False}, None, "enableXsrfProtection true"),
        ({}, {"server__enableCORS": False}, None, "enableCORS true"),
        ({}, {"server__enableStaticServing": True}, None, "enableStaticServing false"),
        ({}, {"server__enableAgentApi": True}, None, "enableAgentApi false"),
        ({}, {"global__developmentMode": True}, None, "developmentMode false"),
        ({}, {"client__showErrorDetails": "full"}, None, "showErrorDetails none"),
        ({}, {"client__showErrorDetails": True}, None, "showErrorDetails none"),
        ({}, {"server__trustedUserHeaders": {"X-User": "email"}}, None, "trustedUserHeaders"),
        ({}, {"server__corsAllowedOrigins": ["https://evil.example"]}, None, "corsAllowedOrigins"),
        ({}, {"server__baseUrlPath": "echo"}, None, "baseUrlPath"),
        ({"ECHO_ACCESS": "oidc"}, {}, None, r"\[auth\] section"),
        ({"ECHO_ACCESS": "oidc"}, {}, {**AUTH}, "redirect_uri"),
        (OIDC, ANYWHERE,
         {**AUTH, "redirect_uri": "http://localhost:8501/oauth2callback"}, "redirect_uri"),
        (OIDC, ANYWHERE, {**AUTH, "cookie_secret": "s3cret"}, "cookie_secret"),
        (OIDC, ANYWHERE, {**AUTH, "cookie_secret": "x" * 40}, "cookie_secret"),
        (OIDC, ANYWHERE, {**AUTH, "client_id": ""}, "lacks client_id"),
        (OIDC, ANYWHERE,
         {**AUTH, "server_metadata_url": "http://id.example/x"}, "server_metadata_url"),
        ({"ECHO_PUBLIC_URL": "ftp://x.example"}, {}, None, "ECHO_PUBLIC_URL"),
        ({"ECHO_PUBLIC_URL": "https://x.example/path"}, {}, None, "without a path"),
        ({"ECHO_PUBLIC_URL": "https://user@x.example"}, {}, None, "ECHO_PUBLIC_URL"),
        ({"ECHO_PUBLIC_URL": "https://x.example:99999"}, {}, None, "ECHO_PUBLIC_URL"),
        ({"ECHO_TRUSTED_PROXY": "proxy.local"}, {}, None, "ECHO_TRUSTED_PROXY"),
        ({"ECHO_IDLE_MINUTES": "0"}, {}, None, "ECHO_IDLE_MINUTES"),
        ({"ECHO_IDLE_MINUTES": "forever"}, {}, None, "ECHO_IDLE_MINUTES"),
        ({"ECHO_SESSION_HOURS": "9999999999999"}, {}, None, "ECHO_SESSION_HOURS"),
    ],
)  # fmt: skip
def test_what_does_not_start(
    environment: dict[str, str], options: dict[str, Any], auth: dict[str, Any] | None, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        start(environment, auth, **options)


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(UserError) as told:
        start({}, server__address="0.0.0.0", server__enableCORS=False, client__showErrorDetails="full")
    assert str(told.value).count("\n- ") == 3


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "\u00a0=cmd|' /C calc'!A0",
        "\ufeff=1",
        "＝1",
        "%x",
        "-",
        "\n=1",
    ],
)
def test_what_a_spreadsheet_would_run_is_neutralised(cell: str) -> None:
    assert spreadsheet_safe(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "a", "-1.5", "+12", "-3%", "1=1", "a@b.example", "2026-01-01", "1e-5", "-1E5"])
def test_other_cells_stay(cell: str) -> None:
    assert spreadsheet_safe(cell) == cell
