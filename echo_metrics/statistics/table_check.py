"""The table checker: do the figures of a printed results row belong together?

A row that does not close usually mixes denominators or takes its words from elsewhere. The checker says what does not
fit and the usual innocent reason; it accuses nobody and proves nothing about how a figure came about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from echo_metrics.statistics.table_check_counts import check_calculation, check_means, check_percent, check_ratio
from echo_metrics.statistics.table_check_effect import check_effect, check_rank_r
from echo_metrics.statistics.table_check_pairs import check_tests
from echo_metrics.statistics.table_check_printed import (
    FAILING,
    SEVERITIES,
    Finding,
    Notes,
    PrintedRow,
    printed_row,
)

__all__ = ["Finding", "PrintedRow", "RowCheck", "check_row", "printed_row"]


@dataclass(frozen=True)
class RowCheck:
    """What the checker found in one row.

    `closes` is False where a finding is "impossible" or "does_not_close". `findings` run from grave to mild.
    `derived` holds what follows from the row, read to the letter unless the name says a range: `r` (with `r_low`,
    `r_high`, `r_from`), `t`, `p`, `n_fits`, `df_fits`, `d_z`, `g_z`, `d_av`, `d_av_mean_sd`, `d_matches`, `percent`,
    `denominators_that_fit`, `ratio`, `calculated` and others.
    """

    closes: bool
    findings: tuple[Finding, ...]
    derived: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        """Return the check as plain values for a JSON document."""
        return {
            "closes": self.closes,
            "findings": [{"code": f.code, "severity": f.severity, "message": f.message} for f in self.findings],
            "derived": {name: _plain(value) for name, value in self.derived.items()},
        }


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def check_row(row: PrintedRow) -> RowCheck:
    """Check whether a printed results row closes.

    Parameters: row, any subset of the fields of `PrintedRow`, each as printed, so that its rounding is known. A field
    that is None takes no part; nothing is assumed for it, except that answers are whole numbers of single items where
    `items` is missing, pairs where nothing speaks for two groups, and 95 % intervals.

    Returns `RowCheck`. Every comparison is between ranges that rounding allows, so real data that were rounded
    correctly close, unless before and after correlate clearly negatively (below -.3 and rarer than 1 in 100 among
    unrelated answers).

    When not to use it: rows of models with covariates or weights; they need not close.

    Source: Brown and Heathers 2017 (GRIM); Anaya 2016 (GRIMMER); Nuijten et al 2016, Behav Res Methods 48:1205 (test
    statistics against p). Checked against tables made from simulated data (which close) and the public failures in
    data/tables.

    >>> check_row(printed_row({"n": "43", "mean1": "5.27"})).closes
    False
    """
    notes = Notes()
    check_means(row, notes)
    check_tests(row, notes)
    check_effect(row, notes)
    check_rank_r(row, notes)
    check_percent(row, notes)
    check_ratio(row, notes)
    check_calculation(row, notes)
    findings = tuple(sorted(notes.findings, key=lambda finding: SEVERITIES.index(finding.severity)))
    return RowCheck(not any(f.severity in FAILING for f in findings), findings, dict(notes.derived))
