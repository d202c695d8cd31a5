"""The small pages before a shared view: the landing page of a link, and the one refusal.

Neither names a hub, a network, a cohort or a recipient: who holds an address has shown nothing yet, and names are data.
"""

from __future__ import annotations

from echo_metrics.reports.frame import FORM_TOKEN, content_policy, document, path, sheet, text

PASSCODE = "passcode"
"""Name of the passcode field."""
REFUSED = (
    "It may have expired, been paused or withdrawn, or be incomplete; or the passcode did not fit, or was tried too "
    "often. Open the address again to try once more, or ask the person who sent it to you."
)


def style() -> str:
    """The one style element of both pages."""
    return sheet("base.css")


def policy() -> str:
    """The Content-Security-Policy that a server sends with them; it adds `frame-ancestors 'none'` itself."""
    return content_policy(style(), forms=True)


def landing(action: str, token: str) -> str:
    """The page of `GET /s/<token>`, the same for every address: opening it spends and shows nothing, the button does.

    `action` is where the button posts to, `token` the form's own. The passcode is always asked for, so that the page
    does not tell which addresses exist, or which of them have one.
    """
    body = (
        '<main class="narrow"><h1>A shared view is waiting for you</h1>'
        "<p>Somebody shared the results of a learning programme with you: figures about groups of people, never about "
        "single persons.</p>"
        f'<form method="post" action="{path(action)}">'
        f'<input type="hidden" name="{FORM_TOKEN}" value="{text(token)}">'
        f'<label for="{PASSCODE}">Passcode, if you were given one</label>'
        f'<input type="password" id="{PASSCODE}" name="{PASSCODE}" maxlength="200" autocomplete="off">'
        "<div><button>Open the shared view</button></div></form>"
        '<p class="soft small">Opening it sets two cookies, so that the page can be shown and its buttons work. When '
        "it was opened is noted, and on what kind of device; who opened it is not.</p></main>"
    )
    return document("Shared view", [body], style())


def refusal() -> str:
    """The one page for unknown, expired, paused and revoked links alike."""
    body = f'<main class="narrow"><h1>This link does not open</h1><p>{REFUSED}</p></main>'
    return document("Shared view", [body], style())
