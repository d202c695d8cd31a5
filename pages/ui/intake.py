"""Files on their way in: what each is and why, what an import would change, corrections, then all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from echo_metrics.answers.intake import FileReport, OwnInstrument, unknown_headings
from echo_metrics.charts import Table
from echo_metrics.charts import wording as w
from echo_metrics.errors import UserError
from echo_metrics.own_definitions import ONCE, SCREENS, TWICE, OwnItem
from pages.ui import corrections, door, intake_door, parts
from pages.ui.intake_door import Waiting
from pages.ui.words import plain

QUEUE, DONE = "_intake", "_intake_done"
ANYWHERE = "As the file says"
MOST_ISSUES = 100
UNSURE = 0.75
"""Below this confidence a column is listed for a look."""


def draw() -> None:
    """The upload, the files that wait, and what came of the last ones."""
    parts.heading(
        "Bring files in",
        "Exports as they are: surveys, meeting reports, registrations, ledgers. Read first, kept later.",
    )
    _choose()
    for report in st.session_state.pop(DONE, ()):
        _came_of(report)
    waiting: list[Waiting] = st.session_state.get(QUEUE, [])
    if not waiting:
        return
    for place, file in enumerate(waiting):
        _file(place, file)
    ready = [f for f in waiting if f.ready]
    left, right = st.columns([3, 1])
    if left.button(
        f"Import {w.plural(len(ready), 'file')}",
        type="primary",
        icon=":material/save:",
        key="intake-commit",
        disabled=not ready,
    ):
        _commit(ready)
    if right.button("Put all aside", key="intake-clear", help="Nothing was kept of them."):
        st.session_state[QUEUE] = []
        st.rerun()


def _choose() -> None:
    with st.form("upload", border=True, clear_on_submit=True):
        given = st.file_uploader("Files", accept_multiple_files=True, key="upload-files")
        left, right = st.columns(2)
        network = left.text_input("Network", key="upload-network", help="Only where the file itself does not say.")
        cohort = right.text_input("Cohort", key="upload-cohort", help="Only where the file itself does not say.")
        sent = st.form_submit_button("Read them", type="primary", icon=":material/upload_file:")
    if not sent:
        return
    if not given:
        st.warning("Choose at least one file first.")
        return
    bar = st.progress(0.0, "Reading every row")
    files = [(f.name, f.getvalue()) for f in given]
    found = intake_door.rehearse(
        files, network.strip(), cohort.strip(),
        _tell(bar, "Read", len(files)),
    )  # fmt: skip
    bar.empty()
    st.session_state[QUEUE] = found


def _tell(bar: Any, word: str, of: int) -> Callable[[int], None]:
    """Moves a progress bar, a file at a time."""

    def tell(done: int) -> None:
        bar.progress(done / of, f"{word} {done} of {of}")

    return tell


def _file(place: int, file: Waiting) -> None:
    report = file.report
    sign = (
        ":material/check_circle:"
        if file.ready
        else ":material/info:"
        if report.status == "already"
        else ":material/error:"
    )
    kind = " ".join(p for p in (report.format, report.variant) if p).replace("_", " ")
    state = ", already in the store" if report.status == "already" else ""
    words = f"{file.name}: {kind or 'not recognised'}{state}"
    with st.expander(
        plain(words), icon=sign, key=f"intake-{place}", expanded=not file.ready and report.status != "already"
    ):
        if report.message:
            (st.info if report.status == "already" else st.warning)(plain(report.message))
        if file.ready:
            _would(report)
            corrections.applied(report)
            if corrections.of_file(place, file.name):
                said = dict(file.chosen.targets) if file.chosen else {}
                _again(place, file, (file.network, file.cohort), said, file.chosen.wave if file.chosen else "")
        if report.columns:
            _columns(place, file)
        elif report.status == "refused" and not report.format:
            _unknown(place, file)


def _would(report: FileReport) -> None:
    """What was recognised, and what an import would change."""
    ignored = sum(report.rows_ignored.values())
    equation = (
        f"{report.rows_read:,} rows read = {report.rows_loaded:,} loaded + {report.rows_quarantined:,} quarantined + "
        f"{ignored:,} ignored"
    )
    changes = ", ".join(f"{n:,} {word}" for word, n in report.changes.items() if n) or "nothing"
    counts = [w.people(report.people)]
    counts += [w.plural(report.connections, "connection")] if report.connections else []
    counts += [w.plural(report.responses, "answer")] if report.responses else []
    parts.definitions(
        [
            ("Recognised by", report.why),
            ("Account", equation),
            (
                "Ignored by rule",
                "; ".join(f"{n:,} {rule.replace('_', ' ')}" for rule, n in report.rows_ignored.items()),
            ),
            ("Would change", changes),
            ("Holds", ", ".join(counts)),
            ("Columns", "as somebody confirmed them for these headings" if report.mapped else ""),
        ]
    )
    if report.issues or report.quarantined:
        rows = [(f"{q.origin.row:,}", q.column or w.DASH, f"Quarantined: {q.message}") for q in report.quarantined]
        rows += [(f"{i.row:,}" if i.row else "file", i.column or w.DASH, i.message) for i in report.issues]
        parts.title(f"To look at ({len(rows)})")
        parts.table(Table(("Row", "Column", "What"), tuple(rows[:MOST_ISSUES])))


def _columns(place: int, file: Waiting) -> None:
    """What each column was taken for; a correction is read again at once and remembered when the file is imported."""
    targets = intake_door.targets()
    labels = dict(targets.columns)
    unsure = [c for c in file.report.columns if c.confidence < UNSURE]
    parts.title(
        f"Columns ({len(file.report.columns)})",
        f"{len(unsure)} were not recognised for sure. What you correct is remembered for "
        "the next file with these headings.",
    )
    frame = pd.DataFrame(
        [
            {
                "Column": c.heading,
                "Taken for": labels.get(c.maps_to, c.maps_to.replace("_", " ")),
                "Sure, %": round(100 * c.confidence),
                "Is really": None,
            }
            for c in sorted(file.report.columns, key=lambda c: c.confidence)
        ]
    )
    edited = st.data_editor(
        frame, key=f"intake-map-{place}-{_mark(file)}", hide_index=True, width="stretch",
        disabled=("Column", "Taken for", "Sure, %"),
        column_config={
            "Column": st.column_config.TextColumn(width=220),
            "Taken for": st.column_config.TextColumn(width=235),
            "Sure, %": st.column_config.NumberColumn(width=70),
            "Is really": st.column_config.SelectboxColumn(options=list(labels.values()), width=290),
        },
    )  # fmt: skip
    by_label = {label: target for target, label in labels.items()}
    said = {
        row["Column"]: by_label[row["Is really"]] for row in edited.to_dict("records") if row["Is really"] in by_label
    }
    _place_and_again(place, file, {**(file.chosen.targets if file.chosen else {}), **said})
    questions = [c.heading for c in file.report.columns if c.maps_to == "question"]
    if questions:
        _instrument(place, file, questions)


def _place_and_again(place: int, file: Waiting, said: Mapping[str, str]) -> None:
    options = door.options()
    names = {n.name: n.key for n in options.networks}
    left, middle, right = st.columns(3)
    network = left.selectbox("Network", [ANYWHERE, *names], key=f"intake-network-{place}")
    cohorts = [ANYWHERE, *options.cohorts_of(names.get(network or "", ""))]
    cohort = middle.selectbox("Cohort", cohorts, key=f"intake-cohort-{place}")
    waves = intake_door.targets().waves
    wave = right.selectbox(
        "Answered", ["", *waves], format_func=lambda v: waves.get(v, ANYWHERE), key=f"intake-wave-{place}"
    )
    if not st.button("Read again like this", key=f"intake-again-{place}", icon=":material/refresh:"):
        return
    where = (
        file.network if network == ANYWHERE else names[str(network)],
        file.cohort if cohort == ANYWHERE else str(cohort),
    )
    _again(place, file, where, said, wave or "")


def _again(place: int, file: Waiting, where: tuple[str, str], said: Mapping[str, str], wave: str) -> None:
    """Read a file once more with what was said of it."""
    try:
        st.session_state[QUEUE][place] = intake_door.again(file, *where, dict(said), wave)
    except UserError as error:
        st.error(plain(str(error)))
        return
    st.rerun()


def _unknown(place: int, file: Waiting) -> None:
    """A table that no reader knows: say what its columns are."""
    headings = unknown_headings(file.name, file.data)
    if not headings:
        return
    labels = dict(intake_door.targets().columns)
    parts.title(
        "Say what its columns are", "Leave out what no figure needs; the next file with these headings is then known."
    )
    by_label = {label: target for target, label in labels.items()}
    edited = st.data_editor(
        pd.DataFrame([{"Column": h, "Is": None} for h in headings]), key=f"intake-unknown-{place}", hide_index=True,
        width="stretch", disabled=("Column",),
        column_config={"Is": st.column_config.SelectboxColumn(options=list(labels.values()), width="large")},
    )  # fmt: skip
    said = {row["Column"]: by_label[row["Is"]] for row in edited.to_dict("records") if row["Is"] in by_label}
    _place_and_again(place, file, said)


def _instrument(place: int, file: Waiting, questions: Sequence[str]) -> None:
    """Unknown questions become an instrument of the hub's own."""
    with st.expander(
        f"{w.plural(len(questions), 'question')} belong to no measure: make them one", key=f"intake-own-{place}"
    ):
        chosen = st.multiselect("Questions", questions, key=f"intake-own-items-{place}")
        flipped = st.multiselect("Agreeing means less of it", chosen, key=f"intake-own-reversed-{place}")
        left, right = st.columns(2)
        name = left.text_input("Questionnaire", key=f"intake-own-name-{place}", placeholder="Moral distress form 2026")
        construct = right.text_input(
            "What it measures", key=f"intake-own-construct-{place}", placeholder="Moral distress"
        )
        screen = left.selectbox("On the screen", SCREENS, key=f"intake-own-screen-{place}")
        asked = right.selectbox("Asked", [*TWICE, *ONCE], key=f"intake-own-asked-{place}")
        low = left.number_input("Lowest answer", 0, 100, 1, key=f"intake-own-low-{place}")
        high = right.number_input("Highest answer", 1, 100, 5, key=f"intake-own-high-{place}")
        better = st.checkbox("A higher score is better", True, key=f"intake-own-better-{place}")
        if not st.button("Make it a measure and read again", key=f"intake-own-make-{place}"):
            return
        items = tuple(OwnItem(q, q in flipped) for q in chosen)
        own = OwnInstrument(name, construct, screen or SCREENS[0], int(low), int(high), better, asked or "", items)
        try:
            intake_door.add_instrument(own)
            said = dict(file.chosen.targets) if file.chosen else {}
            wave = file.chosen.wave if file.chosen else ""
            st.session_state[QUEUE][place] = intake_door.again(file, file.network, file.cohort, said, wave)
        except UserError as error:
            st.error(plain(str(error)))
            return
        st.rerun()


def _commit(ready: Sequence[Waiting]) -> None:
    bar = st.progress(0.0, "Importing")
    reports = intake_door.bring_in(ready, _tell(bar, "Imported", len(ready)))
    bar.empty()
    kept = [f for f in st.session_state[QUEUE] if not f.ready]
    st.session_state[QUEUE] = kept
    st.session_state[DONE] = reports
    st.rerun()


def _came_of(report: FileReport) -> None:
    ignored = sum(report.rows_ignored.values())
    words = report.message or (
        f"{report.file}. Loaded. {report.rows_read:,} rows read = {report.rows_loaded:,} loaded + "
        f"{report.rows_quarantined:,} quarantined + {ignored:,} ignored."
    )
    {"loaded": st.success, "refused": st.error}.get(report.status, st.info)(plain(words))


def _mark(file: Waiting) -> str:
    """Changes when a file was read again, so that its table starts anew."""
    return str(hash((file.name, file.network, file.cohort, str(file.chosen))))
