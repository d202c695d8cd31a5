"""The parts of the sharing screen about links: make one, list them with their use, pause, renew and end them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from echo_metrics.charts import Table
from echo_metrics.charts import wording as w
from echo_metrics.disclosure import Preset
from echo_metrics.errors import UserError
from echo_metrics.reports.frame import day
from echo_metrics.sharing.links import LONGEST, USUAL, Link, LinkStatus
from echo_metrics.sharing.registry import Entry, ReleaseStatus
from echo_metrics.sharing.release import PAGES
from pages.ui import parts, sharing_door

SHOWN_ONCE = "_link_address"


def make(releases: Sequence[Entry]) -> None:
    """The form of a new link, and its address once."""
    parts.heading("Make a link", "One link for each recipient, so that each can be ended alone.")
    if sharing_door.local():
        st.info(
            "In local mode a link opens on this computer only. To give somebody a release, take it away as one "
            "self-contained HTML file on the Releases tab; a file cannot be ended afterwards."
        )
    live = {
        f"{e.name}: {e.title}": e
        for e in releases
        if e.status is ReleaseStatus.LIVE and e.preset is not Preset.INTERNAL
    }
    if not live:
        st.info("Make a release first: a link shows one release.")
        return
    picked = st.selectbox("Release", list(live), key="link-release")
    release = sharing_door.read(live[picked or next(iter(live))].number)
    scopes = {s.words: (s.network, s.cohort) for s in release.scopes}
    today = sharing_door.now().date()
    with st.form("link"):
        left, right = st.columns(2)
        recipient = left.text_input("Recipient", key="link-recipient", max_chars=120)
        purpose = right.text_input(
            "Purpose", key="link-purpose", max_chars=120, placeholder="Report for the grant year"
        )
        until = left.date_input(
            "Last day",
            value=today + USUAL,
            min_value=today + timedelta(days=1),
            max_value=today + LONGEST - timedelta(days=2),
            key="link-until",
        )
        part = right.selectbox("Locked to", list(scopes), key="link-part")
        pages = left.multiselect(
            "Pages", release.pages, format_func=PAGES.__getitem__, key="link-pages", placeholder="All its pages"
        )
        passcode = right.text_input(
            "Passcode (optional)", key="link-passcode", max_chars=100, type="password", help="Tell it by another way."
        )
        download = left.checkbox("May download the figures", key="link-download")
        sent = st.form_submit_button("Make the link", type="primary", icon=":material/add_link:")
    if sent:
        locked = scopes[part or next(iter(scopes))]
        _shown(
            lambda: sharing_door.share(
                release.number, recipient, purpose, until, tuple(pages) or release.pages, locked, download, passcode
            )
        )
    _address()


def listing() -> None:
    """All links with their use, and what can be done to them."""
    parts.heading("Links")
    links = sharing_door.links()
    if not links:
        st.info("There is no link yet.")
        return
    now = sharing_door.now()
    soon = [link for link in links if link.ends_soon(now)]
    if soon:
        st.warning(f"Ending within two weeks: {w.listed([f'{x.name} ({x.recipient})' for x in soon])}.")
    parts.table(
        Table(
            ("Link", "Recipient", "Purpose", "Release", "State", "Last day", "Use", "Passcode", "Download"),
            tuple(
                (
                    x.name,
                    x.recipient,
                    x.purpose,
                    f"R{x.release}: {x.release_title}",
                    x.state(now),
                    day(x.last_day),
                    _use(x),
                    "yes" if x.has_passcode else "no",
                    "yes" if x.download else "no",
                )
                for x in links
            ),
        )
    )
    by_name = {f"{x.name}: {x.recipient}": x for x in links}
    picked = st.selectbox("Change a link", list(by_name), index=None, key="link-open", placeholder="Choose one")
    if picked:
        _one(by_name[picked])
    _many(links)


def _use(link: Link) -> str:
    if not link.opened or link.last_seen is None:
        return "not opened yet"
    return f"opened {w.plural(link.opened, 'time')}, last {day(link.last_seen.date())}"


def _one(link: Link) -> None:
    state = link.state(sharing_door.now())
    seen = sharing_door.views(link.number)
    if seen:
        with st.expander(f"When {link.name} was used", key=f"link-{link.number}-views"):
            parts.table(
                Table(
                    ("When (UTC)", "What", "Device"), tuple((f"{at:%Y-%m-%d %H:%M}", what, by) for at, what, by in seen)
                )
            )
    if state == "revoked":
        st.info(f"{link.name} is revoked for good. Make a new link if its recipient should read on.")
        return
    left, middle, right = st.columns(3)
    if link.status is LinkStatus.PAUSED:
        if left.button("Resume", icon=":material/play_arrow:", key="link-resume"):
            _do(lambda: sharing_door.set_status(link.number, LinkStatus.LIVE))
    elif left.button("Pause", icon=":material/pause:", key="link-pause"):
        _do(lambda: sharing_door.set_status(link.number, LinkStatus.PAUSED))
    if middle.button("New address", icon=":material/autorenew:", key="link-rotate", help="The old one stops at once."):
        _shown(lambda: sharing_door.rotate(link.number))
        st.rerun()
    if right.button("Revoke for good", icon=":material/link_off:", key="link-revoke"):
        _do(lambda: sharing_door.set_status(link.number, LinkStatus.REVOKED))


def _many(links: Sequence[Link]) -> None:
    """End several links at once."""
    open_ones = [x for x in links if x.status is not LinkStatus.REVOKED]
    choices: dict[str, dict[str, Any]] = {
        **{f"all links of release R{n}": {"release": n} for n in dict.fromkeys(x.release for x in open_ones)},
        **{f"all links of {r}": {"recipient": r} for r in dict.fromkeys(x.recipient for x in open_ones)},
    }
    if len(open_ones) < 2:
        return
    with st.expander("End several links at once", key="link-many"):
        picked = st.selectbox("Which", list(choices), index=None, key="link-many-which", placeholder="Choose")
        if st.button("Revoke them for good", disabled=picked is None, key="link-many-go") and picked:
            _do(lambda: sharing_door.revoke_all(**choices[picked]))


def _shown(work: Any) -> None:
    """Make an address and keep it for one showing."""
    try:
        st.session_state[SHOWN_ONCE] = work()
    except UserError as error:
        st.warning(str(error))


def _address() -> None:
    """A new address, shown once."""
    made: tuple[Link, str] | None = st.session_state.pop(SHOWN_ONCE, None)
    if made is None:
        return
    link, address = made
    st.success(f"{link.name} for {link.recipient}. This address is shown once; it is kept nowhere.")
    st.code(address, language=None)
    # Inside the page, not as a file of its own: the picture is the address in another form.
    picture = b64encode(sharing_door.qr_picture(address)).decode()
    parts.html(
        f'<p><img width="180" alt="QR code of the address" src="data:image/png;base64,{picture}"></p>'
        '<p class="soft small">For a slide: whoever photographs it can open the link.</p>'
    )


def _do(work: Any) -> None:
    try:
        work()
    except UserError as error:
        st.warning(str(error))
        return
    st.rerun()
