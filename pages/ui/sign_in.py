"""What somebody unknown sees instead of a screen, and the account's links for somebody known."""

from __future__ import annotations

from html import escape

import streamlit as st

from echo_metrics.access.identity import Identity
from echo_metrics.access.modes import Mode
from pages.ui import identity, parts

SIGNED_OUT = "You are signed out."
NOT_KNOWN = (
    "You are signed in with your identity provider, but no account here belongs to it, or the sign-in is too old. Sign "
    "in again, or ask your programme's owner for an account under your verified e-mail address."
)


def require() -> Identity:
    """Who is asking; for nobody known, draw the way in and stop the run."""
    found = identity.who()
    if found is None:
        _way_in()
        st.stop()
    return found


def _way_in() -> None:
    st.title("ECHO Metrics", anchor=False)
    if identity.settings().mode is Mode.OIDC:
        known = identity.claims() is not None
        st.info(NOT_KNOWN if known else "Sign in to see your programme.")
        st.button("Sign in again" if known else "Sign in", type="primary", on_click=st.login)
        if known:
            st.button("Sign out at the identity provider", on_click=st.logout)
    else:
        st.info(SIGNED_OUT)
        parts.html('<p><a href="/sign-in" target="_self">Sign in</a></p>')


def account(person: Identity) -> None:
    """Who is signed in, with the links to the server's own pages; nothing in local mode."""
    mode = identity.settings().mode
    if mode is Mode.LOCAL:
        return
    links = ['<a href="/sign-out" target="_self">Sign out</a>']
    if mode is Mode.ACCOUNTS:
        links.insert(0, '<a href="/account/password" target="_self">Change password</a>')
    words = f"Signed in as {escape(person.name)}, {person.role.value}"
    parts.html(f'<p class="small soft">{words}<br>{" &middot; ".join(links)}</p>')
