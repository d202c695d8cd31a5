"""Access modes: how people prove who they are, read once, and the combinations that the server refuses at start."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from echo_metrics.errors import UserError

CALLBACK = "/oauth2callback"
"""Where Streamlit takes the identity provider's answer."""
SHORTEST_SECRET = 32


class Mode(StrEnum):
    """How people prove who they are."""

    LOCAL = "local"
    ACCOUNTS = "accounts"
    OIDC = "oidc"


@dataclass(frozen=True)
class Settings:
    """The access settings of one process. `public_url` has no slash at its end; '' where there is none."""

    mode: Mode = Mode.LOCAL
    address: str = "127.0.0.1"
    port: int = 8501
    public_url: str = ""
    trusted_proxy: str = ""
    idle: timedelta = timedelta(minutes=60)
    absolute: timedelta = timedelta(hours=12)

    @property
    def on_loopback(self) -> bool:
        """Whether the server listens to this computer only."""
        return is_loopback(self.address)

    @property
    def secure(self) -> bool:
        """Whether browsers reach the dashboard through TLS."""
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        """The public address's host with its port, folded; '' where there is none."""
        return urlsplit(self.public_url).netloc.casefold()

    @property
    def base(self) -> str:
        """The address to print in links that people open."""
        return self.public_url or f"http://localhost:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether a host (without port) means this computer."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def settings(environment: Mapping[str, str], options: Mapping[str, Any]) -> Settings:
    """Read the settings from the environment and from Streamlit's options (`server.address`, `server.port`).

    Raises `UserError` for a value that can't be understood; whether the values go together is `check`'s work.
    """
    named = environment.get("ECHO_ACCESS", "").strip().casefold() or Mode.LOCAL.value
    if named not in [m.value for m in Mode]:
        raise UserError(f"ECHO_ACCESS is '{named}'. It can be local, accounts or oidc.")
    return Settings(
        Mode(named),
        str(options.get("server.address") or ""),
        int(options.get("server.port") or 8501),
        _public_url(environment.get("ECHO_PUBLIC_URL", "").strip()),
        _proxy(environment.get("ECHO_TRUSTED_PROXY", "").strip()),
        timedelta(minutes=_number(environment, "ECHO_IDLE_MINUTES", 60, 24 * 60)),
        timedelta(hours=_number(environment, "ECHO_SESSION_HOURS", 12, 7 * 24)),
    )


def _number(environment: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise UserError(f"{name} is '{text}'. It must be a whole number from 1 to {most}.")
    return int(text)


def _public_url(text: str) -> str:
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    plain = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("https", "http") or not parts.hostname or not plain or port == 0:
        raise UserError(
            f"ECHO_PUBLIC_URL is '{text}'. It must be the address that people open, such as https://echo.example.org, "
            "without a path."
        )
    return f"{parts.scheme}://{parts.netloc.casefold()}"


def _proxy(text: str) -> str:
    if not text:
        return ""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise UserError(f"ECHO_TRUSTED_PROXY is '{text}'. It must be one IP address, such as 10.0.0.2.") from None


def check(chosen: Settings, options: Mapping[str, Any], auth: Mapping[str, Any] | None = None) -> None:
    """Raise `UserError` that names every unsafe combination and what to do, one a line.

    `options` are Streamlit's, by name; `auth` is the [auth] section of its secrets.
    """
    found = [*_reach(chosen), *_streamlit(options)]
    if chosen.mode is Mode.OIDC:
        found += _oidc(chosen, auth or {})
    if found:
        raise UserError("ECHO Metrics does not start like this:\n" + "\n".join(f"- {words}" for words in found))


def _reach(chosen: Settings) -> list[str]:
    listens = chosen.address or "every address"
    if chosen.mode is Mode.LOCAL:
        found = []
        if not chosen.on_loopback:
            found.append(
                "ECHO Metrics runs in local mode without sign-in, so it may only listen on 127.0.0.1, not on "
                f"{listens}. Start it with --server.address 127.0.0.1, or set ECHO_ACCESS=accounts."
            )
        if chosen.public_url:
            found.append(
                "Local mode has no sign-in, so it can't have a public address. Set ECHO_ACCESS=accounts, or remove "
                "ECHO_PUBLIC_URL."
            )
        return found
    found = []
    if not chosen.on_loopback and not chosen.secure:
        found.append(
            f"The server listens on {listens}, so people reach it over a network: passwords and sessions need TLS. Set "
            "ECHO_PUBLIC_URL to the https:// address of the proxy in front, or listen on 127.0.0.1."
        )
    elif chosen.public_url and not chosen.secure:
        found.append("ECHO_PUBLIC_URL must begin with https://: a sign-in over plain http can be read on the way.")
    if chosen.on_loopback and chosen.public_url and not chosen.trusted_proxy:
        found.append(
            "A proxy on this computer stands between people and the server, and all of them would count as one visitor "
            "when attempts are throttled. Name it in ECHO_TRUSTED_PROXY (127.0.0.1)."
        )
    return found


def _streamlit(options: Mapping[str, Any]) -> list[str]:
    wanted = (
        ("server.enableXsrfProtection", True, "Streamlit's protection against forged requests is off"),
        ("server.enableCORS", True, "Streamlit's origin check is off"),
        ("server.enableStaticServing", False, "Streamlit would serve a folder of files to anybody"),
        ("server.enableAgentApi", False, "Streamlit's agent API would drive the dashboard without a browser"),
        ("global.developmentMode", False, "Streamlit's development mode takes its guards away"),
    )
    found = [
        f"{what}. Start it with --{name} {str(value).lower()}."
        for name, value, what in wanted
        if name in options and bool(options[name]) is not value
    ]
    details = options.get("client.showErrorDetails", "none")
    if str(details).casefold() != "none":
        found.append(
            "Error messages would show the program's inside, and rows with it. Start it with "
            "--client.showErrorDetails none."
        )
    for name, what in (
        ("server.trustedUserHeaders", "Streamlit would believe identities in request headers"),
        ("server.corsAllowedOrigins", "Streamlit would talk to pages of other sites"),
        ("server.baseUrlPath", "The dashboard's own pages stand at the root of its address"),
    ):
        if options.get(name):
            found.append(f"{what}. Remove {name}.")
    return found


def _oidc(chosen: Settings, auth: Mapping[str, Any]) -> list[str]:
    if not auth:
        return [
            "ECHO_ACCESS=oidc needs an [auth] section in .streamlit/secrets.toml with redirect_uri, cookie_secret, "
            "client_id, client_secret and server_metadata_url."
        ]
    found = []
    secret = str(auth.get("cookie_secret") or "")
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < 8:
        found.append(
            f"cookie_secret in [auth] must be at least {SHORTEST_SECRET} random characters, such as the output of "
            "`python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )
    wanted = chosen.base + CALLBACK
    local = {f"http://{host}:{chosen.port}{CALLBACK}" for host in ("localhost", "127.0.0.1")}
    redirect = str(auth.get("redirect_uri") or "")
    if redirect != wanted and not (not chosen.public_url and redirect in local):
        found.append(f"redirect_uri in [auth] must be {wanted}, the address people open with {CALLBACK} at its end.")
    provider = next((v for v in auth.values() if isinstance(v, Mapping) and "client_id" in v), auth)
    missing = [name for name in ("client_id", "client_secret", "server_metadata_url") if not provider.get(name)]
    if missing:
        found.append(f"[auth] lacks {', '.join(missing)}.")
    metadata = str(provider.get("server_metadata_url") or "")
    if metadata.startswith("http://") and not is_loopback(urlsplit(metadata).hostname or ""):
        found.append("server_metadata_url in [auth] must begin with https://: over plain http anybody could answer.")
    return found
