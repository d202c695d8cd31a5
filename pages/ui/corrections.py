"""Known errors of files: declared beside the file they are about, listed, downloaded, withdrawn. No file is edited."""

from __future__ import annotations

from typing import Any

import streamlit as st

from echo_metrics.access import audit
from echo_metrics.access.audit import Action
from echo_metrics.answers import corrections
from echo_metrics.answers.intake import FileReport
from echo_metrics.charts import Table
from echo_metrics.charts import wording as w
from echo_metrics.errors import UserError
from pages.ui import door, identity, intake_door, parts
from pages.ui.words import plain

KINDS = {
    "cell": "One cell is wrong",
    "heading": "A column holds something else than its heading says",
    "leave_out": "Rows that must not count",
    "time": "Its times are wrong",
    "place": "It belongs elsewhere: network, cohort, session or moment",
}


def of_file(place: int, name: str) -> bool:
    """The form beside a file on its way in; returns whether a correction was declared, so that it is read again."""
    with st.expander("Declare a correction", key=f"correct-{place}", icon=":material/edit_note:"):
        st.caption("The file stays as it is. The correction is applied when it is read, and stands in its account.")
        kind = st.selectbox("What is wrong", list(KINDS), format_func=KINDS.__getitem__, key=f"correct-kind-{place}")
        fields = _fields(kind or "cell", place)
        left, right = st.columns(2)
        file = left.text_input(
            "Files", name, key=f"correct-file-{place}", help="A name, or a pattern of names such as participants_*.csv."
        )
        who = right.text_input("Reviewed by", key=f"correct-by-{place}")
        reason = st.text_input("Why", key=f"correct-why-{place}", placeholder="The host's clock was an hour ahead")
        if not st.button("Declare it and read again", key=f"correct-do-{place}"):
            return False
        try:
            number = corrections.declare(door.store(), door.viewer(), _who(), kind or "cell", file, fields, reason, who)
        except UserError as error:
            st.error(plain(str(error)))
            return False
        _record(number, "declared")
    return True


def applied(report: FileReport) -> None:
    """What declared corrections did to one file."""
    if not report.corrections:
        return
    rows = [
        (
            f"{a.row:,}" if a.row else "file",
            a.column or w.DASH,
            a.was or w.DASH,
            a.became if a.applied else f"not applied: {a.became}",
            f"{a.correction.reason} ({a.correction.reviewed_by})",
        )
        for a in report.corrections
    ]
    parts.title(f"Corrections ({len(rows)})")
    parts.table(Table(("Row", "Column", "Was", "Became", "Why (reviewed by)"), tuple(rows)))


def draw() -> None:
    """Every correction that stands."""
    standing = corrections.standing(door.store(), door.viewer())
    if not standing:
        return
    with st.expander(f"Declared corrections ({len(standing)})", key="corrections", icon=":material/edit_note:"):
        parts.table(
            Table(
                ("Files", "Correction", "Why (reviewed by)", "Declared", "Effect"),
                tuple(
                    (
                        d.correction.about,
                        d.correction.words,
                        f"{d.correction.reason} ({d.correction.reviewed_by})",
                        f"{d.at:%Y-%m-%d}, {d.source or d.by}",
                        _effect(d.applied, d.failed),
                    )
                    for d in standing
                ),
            )
        )
        st.download_button(
            "Download as a corrections file",
            corrections.as_file(door.store(), door.viewer()),
            "corrections.toml",
            "application/toml",
            key="corrections-file",
            icon=":material/download:",
        )
        own = {f"{d.correction.about}: {d.correction.words}": d.id for d in standing if not d.source}
        if not own:
            return
        chosen = st.selectbox("Withdraw one", list(own), index=None, placeholder="Choose one", key="corrections-pick")
        st.caption("A file that it changed stays as it is until that import is taken back and the file comes again.")
        if st.button("Withdraw it", key="corrections-withdraw", disabled=chosen is None) and chosen:
            try:
                corrections.withdraw(door.store(), door.viewer(), _who(), own[chosen])
            except UserError as error:
                st.error(plain(str(error)))
                return
            _record(own[chosen], "withdrawn")
            st.rerun()


def _fields(kind: str, place: int) -> dict[str, Any]:
    """What a correction of this kind says."""

    def text(label: str, key: str) -> str:
        return st.text_input(label, key=f"correct-{key}-{place}")

    if kind == "cell":
        row = st.number_input("Row, as a spreadsheet counts", 1, value=2, key=f"correct-row-{place}")
        column = text("Column (its heading)", "column")
        return {"row": int(row), "column": column, "was": text("It says", "was"), "becomes": text("It is", "becomes")}
    if kind == "heading":
        return {"column": text("The heading says", "column"), "becomes": text("The column holds", "becomes")}
    if kind == "leave_out":
        given = text("Rows, as a spreadsheet counts (12, 13)", "rows")
        return {"rows": [int(p) if p.isdecimal() else p for p in given.replace(",", " ").split()]}
    if kind == "time":
        hours = st.number_input(
            "Hours to add (below 0 to take away)", value=0.0, step=0.5, key=f"correct-hours-{place}"
        )
        day = st.date_input("The meeting was on", value=None, key=f"correct-day-{place}")
        return {**({"hours": hours} if hours or day is None else {}), **({"meeting_date": day} if day else {})}
    waves = intake_door.targets().waves
    network, cohort = text("Network", "network"), text("Cohort", "cohort")
    session = st.number_input("Session number (0: as the file says)", 0, value=0, key=f"correct-session-{place}")
    wave = st.selectbox(
        "Answered", ["", *waves], format_func=lambda v: waves.get(v, "As the file says"), key=f"correct-wave-{place}"
    )
    said = {"network": network.strip(), "cohort": cohort.strip(), "session": int(session), "wave": wave}
    return {k: v for k, v in said.items() if v}


def _effect(applied: int, failed: int) -> str:
    if not applied and not failed:
        return "waits for its file"
    words = [f"applied {applied} times" if applied != 1 else "applied once"] if applied else []
    return ", ".join([*words, *([f"did not fit {failed} times"] if failed else [])])


def _record(number: int, what: str) -> None:
    audit.record(identity.context().control, _who(), Action.CORRECTED, f"correction {number}", {"what": what})


def _who() -> str:
    return door.viewer().account or audit.LOCAL
