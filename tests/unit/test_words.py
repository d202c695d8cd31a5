"""Sentences: what they say, and what they must never say."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echo_metrics.statistics.counts import Counts, PairCounts
from echo_metrics.statistics.level import level_mean
from echo_metrics.statistics.paired_change import paired_change
from echo_metrics.statistics.proportions import top_box, wilson
from echo_metrics.statistics.words import (
    Verdict,
    change_sentence,
    equivalence_interval,
    level_sentence,
    number_words,
    p_words,
    percent_words,
    top_box_sentence,
    verdict,
)

TABLE = PairCounts.from_table(
    [1, 2, 3, 4, 5], [[0, 1, 0, 0, 0], [1, 2, 4, 1, 0], [0, 1, 4, 5, 1], [0, 0, 1, 3, 2], [0, 0, 0, 0, 0]]
)


def say(counts: PairCounts, **changed: Any) -> str:
    settings: dict[str, Any] = {
        "label": "Competency",
        "unit_words": "points",
        "low": 1,
        "high": 5,
        "of_n": 31,
        "contrast_words": "from baseline to completion",
        "worthwhile": 0.5,
        "show_interval": True,
    }
    return change_sentence(paired_change(counts), **(settings | changed))


def shifts(*cells: tuple[int, int]) -> PairCounts:
    """People whose score moved by so many points, from 3."""
    return PairCounts.from_cells([(3, 3 + step, n) for step, n in cells])


def test_the_sentence_of_the_analysis_plan() -> None:
    text = say(TABLE, label="", contrast_words="")
    assert text.startswith(
        "26 of 31 people answered both times. On a 1-5 scale the average went from 2.8 to 3.3, a rise of 0.5 points "
        "(95% CI 0.2 to 0.8). 14 people went up, 9 stayed, 3 went down."
    )
    assert text.endswith(
        "A change this size is unlikely to be chance alone (p=0.004); without a comparison group we cannot say what "
        "caused it."
    )


def test_label_and_contrast_open_the_sentence() -> None:
    assert say(TABLE).startswith("Competency, from baseline to completion: 26 of 31 people answered both times.")
    assert say(TABLE, of_n=None).startswith("Competency, from baseline to completion: 26 people answered")


def test_a_fall_is_a_fall() -> None:
    text = say(TABLE.swapped())
    assert "from 3.3 to 2.8, a fall of 0.5 points (95% CI −0.8 to −0.2)" in text
    assert "3 people went up, 9 stayed, 14 went down." in text
    assert "The average fell; whether by as much as 0.5 points" in text


def test_percentages_speak_of_percentage_points() -> None:
    counts = PairCounts.from_cells([(60, 80, 14), (40, 40, 7), (80, 80, 6)])
    text = say(counts, unit_words="% correct", worthwhile=10, low=0, high=100)
    assert "The average went from 59% to 70% correct, a rise of 10 percentage points" in text
    assert "figures rounded" in text
    assert "scale" not in text
    assert not re.search(r"(rise|fall) of [\d.]+ ?%", text)


def test_a_p_of_four_in_a_hundred_on_fourteen_pairs_is_no_proof() -> None:
    counts = shifts((1, 8), (2, 2), (0, 2), (-1, 1), (-2, 1))
    change = paired_change(counts)
    assert change.n == 14
    assert change.p_t == pytest.approx(0.0445, abs=5e-5)
    assert (
        "A change this size is somewhat unlikely to be chance alone (p=0.04), which from 14 people is not proof; "
        "without a comparison group" in say(counts)
    )


def test_a_disagreeing_robustness_check_is_said() -> None:
    # Mean 0.28, sum of squares about it 11.04: t = 0.28 / (0.678 / 5) = 2.06 on 24 degrees of freedom, p = 0.0499.
    text = say(shifts((1, 10), (0, 12), (-1, 3)))
    assert "The t test points to more than chance (p=0.050), the signed-rank check does not (p=0.09)" in text
    assert "weak evidence, not proof" in text
    assert "signed-rank" not in say(TABLE)


def test_no_evidence_never_reads_as_no_change() -> None:
    text = say(shifts((1, 4), (0, 4), (-1, 3)))
    assert "Inconclusive: too few people to tell" in text
    assert "that is not evidence that nothing changed" in text
    assert "no effect" not in text.lower()
    assert "No worthwhile change" not in text


def test_only_a_narrow_interval_says_no_worthwhile_change() -> None:
    text = say(shifts((1, 10), (0, 200), (-1, 10)))
    assert "No worthwhile change: a rise or fall of 0.5 points or more is unlikely." in text
    assert "p=" not in text


@pytest.mark.parametrize(
    ("counts", "worthwhile", "expected"),
    [
        (shifts((1, 20), (2, 10)), 0.5, Verdict.ROSE_WORTHWHILE),
        (shifts((-1, 20), (-2, 10)), 0.5, Verdict.FELL_WORTHWHILE),
        (TABLE, 0.5, Verdict.ROSE_SIZE_UNCERTAIN),
        (TABLE.swapped(), 0.5, Verdict.FELL_SIZE_UNCERTAIN),
        (shifts((1, 30), (0, 270)), 0.5, Verdict.ROSE_BELOW_WORTHWHILE),
        (shifts((-1, 30), (0, 270)), 0.5, Verdict.FELL_BELOW_WORTHWHILE),
        (shifts((1, 10), (0, 200), (-1, 10)), 0.5, Verdict.NO_WORTHWHILE_CHANGE),
        (shifts((1, 4), (0, 2), (-1, 3)), 0.5, Verdict.INCONCLUSIVE),
        (TABLE, None, Verdict.ROSE),
        (TABLE.swapped(), None, Verdict.FELL),
        (shifts((1, 10), (0, 200), (-1, 10)), None, Verdict.INCONCLUSIVE),
        (shifts((0, 9)), 0.5, None),
    ],
)
def test_verdicts(counts: PairCounts, worthwhile: float | None, expected: Verdict | None) -> None:
    assert verdict(paired_change(counts), worthwhile) is expected


def test_the_equivalence_interval_is_the_ninety_per_cent_one() -> None:
    assert equivalence_interval(paired_change(TABLE)) == (
        pytest.approx(paired_change(TABLE, 0.90).ci_low),
        pytest.approx(paired_change(TABLE, 0.90).ci_high),
    )


def test_small_groups_get_neither_interval_nor_test() -> None:
    text = say(TABLE, show_interval=False)
    assert "CI" not in text
    assert "p=" not in text
    assert text.endswith("Too few people for an interval or a test.")


def test_few_changers_get_words_instead_of_a_test() -> None:
    text = say(shifts((1, 4), (0, 20)))
    assert text.endswith("Only 4 people changed: too few for a test.")
    assert say(shifts((1, 1), (0, 20))).endswith("Only 1 person changed: too few for a test.")


def test_nobody_changed_or_answered() -> None:
    text = say(shifts((0, 12)))
    assert "the average was 3.0 both times. Nobody's score changed." in text
    assert text.endswith("Nobody's score changed.")
    assert say(PairCounts()) == "Competency, from baseline to completion: None of 31 people answered both times."
    assert say(PairCounts(), label="", contrast_words="", of_n=None) == "Nobody answered both times."
    assert "Everyone's score changed by the same amount" in say(shifts((1, 9)))


def test_very_large_groups_print_no_p() -> None:
    text = say(shifts((1, 3000), (0, 4000), (-1, 2000)), of_n=None)
    assert "p<" not in text
    assert "p=" not in text
    assert "almost any change would pass a test" in text


def test_a_limit_that_rounds_to_zero_is_not_zero() -> None:
    # Mean 0.28, half-width 2.0639 x 0.6782 / 5 = 0.27996: the interval clears zero by less than a thousandth.
    counts = shifts((1, 10), (0, 12), (-1, 3))
    change = paired_change(counts)
    assert change.ci_low is not None
    assert 0 < change.ci_low < 0.05
    assert "95% CI just above 0 to 0.6" in say(counts)
    assert "95% CI −0.6 to just below 0" in say(counts.swapped())
    # 200 more up than down among 7,000: 0.0286, and the interval needs no third decimal.
    assert "a rise of 0.03 points (95% CI 0.02 to 0.04)" in say(shifts((1, 600), (0, 6000), (-1, 400)), of_n=None)
    # One more up than down among 51: a rise of 0.02, too small for one decimal but not nothing.
    assert "a rise of less than 0.1 points" in say(shifts((1, 6), (0, 40), (-1, 5)))


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0, "p<0.001"),
        (0.00099, "p<0.001"),
        (0.0043, "p=0.004"),
        (0.0128, "p=0.01"),
        (0.0493, "p=0.049"),
        (0.0513, "p=0.051"),
        (0.06, "p=0.06"),
        (0.214, "p=0.21"),
        (1.0, "p=1.00"),
    ],
)
def test_p_words(p: float, words: str) -> None:
    assert p_words(p) == words


def test_numbers() -> None:
    assert number_words(-0.04, 1) == "0.0"
    assert number_words(1234.5, 0) == "1,234"
    assert percent_words(36 / 37) == "97%"
    assert percent_words(0.9953) == "99.5%"
    assert percent_words(0.99999) == "just under 100%"
    assert percent_words(0.00001) == "just above 0%"
    assert percent_words(1.0) == "100%"


def test_levels() -> None:
    counts = Counts.from_cells([(3, 5), (4, 10), (5, 22)])
    told: dict[str, Any] = {"label": "Needs met", "unit_words": "points", "low": 1, "high": 5, "show_interval": True}
    assert level_sentence(level_mean(counts), of_n=60, **told) == (
        "Needs met: 37 of 60 people answered. On a 1-5 scale the average was 4.5 (95% CI 4.2 to 4.7). "
        "Those who did not answer may differ."
    )
    assert "may differ" not in level_sentence(level_mean(counts), of_n=40, **told)
    assert "CI" not in level_sentence(level_mean(counts), of_n=40, **(told | {"show_interval": False}))
    assert level_sentence(level_mean(Counts()), of_n=40, **told) == "Needs met: Nobody answered."


def test_top_box() -> None:
    told: dict[str, Any] = {"label": "", "unit_words": "points", "cut": 4, "low": 1, "high": 5, "show_interval": True}
    assert top_box_sentence(wilson(36, 37), of_n=60, **told) == (
        "36 of 37 people (97%, 95% CI 86% to 99.5%) scored 4 or more on a 1-5 scale. "
        "37 of 60 asked answered: among all 60 the share lies between 60% and 98%."
    )
    assert top_box_sentence(wilson(36, 37), of_n=38, **(told | {"show_interval": False})) == (
        "36 of 37 people (97%) scored 4 or more on a 1-5 scale."
    )
    percent = top_box(Counts((60, 80, 100), (5, 12, 8)), 80)
    assert "scored 80% correct or more." in top_box_sentence(
        percent, of_n=None, **(told | {"unit_words": "% correct", "cut": 80})
    )
    assert top_box_sentence(wilson(0, 0), of_n=5, **told) == "Nobody answered."


NEVER = re.compile(
    r"\b(improved because|because of|due to|led to|proves?|proved|effective|large effect|no effect|nan|none\b(?! of))"
    r"|(?<!statistically )\bsignificant|caused by|-0\.0\b|-0\b(?!\.)",
    re.IGNORECASE,
)


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 40)), max_size=12),
    st.sampled_from([None, 0.1, 0.5]),
    st.booleans(),
)
@settings(deadline=None)
def test_no_table_makes_it_claim_too_much(
    cells: list[tuple[int, int, int]], worthwhile: float | None, show: bool
) -> None:
    counts = PairCounts.from_cells(cells)
    text = say(counts, of_n=None, worthwhile=worthwhile, show_interval=show)
    assert not NEVER.search(text), text
    assert text.endswith(".")
    assert "  " not in text
    assert ".." not in text
    if counts.n_pairs and re.search(r"p[=<]0", text):
        # A p-value never stands alone: the interval and the people come first.
        assert text.index("CI") < re.search(r"p[=<]0", text).start()  # type: ignore[union-attr]
    if "can" in text and "caused" in text:
        assert "we cannot say what caused it" in text
