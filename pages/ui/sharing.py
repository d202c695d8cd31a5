"""The parts of the sharing screen about releases: make one, preview it as its reader will, list and withdraw them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from echo_metrics.charts import Table
from echo_metrics.charts import wording as w
from echo_metrics.disclosure import Preset
from echo_metrics.errors import UserError
from echo_metrics.reports.frame import day
from echo_metrics.sharing.build import Draft, Request
from echo_metrics.sharing.registry import Entry, ReleaseStatus
from echo_metrics.sharing.release import COMMENTS, PAGES, USUAL_PAGES, Breakdown, Mark
from pages.ui import door, parts, sharing_door

DRAFT = "_release_draft"
PRESETS = {f"{p.value.capitalize()}, for {p.meant_for}": p for p in (Preset.STANDARD, Preset.STRICT, Preset.INTERNAL)}
HOW_CAREFUL = " ".join(f"{p.value.capitalize()}: {p.words}." for p in Preset)


def tabs(releases: int, links: int) -> Sequence[Any]:
    """The three parts of the screen."""
    return st.tabs([f"Releases ({releases})", f"Links ({links})", "Comments"])


def make() -> None:
    """The form of a new release, its preview, and the button that freezes it."""
    parts.heading("Make a release", "Preview it first: you see what its reader will see, and what it hides.")
    options = door.options()
    networks = {n.name: n.key for n in options.networks}
    cohorts = list(dict.fromkeys(c.name for c in options.cohorts))
    live = {e.name: e.number for e in sharing_door.releases() if e.status is ReleaseStatus.LIVE and not e.standing}
    with st.form("release"):
        title = st.text_input("Title", key="release-title", max_chars=120, placeholder="Results of the first year")
        preset = st.selectbox("How careful", list(PRESETS), key="release-preset", help=HOW_CAREFUL)
        left, right = st.columns(2)
        chosen = left.multiselect("Networks", list(networks), key="release-networks", placeholder="All networks")
        only = right.multiselect("Cohorts", cohorts, key="release-cohorts", placeholder="All cohorts")
        pages = left.multiselect(
            "Pages", list(USUAL_PAGES), format_func=PAGES.__getitem__, key="release-pages", placeholder="All pages"
        )
        words = left.checkbox("With approved comments, in people's own words", key="release-comments")
        breakdowns = right.multiselect(
            "Breakdowns",
            [b.value for b in Breakdown],
            default=[Breakdown.COHORT.value, Breakdown.DISCIPLINE.value],
            format_func=str.capitalize,
            key="release-breakdowns",
        )
        instead = st.selectbox("Takes the place of (its links stop)", ["none", *live], key="release-replaces")
        notes = st.text_area("Notes for the reader", key="release-notes", max_chars=2000)
        asked = st.form_submit_button("Preview", icon=":material/preview:")
    request = Request(
        title,
        PRESETS[preset or next(iter(PRESETS))],
        tuple(networks[name] for name in chosen),
        tuple(only),
        (*(pages or USUAL_PAGES), *([COMMENTS] if words else [])),
        (),
        tuple(Breakdown(b) for b in breakdowns),
        notes,
    )
    if asked:
        _preview(request, live.get(instead or ""))
    _draft()


def listing(releases: Sequence[Entry]) -> None:
    """All releases with what can be done to them."""
    parts.heading("Releases")
    if not releases:
        st.info("There is no release yet.")
        return
    names = sharing_door.people()
    parts.table(
        Table(
            ("Release", "Title", "State", "How careful", "Made", "By", "Data version"),
            tuple(
                (
                    e.name,
                    e.title,
                    e.status.value,
                    e.preset.value,
                    day(e.made.date()),
                    "the dashboard, after imports" if e.standing else names.get(e.made_by, e.made_by),
                    e.data_version,
                )
                for e in releases
            ),
        )
    )
    by_name = {f"{e.name}: {e.title}": e for e in releases if e.status is not ReleaseStatus.WITHDRAWN}
    picked = st.selectbox("Open a release", list(by_name), index=None, key="release-open", placeholder="Choose one")
    if picked:
        _one(by_name[picked])
    if st.button("Attack all live releases", icon=":material/policy:", key="release-attack"):
        _attack()
    _approval()


def _preview(request: Request, replaces: int | None) -> None:
    st.session_state.pop(DRAFT, None)
    try:
        with st.spinner("Computing the figures, then attacking them"):
            st.session_state[DRAFT] = (request, replaces, sharing_door.preview(request, replaces))
    except UserError as error:
        st.warning(str(error))


def _draft() -> None:
    """The draft that was previewed last, until it is frozen or another one is asked for."""
    kept: tuple[Request, int | None, Draft] | None = st.session_state.get(DRAFT)
    if kept is None:
        return
    request, replaces, draft = kept
    parts.heading("Preview", "Nothing is frozen yet.")
    _report(draft.release.hidden, draft.release.held)
    if draft.release.coarse:
        st.info(
            "Another live release speaks of partly the same people, so averages here are rounded further. Let this one "
            "take its place, or withdraw it, for exact averages of whole cohorts."
        )
    with st.expander("As the reader sees it", expanded=True, key="release-preview"):
        st.iframe(sharing_door.as_recipient(draft.release), height=720)
    if st.button(f"Freeze as {draft.release.name}", type="primary", icon=":material/ac_unit:", key="release-freeze"):
        try:
            entry = sharing_door.freeze(request, replaces)
        except UserError as error:
            st.warning(str(error))
            return
        st.session_state.pop(DRAFT, None)
        st.toast(f"{entry.name} is {entry.status.value}.")
        st.rerun()


def _report(hidden: Sequence[Mark], held: Sequence[Mark]) -> None:
    """What a release holds back, and why."""
    words = f"{w.plural(len(hidden), 'figure')} hidden, {len(held)} kept from an earlier release"
    with st.expander(f"Disclosure report: {words}", key="release-report"):
        if not hidden and not held:
            parts.html("<p>Nothing had to be hidden.</p>")
            return
        rows = tuple((m.where, m.figure, m.group, m.reason) for m in (*held, *hidden))
        parts.table(Table(("Part", "Figure", "Group", "Why"), rows))


def _one(entry: Entry) -> None:
    """One release: take it away as a file, read its report, approve or withdraw it."""
    release = sharing_door.read(entry.number)
    files = " · ".join(
        f'<a href="/download/release/{entry.number}.{kind}" target="_blank" download>{words}</a>'
        for kind, words in (
            ("html", "Self-contained page (HTML)"),
            ("csv", "Figures (CSV)"),
            ("json", "Document (JSON)"),
        )
    )
    parts.html(f"<p>{files}</p>")
    parts.html(f'<p class="soft small">Checksum {release.document()["checksum"]}</p>')
    _report(release.hidden, release.held)
    with st.expander("As the reader sees it", key=f"release-{entry.number}-look"):
        st.iframe(sharing_door.as_recipient(release), height=720)
    if entry.status is ReleaseStatus.WAITING and st.button("Approve", type="primary", key="release-approve"):
        _do(lambda: sharing_door.approve(entry.number))
    sure = st.checkbox(f"Withdraw {entry.name} for good; its links stop", key=f"release-{entry.number}-sure")
    if st.button("Withdraw", disabled=not sure, icon=":material/block:", key="release-withdraw"):
        _do(lambda: sharing_door.withdraw(entry.number))


def _attack() -> None:
    """What an attacker gets who holds every live release."""
    with st.spinner("Solving for every hidden group"):
        found = sharing_door.attacked()
    broken = [f for f in found if f.broken]
    if broken:
        st.error(f"{w.plural(len(broken), 'group')} can be worked out. Withdraw one of the releases they stand in.")
    else:
        st.success(f"No group can be worked out. {w.plural(len(found), 'hidden group')} tried over all live releases.")
    rows = tuple(
        (f.figure.replace("|", ", "), f.bound.target, _between(f.bound.low, f.bound.high), f.broken or "safe")
        for f in found
    )
    if rows:
        parts.table(Table(("Figure", "Group", "People it can be", "Finding"), rows))


def _between(low: int, high: int | None) -> str:
    return f"{low} or more" if high is None else f"{low} to {high}"


def _approval() -> None:
    """The setting that takes a second person."""
    if sharing_door.local() or not door.viewer().may_import:
        return
    now = sharing_door.approval_needed()
    wanted = st.toggle("A second person must approve every release", value=now, key="release-second")
    if wanted != now:
        _do(lambda: sharing_door.need_approval(wanted))


def _do(work: Any) -> None:
    try:
        work()
    except UserError as error:
        st.warning(str(error))
        return
    st.rerun()
