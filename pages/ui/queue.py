"""Names to decide on: one at a time, evidence beside each candidate, a key for every answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from echo_metrics.answers.people_queue import Candidate, Decision, Doubtful, Seen
from echo_metrics.charts import Table
from echo_metrics.charts import wording as w
from echo_metrics.errors import UserError
from pages.ui import parts, people_door
from pages.ui.words import plain

SKIPPED, LAST = "queue-skipped", "queue-last"
NOBODY, ROOM, SKIP, UNDO = "N", "H", "S", "U"
"""Keys; C and R belong to the page itself."""
WHY = {"device name": "the name on a device"}


def draw() -> None:
    """The name whose turn it is, what was decided, and two records that are one person."""
    parts.heading(
        "Names to decide on",
        "Likely matches that were not made: a wrong match is worse than a missing one. What you decide is remembered "
        "for every later meeting, and can be taken back.",
    )
    names = people_door.waiting()
    skipped: set[tuple[int, str]] = st.session_state.setdefault(SKIPPED, set())
    open_ones = [n for n in names if _key(n) not in skipped]
    _undo_last()
    if not names:
        st.info("No name waits for a decision.")
    elif not open_ones:
        st.info(f"{w.plural(len(names), 'name')} left for later.")
        if st.button("Look at them again", key="queue-again", icon=":material/replay:"):
            skipped.clear()
            st.rerun()
    else:
        _one(open_ones[0], len(open_ones), skipped)
    _decisions(people_door.made())
    _rooms()
    _same_person()
    _another_person()
    _forgotten()


def _one(name: Doubtful, left: int, skipped: set[tuple[int, str]]) -> None:
    with st.container(border=True, key="queue-card"):
        st.caption(f"{w.plural(left, 'name')} to decide · {plain(name.network)}")
        st.subheader(plain(name.shown), anchor=False)
        meetings = "; ".join(_meeting(s, name.shown) for s in name.seen)
        st.markdown(plain(f"Shown in {w.plural(len(name.seen), 'meeting')}: {meetings}."))
        for number, candidate in enumerate(name.candidates, 1):
            answer, evidence = st.columns([2, 5], vertical_alignment="center")
            with answer:
                if st.button(plain(candidate.name), key=f"queue-{number}", shortcut=str(number), width="stretch"):
                    _do(partial(people_door.is_person, name, candidate.person_id))
            evidence.markdown(_evidence(candidate))
        with st.container(horizontal=True, key="queue-answers"):
            if st.button("Nobody on the list", key="queue-nobody", shortcut=NOBODY):
                _do(lambda: people_door.is_guest(name))
            if st.button("Later", key="queue-skip", shortcut=SKIP, type="tertiary"):
                skipped.add(_key(name))
                st.rerun()
        if name.may_be_room:
            st.caption("Reads like a room: several people before one camera count as people, not as one.")
        with st.container(horizontal=True, vertical_alignment="bottom", key="queue-room"):
            heads = st.number_input(
                "People in the room", min_value=1, max_value=500, value=2, key="queue-heads", width=160
            )
            if st.button("A shared room", key="queue-is-room", shortcut=ROOM, help="Counted as people, not as one."):
                _do(lambda: people_door.is_room(name, int(heads)))


def _meeting(seen: Seen, shown: str) -> str:
    as_shown = "" if seen.as_shown == shown else f', as "{seen.as_shown}"'
    return f"{seen.start:%Y-%m-%d}, {seen.minutes:.0f} minutes{as_shown}"


def _evidence(candidate: Candidate) -> str:
    """What speaks for and against somebody, in one or two lines."""
    about = ", ".join(p for p in (candidate.discipline, candidate.organisation) if p)
    likeness = "" if candidate.score >= 1 else f", likeness {candidate.score:.2f}"
    why = f"{WHY.get(candidate.why, candidate.why)}{likeness}"
    came = f"came to {w.plural(candidate.sessions, 'session')}"
    found = plain(" · ".join(p for p in (about, came, why) if p))
    return f"{found}  \n:small[:orange[Against: {plain(candidate.against)}.]]" if candidate.against else found


def _do(decide: Callable[[], int]) -> None:
    try:
        with st.spinner("Working out who was there"):
            st.session_state[LAST] = decide()
    except UserError as error:
        st.error(plain(str(error)))
        return
    st.rerun()


def _undo_last() -> None:
    last = st.session_state.get(LAST)
    if last is None:
        return
    words = next((d.words for d in people_door.made() if d.id == last), "")
    with st.container(horizontal=True, vertical_alignment="center", key="queue-last-one"):
        st.markdown(f":material/check: {plain(words)}.")
        if st.button("Undo", key="queue-undo", shortcut=UNDO, type="tertiary"):
            _take_back(int(last))


def _take_back(decision_id: int) -> None:
    try:
        with st.spinner("Working out who was there"):
            people_door.withdraw(decision_id)
    except UserError as error:
        st.error(plain(str(error)))
    st.session_state.pop(LAST, None)
    st.rerun()


def _decisions(made: list[Decision]) -> None:
    if not made:
        return
    with st.expander(f"Decisions so far ({len(made)})", key="queue-made", icon=":material/rule:"):
        parts.table(
            Table(
                ("Decided", "Network", "By", "On", "Stands"),
                tuple(
                    (
                        d.words,
                        d.network or w.DASH,
                        d.by,
                        f"{d.at:%Y-%m-%d %H:%M}",
                        f"withdrawn by {d.withdrawn}" if d.withdrawn else "yes",
                    )
                    for d in made
                ),
            )
        )
        standing = {f"{d.words} ({d.at:%Y-%m-%d %H:%M}, number {d.id})": d.id for d in made if not d.withdrawn}
        chosen = st.selectbox(
            "Take a decision back", list(standing), index=None, placeholder="Choose one", key="queue-withdraw"
        )
        if st.button("Take it back", key="queue-withdraw-do", disabled=chosen is None) and chosen:
            _take_back(standing[chosen])


def _rooms() -> None:
    """A room holds other people from meeting to meeting: its head count can be said for one of them."""
    rooms = people_door.rooms()
    if not rooms:
        return
    with st.expander("People in shared rooms", key="queue-rooms", icon=":material/meeting_room:"):
        labels = {f"{r.shown}, {r.start:%Y-%m-%d}: {w.people(r.heads)} ({r.network})": r for r in rooms}
        chosen = st.selectbox("Room and meeting", list(labels), index=None, placeholder="Choose", key="rooms-one")
        heads = st.number_input("People in it that day", 1, 500, 2, key="rooms-heads", width=200)
        if st.button("Say so", key="rooms-do", disabled=chosen is None) and chosen:
            _do(partial(people_door.heads_once, labels[chosen], int(heads)))


def _same_person() -> None:
    """Two records of one person: said by hand, as nothing but a person can know."""
    with st.expander("Two records are one person", key="queue-merge", icon=":material/merge:"):
        people = {k.label: k.id for k in people_door.known()}
        labels = list(people)
        left, right = st.columns(2)
        gone = left.selectbox("This record", labels, index=None, placeholder="Choose", key="merge-from")
        into = right.selectbox("is the same person as", labels, index=None, placeholder="Choose", key="merge-into")
        st.caption("Everything of the first counts for the second: answers, attendance, pairs. It can be taken back.")
        if st.button("They are one person", key="merge-do", disabled=gone is None or into is None) and gone and into:
            _do(lambda: people_door.are_one(people[gone], people[into]))


def _another_person() -> None:
    """A name that was joined by itself and should not have been."""
    names = people_door.joined()
    if not names:
        return
    with st.expander("A name was joined to the wrong person", key="queue-split", icon=":material/call_split:"):
        labels = {f"{j.shown} is {j.person} (by {j.method}, {j.network})": j for j in names}
        chosen = st.selectbox("This is wrong", list(labels), index=None, placeholder="Choose", key="split-name")
        st.caption("The name becomes a guest of its own, here and in later meetings. It can be taken back.")
        if st.button("Not that person", key="split-do", disabled=chosen is None) and chosen:
            _do(partial(people_door.is_not, labels[chosen]))


def _forgotten() -> None:
    """Somebody asks to be removed: first what would go, then, with the box ticked, for good."""
    with st.expander("Somebody wants to be forgotten", key="forget", icon=":material/person_off:"):
        person = st.text_input("E-mail address, full name or number", key="forget-who")
        sure = st.checkbox("Remove them for good: this can't be undone.", key="forget-sure")
        label = "Remove them" if sure else "What would go?"
        if not st.button(label, key="forget-do", disabled=not person.strip()):
            return
        try:
            with st.spinner("Searching every table"):
                lines = people_door.forgetting(person, sure)
        except UserError as error:
            st.error(plain(str(error)))
            return
        (st.success if sure else st.info)(plain("\n\n".join(line for line in lines if line)))


def _key(name: Doubtful) -> tuple[int, str]:
    return name.network_id, name.shown
