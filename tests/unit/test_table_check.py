"""The table checker on published rows (DOMAIN.md section 5), on real data that were rounded, and on bad files."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from echo_metrics.errors import UserError
from echo_metrics.statistics.effect_sizes import hedges_j
from echo_metrics.statistics.table_check import RowCheck, check_row, printed_row
from echo_metrics.statistics.table_check_counts import counts_that_print, grim, grimmer
from echo_metrics.statistics.table_check_printed import Range, read_number, tidy
from echo_metrics.statistics.table_check_tests import r_range
from echo_metrics.table_files import (
    as_json,
    check_rows,
    read_heading,
    read_rows,
    rows_from_csv,
    rows_from_toml,
)
from tests.conftest import ROOT

PUBLISHED = ROOT / "data" / "tables" / "published_rows.csv"


def check(**cells: str) -> RowCheck:
    return check_row(printed_row(cells))


def codes(found: RowCheck) -> set[str]:
    return {finding.code for finding in found.findings}


def number(found: RowCheck, name: str) -> float:
    value = found.derived[name]
    assert isinstance(value, int | float)
    return value


# -- published rows that close --------------------------------------------------------------------------------------

OHIO = [  # J CME 2024;13:2433916
    ("df 8", 8, {"mean_diff": ".94", "ci_low": ".45", "ci_high": "1.42", "p": ".0023"}),
    ("df 8", 8, {"mean_diff": "1.1", "ci_low": ".5", "ci_high": "1.7", "p": ".003"}),
    ("df 8", 8, {"mean_diff": "1.03", "ci_low": ".45", "ci_high": "1.62", "p": ".0036"}),
    ("df 11", 11, {"mean_diff": ".617", "ci_low": ".042", "ci_high": "1.193", "p": ".0378"}),
    ("df 11", 11, {"mean_diff": ".728", "ci_low": ".048", "ci_high": "1.407", "p": ".0379"}),
    ("df 11", 11, {"mean_diff": ".665", "ci_low": ".041", "ci_high": "1.289", "p": ".0387"}),
]


@pytest.mark.parametrize(("name", "df", "cells"), OHIO)
def test_ohio_mercy_closes_at_its_df_with_and_without_n(name: str, df: int, cells: dict[str, str]) -> None:
    alone = check(**cells)
    assert alone.closes
    assert df in tuple(alone.derived["df_fits"])  # type: ignore[arg-type]
    assert check(n=str(df + 1), **cells).closes
    assert check(df=str(df), **cells).closes
    # The 22 post forms are not the n of any of these tests but the coarsest.
    if cells["mean_diff"] != "1.1":
        assert not check(n="22", **cells).closes


def test_ohio_mercy_post_forms_add_up() -> None:
    assert check(calculation="9 + 12", result="21", count="21", denominator="22").closes
    assert not check(calculation="9 + 12", result="22").closes


PMC8606332 = [
    (
        {
            "n": "27",
            "mean1": "64.4",
            "sd1": "14.4",
            "mean2": "81.1",
            "sd2": "9.8",
            "mean_diff": "16.7",
            "sd_diff": "10.9",
        },
        {"r": 0.654, "t": 7.961, "d_z": 1.532, "g_z": 1.487, "d_av_mean_sd": 1.380},
    ),
    (
        {
            "n": "27",
            "mean1": "66.2",
            "sd1": "11.8",
            "mean2": "76.1",
            "sd2": "11.1",
            "mean_diff": "9.9",
            "sd_diff": "11.8",
        },
        {"r": 0.470, "t": 4.359, "d_z": 0.839, "g_z": 0.815, "d_av_mean_sd": 0.865},
    ),
]


@pytest.mark.parametrize(("cells", "expected"), PMC8606332)
def test_pmc8606332_closes_with_the_quoted_figures(cells: dict[str, str], expected: dict[str, float]) -> None:
    found = check(**cells)
    assert found.closes
    # Quoted to three decimals; 4.3595 may be cut to 4.359.
    for name, value in expected.items():
        assert number(found, name) == pytest.approx(value, abs=0.00061), name
    for name, value in expected.items():
        if name.startswith(("d_", "g_")):
            named = check(**cells, d=f"{value:.3f}", d_name=name.removesuffix("_mean_sd"))
            assert named.closes, name
            assert name in tuple(named.derived["d_matches"])  # type: ignore[arg-type]


def test_pmc8606332_between_groups_closes_and_ancova_p_does_not() -> None:
    cells = {"mean1": "9.9", "sd1": "11.8", "mean2": "16.7", "sd2": "10.9", "t": "2.20"}
    assert check(n1="27", n2="27", df="52", p=".032", **cells).closes
    assert check(n="27", df="52", p=".032", **cells).closes
    assert codes(check(n="27", t="2.20", p=".032")) == {"p_groups"}
    assert not check(n="27", t="2.20", p=".032", design="paired").closes
    assert check(t="2.20", df="52", p=".032").closes
    assert check(n1="27", n2="27", design="independent", p=".032", **cells).closes
    other = check(n1="27", n2="27", df="52", p=".020", **cells)
    assert not other.closes
    assert "t_p" in codes(other)
    assert any("ANCOVA" in finding.message for finding in other.findings)


def test_pallium_evaluations_close() -> None:
    found = check(count="5,105", denominator="17,467", percent="29%")  # doi 10.1186/s12904-025-01804-4
    assert found.closes
    assert number(found, "percent") == pytest.approx(29.23, abs=0.005)


# -- published rows that do not close -------------------------------------------------------------------------------


def test_dental_p_is_impossible_even_at_r_minus_one() -> None:
    found = check(n="83", mean1="2.25", sd1="1.33", mean2="1.71", sd2="1.03", p=".52")
    assert not found.closes
    assert [f.severity for f in found.findings if f.code == "r_impossible"] == ["impossible"]
    assert number(found, "t_at_r_minus_1") == pytest.approx(2.08, abs=0.005)
    assert number(found, "p_at_r_minus_1") == pytest.approx(0.040, abs=0.0005)


def test_dental_second_row_needs_a_negative_correlation() -> None:
    found = check(n="80", mean1="3.78", sd1="1.10", mean2="4.39", sd2=".82", p=".002")
    assert not found.closes
    assert codes(found) >= {"r_negative"}
    assert number(found, "r") == pytest.approx(-0.57, abs=0.005)
    assert number(found, "r_low") < -0.57 < number(found, "r_high")


@pytest.mark.parametrize(
    ("percent", "n"), [("69.5", 80), ("85.9", 80), ("8.7", 83), ("41.1", 86), ("31.3", 79), ("60.6", 79)]
)
def test_dental_percentages_are_unattainable(percent: str, n: int) -> None:
    for cells in ({"n": str(n)}, {"denominator": str(n)}):
        found = check(percent=percent, **cells)
        assert not found.closes
        assert codes(found) == {"percent_unattainable"}
    fits = set(found.derived["denominators_that_fit"])  # type: ignore[call-overload]
    # By brute force, with Python's own rounding of exact fractions.
    brute = {
        m
        for m in range(n - 20, n + 21)
        if any(abs(Fraction(100 * k, m) - Fraction(percent)) <= Fraction(1, 20) for k in range(m + 1))
    }
    assert fits == brute
    assert percent != "69.5" or 82 in fits
    assert percent != "85.9" or 78 in fits


def test_indiana_means_of_all_with_a_t_of_pairs() -> None:
    found = check(mean1=".77", sd1=".15", mean2=".85", sd2=".10", t="-1.17", df="12")  # SSWR 2020
    assert not found.closes
    assert number(found, "r") == pytest.approx(-0.94, abs=0.005)
    assert number(found, "p") == pytest.approx(0.265, abs=0.0005)
    assert codes(found) >= {"r_negative", "t_sign"}
    # The same figures are those of an unpaired test of seven and seven.
    assert check(mean1=".77", sd1=".15", mean2=".85", sd2=".10", t="-1.17", df="12", n1="7", n2="7").closes


def test_afmc_d_is_the_sd_of_the_differences() -> None:
    cells = {"mean1": "2.70", "sd1": "1.18", "mean2": "5.21", "sd2": ".67", "t": "22.681"}
    found = check(**cells, d="1.006", d_name="Cohen's D")  # doi 10.1186/s12909-024-05181-z, table 3
    assert not found.closes
    assert codes(found) == {"d_is_sd_diff"}
    assert 83 in tuple(found.derived["n_if_d_is_sd_diff"])  # type: ignore[arg-type]
    assert number(found, "d_z_if_d_is_sd_diff") == pytest.approx(2.5, abs=0.05)
    known = check(n="83", items="0", **cells, d="1.006")
    assert "d_is_sd_diff" in codes(known)
    assert number(known, "r") == pytest.approx(0.52, abs=0.005)
    assert number(known, "d_z") == pytest.approx(2.49, abs=0.005)
    # With the true d_z the row closes.
    assert check(n="83", items="0", **cells, d="2.49").closes


def test_onmh_d_fits_no_number_of_pairs() -> None:
    found = check(p=".056", d=".57")  # doi 10.1007/s40596-017-0735-z
    assert not found.closes
    assert codes(found) == {"d_no_definition"}
    near = found.derived["p_if_d_z"]
    assert isinstance(near, Mapping)
    assert {n: round(p, 3) for n, p in near.items()} == {13: 0.062, 14: 0.053}
    assert check(p=".062", d=".57").closes
    assert check(p=".053", d=".57").closes


def test_bc_substance_use_attendances_per_session() -> None:
    found = check(total="5,089", divisor="52", ratio="124")  # doi 10.1186/s13722-024-00524-z
    assert not found.closes
    assert number(found, "ratio") == pytest.approx(97.9, abs=0.05)
    assert check(total="5,089", divisor="52", ratio="97.9").closes
    assert not check(total="5,089", n="52", mean1="124").closes


@pytest.mark.parametrize(
    ("count", "of", "printed", "true"), [("935", "1635", "55.4", 57.2), ("602", "935", "66.52", 64.4)]
)
def test_lockyer_percentages(count: str, of: str, printed: str, true: float) -> None:
    found = check(count=count, denominator=of, percent=printed)  # JCEHP 2001;21:82
    assert not found.closes
    assert number(found, "percent") == pytest.approx(true, abs=0.05)
    assert check(count=count, denominator=of, percent=str(true)).closes


def test_nap_turnover_closes_at_46000_only() -> None:
    found = check(calculation="600 x 20% x 64,000", result="5.52 M")  # NAP 10851 p 320
    assert not found.closes
    assert number(found, "calculated") == pytest.approx(7.68e6)
    assert 46_000 in [round(value) for value in found.derived["figures_that_close"]]  # type: ignore[attr-defined]
    assert check(calculation="600 x 20% x 46,000", result="5.52 M").closes
    assert check(calculation="600 × 0.20 * $46,000", result="5,520,000").closes


@pytest.mark.parametrize("before", ["2.11", "2.33"])
def test_autism_echo_falls_reported_as_rises(before: str) -> None:
    found = check(n="9", mean1=before, mean2="1.22", p=".0156", direction="increase")  # C. Bangham, 2020-21
    assert not found.closes
    assert codes(found) >= {"direction", "p_grid"}
    assert found.derived["p_grid"] == (2, 7)
    assert check(n="9", mean1=before, mean2="1.22", p=".0156", direction="decrease").closes


def test_grim_example() -> None:
    found = check(n="43", mean1="5.27")  # doi 10.1177/1948550616673876
    assert not found.closes
    assert [f.severity for f in found.findings] == ["impossible"]
    assert check(n="43", mean1="5.28").closes
    assert check(n="43", mean1="5.27", items="2").closes
    # Beside a second mean it may be the mean of several items: said, not held against the row, unless items are given.
    both = {"n": "43", "mean1": "5.27", "mean2": "5.28"}
    assert (check(**both).closes, codes(check(**both))) == (True, {"grim_mean1"})
    assert not check(**both, items="1").closes


def test_rank_r_ceilings_and_denominators() -> None:
    # PMC9746523: r = .87 at n = 42 means that everyone improved; PMC6292887: z = -2.3 with 21 people.
    found = check(n="42", effect_r=".87")
    assert found.closes
    assert codes(found) == {"rank_r_ceiling"}
    assert number(found, "rank_r_ceiling") == pytest.approx(0.871, abs=0.0005)
    assert number(check(n="10", effect_r=".5"), "rank_r_ceiling") == pytest.approx(0.886, abs=0.0005)
    assert codes(check(n="21", z="-2.3", effect_r=".50")) == set()
    assert codes(check(n="21", z="-2.3", effect_r=".35")) == {"rank_r_observations"}
    assert not check(n="21", z="-2.3", effect_r=".8").closes


def test_the_published_file_holds_these_rows_and_their_verdicts() -> None:
    rows = read_rows(PUBLISHED)
    checks = check_rows(rows)
    closing = {row.name for row, found in zip(rows, checks, strict=True) if found.closes}
    assert closing == {
        *(f"Ohio/Mercy {i}" for i in range(1, 7)),
        "Ohio/Mercy post forms",
        "ECHO group",
        "Controls",
        "Between groups",
        "Pallium evaluations",
    }
    assert all(row.printed.source for row in rows)
    document = as_json(rows, checks)
    assert json.loads(json.dumps(document, allow_nan=False))["closes"] is False


# -- single rules ---------------------------------------------------------------------------------------------------


def test_t_df_p_and_one_sided() -> None:
    assert check(t="2.20", df="26", p=".037").closes
    assert codes(check(t="2.20", df="26", p=".018")) == {"p_one_sided"}
    assert not check(t="2.20", df="26", p=".50").closes
    assert check(t="7.96", df="26", p="<.001").closes
    assert not check(t="1.96", df="26", p="<.001").closes
    assert check(t="1.2", df="26", p="n.s.").closes
    assert not check(t="4.2", df="26", p="n.s.").closes
    assert check(t="9.9", df="26", p=".000").closes


def test_n_and_df() -> None:
    assert "df_n" in codes(check(n="26", df="12", t="2.5", p=".028"))
    assert not check(n="26", df="12", t="2.5").closes
    assert check(n="13", df="12", t="2.5", p=".028").closes
    assert codes(check(n="26", df="24", t="2.5", p=".020")) == {"df_groups"}
    assert not check(t="2.5", df="0").closes
    assert check(t="2.5", df="17.3", p=".023").closes


def test_difference_of_means() -> None:
    assert check(mean1="2.70", mean2="3.30", mean_diff="0.60").closes
    assert check(mean1="2.70", mean2="3.30", mean_diff="0.61").closes
    assert not check(mean1="2.70", mean2="3.30", mean_diff="0.62").closes
    assert codes(check(mean1="2.70", mean2="3.30", mean_diff="-0.60")) == {"before_minus_after"}
    assert not check(mean1="2.70", mean2="3.30", ci_low=".1", ci_high=".4").closes
    assert not check(mean_diff=".6", ci_low=".1", ci_high=".4").closes
    assert not check(ci_low=".9", ci_high=".4").closes


def test_wilcoxon_p_is_not_held_against_t() -> None:
    cells = {"n": "83", "mean1": "2.25", "sd1": "1.33", "mean2": "1.71", "sd2": "1.03", "p": ".52"}
    assert check(**cells, test="Wilcoxon signed-rank").closes
    assert not check(**cells, test="paired t test").closes


def test_standard_errors_taken_for_sds_are_suspected() -> None:
    found = check(n="25", mean1="3.00", sd1="0.20", mean2="3.50", sd2="0.20", sd_diff="0.90", items="0")
    assert not found.closes
    assert any("standard errors" in finding.message for finding in found.findings)


def test_printed_r_against_implied_r() -> None:
    cells = PMC8606332[0][0]
    assert check(**cells, r=".65").closes
    assert "r_printed" in codes(check(**cells, r=".30"))


def test_scale_limits() -> None:
    assert not check(mean1="5.40", scale_min="1", scale_max="5").closes
    assert not check(n="20", mean1="3.00", sd1="2.40", scale_min="1", scale_max="5").closes
    assert check(n="20", mean1="3.00", sd1="2.05", scale_min="1", scale_max="5", items="0").closes
    assert not check(n="20", mean1="3.00", sd1="2.40", scale_points="5").closes
    assert not check(mean1="3.00", sd1="-1.2").closes


def test_percentages() -> None:
    assert check(count="57", denominator="82", percent="69.5").closes
    assert not check(count="90", denominator="82").closes
    assert check(n="39", percent="540").closes  # growth, no share
    assert check(n="40", percent="12.5").closes


def test_whole_numbers_are_not_assumed_where_the_sd_rules_them_out() -> None:
    found = check(n="15", mean1=".77", sd1=".10")
    assert found.closes
    assert codes(found) == {"not_whole1"}
    assert not check(n="15", mean1=".77", sd1=".10", items="1").closes


def test_population_sd_is_named() -> None:
    # 1, 2, 3, 4, 5, 6: SD 1.87 with n - 1, 1.71 with n.
    assert codes(check(n="6", mean1="3.50", sd1="1.87")) == set()
    assert codes(check(n="6", mean1="3.50", sd1="1.71")) == {"grimmer_sd1"}
    assert check(n="6", mean1="3.50", sd1="1.71").closes


def test_d_under_a_wrong_name() -> None:
    cells = PMC8606332[0][0]
    assert codes(check(**cells, d="1.38", d_name="d_z")) == {"d_name"}
    assert "d_no_definition" in codes(check(**cells, d="3.10"))


@pytest.mark.parametrize(
    ("text", "result", "closes"),
    [
        ("1,671 x 3,205.95 / 513,257", "10.4", True),  # ECHO Diabetes, DOMAIN section 6
        ("750,000 / 425,000", "1.76", True),  # ROI Institute
        ("750,000 / 425,000", "1.86", False),
        ("10 - 4 x 2", "2", True),
        ("20% x 50", "10", True),
    ],
)
def test_calculations(text: str, result: str, closes: bool) -> None:
    assert check(calculation=text, result=result).closes is closes


@pytest.mark.parametrize("text", ["", "600 x", "x 600", "600 600", "600 x <3", "4 / 0", "9 +- ", "1e50 x 1e50"])
def test_unreadable_calculations(text: str) -> None:
    if not text:
        assert check(calculation=text, result="1").closes
        return
    with pytest.raises(UserError, match="calculation"):
        check(calculation=text, result="1")


# -- laws -----------------------------------------------------------------------------------------------------------

scores = st.integers(1, 7)
people = st.lists(st.tuples(scores, scores), min_size=3, max_size=60)
places = st.integers(1, 4)
TESTED = ["n", "mean1", "sd1", "mean2", "sd2", "sd_diff", "mean_diff", "t", "df", "p", "ci_low", "ci_high", "r", "d"]
PAIR_FIELDS = [*TESTED, "direction", "scale_min", "scale_max", "percent", "count", "denominator"]


def written(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}"


def printed_cells(rows: list[tuple[int, int]], decimals: int, kind: str = "d_z") -> tuple[dict[str, str], float]:
    """Print everything about real pairs, computed here with numpy and scipy, and return it with their r."""
    from scipy import stats

    before, after = np.array(rows, float).T
    n = len(rows)
    change = after - before
    assume(np.ptp(before) > 0 and np.ptp(after) > 0 and np.ptp(change) > 0)
    s1, s2, sd = before.std(ddof=1), after.std(ddof=1), change.std(ddof=1)
    test = stats.ttest_rel(after, before)
    low, high = test.confidence_interval()
    mean = float(change.mean())
    sizes = {
        "d_z": mean / sd,
        "d_av": mean / math.sqrt((s1 * s1 + s2 * s2) / 2),
        "d_av_mean_sd": mean / ((s1 + s2) / 2),
        "g_z": mean / sd * (hedges_j(n - 1) or 1.0),
    }
    up = int((change > 0).sum())
    cells = {
        "n": str(n),
        "mean1": written(before.mean(), decimals),
        "sd1": written(s1, decimals),
        "mean2": written(after.mean(), decimals),
        "sd2": written(s2, decimals),
        "sd_diff": written(sd, decimals),
        "mean_diff": written(mean, decimals),
        "t": written(float(test.statistic), decimals),
        "df": str(n - 1),
        "p": "<.001" if test.pvalue < 0.001 else written(float(test.pvalue), 3),
        "ci_low": written(float(low), decimals),
        "ci_high": written(float(high), decimals),
        "r": written(float(np.corrcoef(before, after)[0, 1]), decimals),
        "d": written(sizes[kind], decimals),
        "direction": "increase" if mean > 0 else "decrease" if mean < 0 else "",
        "scale_min": "1",
        "scale_max": "7",
        "percent": written(100 * up / n, decimals),
        "count": str(up),
        "denominator": str(n),
    }
    return cells, float(np.corrcoef(before, after)[0, 1])


@given(people, places, st.sets(st.sampled_from(PAIR_FIELDS)), st.sampled_from(["d_z", "d_av", "d_av_mean_sd", "g_z"]))
@settings(max_examples=400, deadline=None)
def test_real_data_rounded_always_close(
    rows: list[tuple[int, int]], decimals: int, chosen: set[str], kind: str
) -> None:
    cells, r = printed_cells(rows, decimals, kind)
    if kind != "d_z" and not {"n", "mean1", "sd1", "mean2", "sd2", "sd_diff"} <= chosen:
        chosen = chosen - {"d"}
    if "count" in chosen:
        chosen = chosen | {"denominator"}
    found = check_row(printed_row({name: cells[name] for name in chosen}))
    failing = [f for f in found.findings if f.severity in ("impossible", "does_not_close")]
    if r < -0.3:
        assert {f.code for f in failing} <= {"r_negative"} | ({"d_no_definition"} if "n" not in chosen else set())
    else:
        assert failing == [], (chosen, cells)
        assert found.closes


@given(people, people, places, st.booleans())
@settings(max_examples=100, deadline=None)
def test_two_real_groups_always_close(
    one: list[tuple[int, int]], two: list[tuple[int, int]], decimals: int, welch: bool
) -> None:
    from scipy import stats

    a, b = np.array([x for x, _ in one], float), np.array([y for _, y in two], float)
    assume(np.ptp(a) > 0 and np.ptp(b) > 0)
    test = stats.ttest_ind(b, a, equal_var=not welch)
    found = check(
        n1=str(len(a)),
        n2=str(len(b)),
        design="independent",
        mean1=written(a.mean(), decimals),
        sd1=written(a.std(ddof=1), decimals),
        mean2=written(b.mean(), decimals),
        sd2=written(b.std(ddof=1), decimals),
        t=written(float(test.statistic), decimals),
        df=written(float(test.df), decimals - 1) if welch else str(round(test.df)),
        p="<.001" if test.pvalue < 0.001 else written(float(test.pvalue), 3),
    )
    assert found.closes, found.findings


@given(people, places)
@settings(max_examples=100, deadline=None)
def test_other_units_and_swapped_waves_give_the_same_verdict(rows: list[tuple[int, int]], decimals: int) -> None:
    cells, _ = printed_cells(rows, decimals)
    kept = {name: cells[name] for name in ("n", "mean1", "sd1", "mean2", "sd2", "sd_diff", "t", "df", "p")}
    kept["items"] = "0"
    plain = check_row(printed_row(kept))
    # A score out of 10 times ten is a percentage with one decimal less.
    tenfold = {
        name: written(float(Fraction(kept[name]) * 10), decimals - 1)
        for name in ("mean1", "sd1", "mean2", "sd2", "sd_diff")
    }
    other = check_row(printed_row(kept | tenfold))
    assert (plain.closes, codes(plain)) == (other.closes, codes(other))
    swapped = kept | {
        "mean1": kept["mean2"],
        "mean2": kept["mean1"],
        "sd1": kept["sd2"],
        "sd2": kept["sd1"],
        "t": kept["t"].removeprefix("-") if kept["t"].startswith("-") else f"-{kept['t']}",
    }
    turned = check_row(printed_row(swapped))
    assert plain.closes == turned.closes
    if "r" in plain.derived:
        assert number(turned, "r") == pytest.approx(number(plain, "r"), abs=1e-9)
        assert number(other, "r") == pytest.approx(number(plain, "r"), abs=1e-9)


@given(people, st.sampled_from(["t", "sd_diff", "mean_diff", "mean2", "df"]))
@settings(max_examples=100, deadline=None)
def test_a_changed_figure_is_noticed(rows: list[tuple[int, int]], name: str) -> None:
    cells, r = printed_cells(rows, 3)
    kept = {
        k: cells[k]
        for k in ("n", "mean1", "sd1", "mean2", "sd2", "sd_diff", "mean_diff", "t", "df", "ci_low", "ci_high")
    }
    assume(r > -0.3)
    assume(abs(float(kept["mean_diff"])) > 0.05)
    value = float(kept[name])
    # A mean moved to the other side by as much reads as a difference printed before minus after.
    assume(name != "mean2" or abs(value * 0.5 + 0.05 + 2 * float(kept["mean_diff"])) > 0.05)
    # Other than n - 1, n - 2 and 2 n - 2, which say something else.
    kept[name] = str(len(rows) + 100) if name == "df" else written(value * 1.5 + math.copysign(0.05, value), 3)
    assert not check_row(printed_row(kept)).closes


@given(st.lists(st.integers(0, 10), min_size=2, max_size=60), st.integers(1, 4), places)
def test_grim_and_grimmer_pass_every_real_score(answers: list[int], items: int, decimals: int) -> None:
    data = np.array(answers, float) / items
    mean, sd = read_number(written(data.mean(), decimals)), read_number(written(data.std(ddof=1), decimals))
    assert grim(mean, len(answers), items)
    assert grimmer(mean, sd, len(answers), items)


@given(st.integers(2, 6), st.integers(100, 300), st.integers(0, 200))
@settings(max_examples=60)
def test_grimmer_refuses_only_what_no_answers_give(n: int, mean: int, sd: int) -> None:
    import itertools

    one, two = read_number(written(mean / 100, 2)), read_number(written(sd / 100, 2))
    if grimmer(one, two, n):
        return
    # Every way that n people can answer 0 to 9, order aside.
    for answers in itertools.combinations_with_replacement(range(10), n):
        data = np.array(answers, float)
        near = abs(data.mean() - mean / 100) <= 0.005 + 1e-9 and abs(data.std(ddof=1) - sd / 100) <= 0.005 - 1e-9
        assert not near, answers


@given(st.integers(1, 400), st.integers(0, 400), st.integers(0, 2))
def test_every_true_percentage_is_attainable(n: int, k: int, decimals: int) -> None:
    assume(k <= n)
    assert k in counts_that_print(read_number(written(100 * k / n, decimals)), n)


positive = st.floats(0.05, 5)


@given(positive, positive, positive, st.floats(0, 0.3), st.data())
def test_r_range_holds_every_r_inside(s1: float, s2: float, sd: float, width: float, data: st.DataObject) -> None:
    ranges = [Range(x, x + width) for x in (s1, s2, sd)]
    found = r_range(*ranges)
    assert found is not None
    a, b, c = (data.draw(st.floats(limits.low, limits.high)) for limits in ranges)
    r = (a * a + b * b - c * c) / (2 * a * b)
    assert found.low - 1e-9 <= r <= found.high + 1e-9


def test_a_row_is_not_changed_and_empty_rows_close() -> None:
    assert check().closes
    row = printed_row({"n": "43", "mean1": "5.27"})
    check_row(row)
    assert row == printed_row({"n": "43", "mean1": "5.27"})


NUMBERS = [
    "0",
    "1",
    "2",
    "26",
    "2.25",
    ".52",
    "<.001",
    "-1.17",
    "1.2e-5",
    "99.9%",
    "5.52 M",
    ">.9",
    "1000000000000",
    "n.s.",
]


@given(
    st.dictionaries(
        st.sampled_from(
            ["n1", "n2", "z", "effect_r", "items", "scale_points", "total", "divisor", "ratio", *PAIR_FIELDS]
        ),
        st.sampled_from(NUMBERS),
    )
)
@settings(max_examples=500, deadline=None)
def test_any_row_gives_a_verdict_or_a_refusal(cells: dict[str, str]) -> None:
    cells.pop("direction", None)
    try:
        row = printed_row(cells)
    except UserError:
        return
    found = check_row(row)
    assert found.closes == (not any(f.severity in ("impossible", "does_not_close") for f in found.findings))
    json.dumps(found.as_json(), allow_nan=False)
    assert all(
        f.message[0].isupper() or not f.message[0].isalpha() or f.message[:2] in ("p ", "d ", "t ", "r ", "z ", "df")
        for f in found.findings
    )


# -- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2.25", 2.245, 2.255),
        (".52", 0.515, 0.525),
        ("1,635", 1634.5, 1635.5),
        ("−1.17", -1.175, -1.165),
        ("22.681***", 22.6805, 22.6815),
        ("5.52 M", 5_515_000, 5_525_000),
        ("1.2e-5", 1.15e-5, 1.25e-5),
        ("p < .05", -math.inf, 0.05),
    ],
)
def test_what_a_printed_figure_stands_for(text: str, low: float, high: float) -> None:
    assert read_number(text).range == Range(pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(
    "text", ["abc", "1.2.3", "2,25", "1e999", "nan", "inf", "--3", "1 2", "٣", "9" * 61, "1e40", "", "3 apples", "~5"]
)
def test_what_is_no_figure(text: str) -> None:
    with pytest.raises(UserError):
        read_number(text)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("N", "n"),
        ("Mean before", "mean1"),
        ("SD (after)", "sd2"),
        ("p-value", "p"),
        ("% ", "percent"),
        ("Cohen's d", "d"),
        ("95% CI", "ci_low ci_high"),
        ("SD of differences", "sd_diff"),
        ("d_z", "d called d_z"),
        ("favourite colour", None),
    ],
)
def test_headings(heading: str, field: str | None) -> None:
    assert read_heading(heading) == field


def test_csv_and_toml_read_alike() -> None:
    table = rows_from_csv(
        "# a comment\n\nItem;N;Mean before (SD);Mean after (SD);95% CI;P value;Colour\n"
        "Knowledge;27;64.4 (14.4);81.1 ± 9.8;[.45, 1.42];<.001;red\n"
    )
    toml = rows_from_toml(
        '[[row]]\nlabel = "Knowledge"\nn = 27\nmean1 = 64.4\nsd1 = 14.4\nmean2 = 81.1\nsd2 = 9.80\n'
        'ci = [0.45, 1.42]\np = "<.001"\n'
    )
    one, two = table[0].printed, toml[0].printed
    assert (table[0].number, table[0].ignored) == (4, ("Colour",))
    assert one.mean1 == two.mean1 and one.sd1 == two.sd1 and one.p == two.p and one.n == two.n
    assert two.sd2 is not None and two.sd2.places == 2
    assert one.sd2 is not None and one.sd2.places == 1
    assert one.ci_high is not None and two.ci_high is not None and one.ci_high.range == two.ci_high.range
    assert one.label == two.label == "Knowledge"


def test_fractions_factors_and_blanks() -> None:
    row = rows_from_csv('count,%,sd1\n"935/1,635",55.4,n/a\n')[0].printed
    assert row.count is not None and row.count.whole == 935
    assert row.denominator is not None and row.denominator.whole == 1635
    assert row.sd1 is None
    product = rows_from_csv('factor1,factor2,factor3,result\n600,20%,"64,000",5.52 M\n')
    assert not check_rows(product)[0].closes
    assert rows_from_toml('factors = ["600", "20%", "46,000"]\nresult = "5.52 M"\n')[0].printed.calculation


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("n,p\n26,.04\nx,.05\n", ["Row 3", "n"]),
        ("n,P value\n26,lots\n", ["Row 2", "P value", "lots"]),
        ("n,p\n2.5,.04\n", ["Row 2", "n", "whole"]),
        ("n,p\n0,.04\n", ["Row 2", "n"]),
        ("n,p\n26,.04,5\n", ["Row 2", "more cells"]),
        ("n,N pairs\n26,26\n", ["Row 2", "N pairs", "n"]),
        ("colour,size of hat\nred,7\n", ["Row 1", "headings"]),
        ("n,p\n", ["no rows"]),
        ("", ["no rows"]),
        ("95% CI,n\nwide,5\n", ["Row 2", "95% CI"]),
        ("ci level,n\n7,5\n", ["Row 2", "ci level"]),
    ],
)
def test_bad_cells_name_row_and_column(text: str, words: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        rows_from_csv(text)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n = ",
        "[[row]]\nn = true\n",
        "[[row]]\nn = 1979-05-27\n",
        "row = 5\n",
        "row = [1]\n",
        "[[row]]\np = inf\n",
        "[[row]]\nn = {a = 1}\n",
        "[[row]]\nn = [[1]]\n",
        "[[row]]\nn = " + "9" * 5000 + "\n",
    ],
)
def test_bad_toml_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        rows_from_toml(text)


def test_toml_numbers_with_underscores() -> None:
    row = rows_from_toml("[[row]]\ntotal = 5_089\ndivisor = 52\nratio = 1_24.0\n")[0].printed
    assert row.total is not None and row.total.whole == 5089
    assert row.ratio is not None and (row.ratio.value, row.ratio.places) == (124.0, 1)


def test_calculations_that_fail_name_the_row() -> None:
    with pytest.raises(UserError, match="Row 2, calculation"):
        check_rows(rows_from_csv("calculation,result\n4 / 0,5\n"))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent\.csv"):
        read_rows(tmp_path / "absent.csv")
    with pytest.raises(UserError, match=r"absent\.toml"):
        read_rows(tmp_path / "absent.toml")
    bad = tmp_path / "bad.toml"
    bad.write_bytes(b"n = \xff\n")
    with pytest.raises(UserError, match=r"bad\.toml"):
        read_rows(bad)
    bad.write_text("[[row]]\nn = 'x'\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"bad\.toml: Row 1, n"):
        read_rows(bad)


def test_a_workbook_is_read(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "rows.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for place, line in enumerate([["N", "Mean"], ["43", "5.27"]]):
            sheet.write_row(place, 0, line)
    assert not check_rows(read_rows(path))[0].closes


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_text_is_rows_or_refused(text: str) -> None:
    for reader in (rows_from_csv, rows_from_toml):
        # Anything but a refusal in words would end the test.
        with contextlib.suppress(UserError):
            assert len(check_rows(reader(text))) >= 1


@given(
    st.lists(st.lists(st.text(alphabet="0123456789.,<>=-−%()/±[]x+ eEkM*p\"'n", max_size=12), max_size=6), max_size=4)
)
@settings(max_examples=300, deadline=None)
def test_any_cells_below_real_headings_are_rows_or_refused(lines: list[list[str]]) -> None:
    text = "n,mean (sd),95% CI,p,count,calculation\n" + "\n".join(",".join(line) for line in lines)
    with contextlib.suppress(UserError):
        rows = rows_from_csv(text)
        assert json.dumps(as_json(rows, check_rows(rows)), allow_nan=False)


def test_numbers_in_sentences() -> None:
    assert [tidy(x) for x in (0.0, 1.0, 0.00012, 97.865, 46000.0, math.inf)] == [
        "0",
        "1.00",
        "0.00012",
        "97.9",
        "46,000",
        "any number",
    ]
