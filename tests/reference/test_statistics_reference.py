"""Published and R-made numbers of the paired families, straight from their functions, within each record's tolerance.

Every record of every family also runs through the `statistic` requests, in `test_all_reference_values.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from echo_metrics.statistics.counts import Counts, PairCounts, unit_for
from echo_metrics.statistics.effect_sizes import effect_sizes, rank_biserial
from echo_metrics.statistics.paired_change import paired_change
from echo_metrics.statistics.paired_t import paired_t
from echo_metrics.statistics.proportions import top_box, wilson
from echo_metrics.statistics.signed_rank import ZeroRule, sign_test, signed_rank

FILE = Path(__file__).resolve().parents[2] / ".." / "shared" / "reference" / "statistics.json"

COVERED = (
    "paired_t",
    "signed_rank_exact",
    "signed_rank_asymptotic",
    "sign_test",
    "standardised_mean_difference_ci",
    "repeated_measures_d",
    "rank_biserial_paired",
    "proportion_ci",
    "paired_change",
)
# The record of Clopper-Pearson limits alone calls them lower and upper, as the Wilson record does.
OTHER_INTERVAL = {"clopper_pearson_newcombe"}

Inputs = dict[str, Any]
Keys = dict[str, Callable[[Inputs], Any]]


def pairs(inputs: Inputs) -> PairCounts:
    if "table" in inputs:
        return PairCounts.from_table(inputs["levels"], inputs["table"])
    unit = unit_for([*inputs["pre"], *inputs["post"]])
    return PairCounts.from_scores(inputs["pre"], inputs["post"], unit)


def differences(inputs: Inputs, key: str = "differences", shift: float = 0.0) -> Counts:
    if "difference_counts" in inputs:
        return Counts.from_cells([(int(k), n) for k, n in inputs["difference_counts"].items()])
    if key in inputs:
        values = [value + shift for value in inputs[key]]
        return Counts.from_scores(values, unit_for(values))
    # The records of raw scores difference the depression data as pre - post.
    return pairs(inputs).swapped().differences


def drop(inputs: Inputs, key: str = "differences", shift: float = 0.0):
    return signed_rank(differences(inputs, key, shift), ZeroRule.WILCOXON, "exact")


def normal(inputs: Inputs, rule: ZeroRule = ZeroRule.WILCOXON, continuity: bool = False):
    return signed_rank(differences(inputs), rule, "asymptotic", continuity=continuity)


def smaller(ranks: Any) -> float:
    return min(ranks.w_plus, ranks.w_minus)


def block(inputs: Inputs):
    return paired_change(pairs(inputs))


def figure(name: str, inputs: Inputs) -> Any:
    return getattr(block(inputs), name)


def top_cut(inputs: Inputs) -> float:
    return inputs["levels"][-2]


def rank_of_table(inputs: Inputs, rule: ZeroRule, method: Any):
    return signed_rank(pairs(inputs).differences, rule, method)


PAIRED_CHANGE: Keys = {
    key: partial(figure, name)
    for key, name in {
        "n": "n", "mean_pre": "mean_before", "mean_post": "mean_after", "sd_pre": "sd_before", "sd_post": "sd_after",
        "r": "r", "mean_change": "mean_change", "sd_change": "sd_change", "t": "t", "p_t": "p_t", "d_z": "d_z",
        "d_av": "d_av", "improved": "improved", "same": "same", "declined": "declined",
        "probability_of_improvement": "probability_of_improvement", "p_sign_exact": "p_sign",
        "rank_biserial": "rank_biserial", "p_pratt_exact": "p_signed_rank",
    }.items()
}  # fmt: skip
PAIRED_CHANGE |= {
    "ci95": lambda i: [block(i).ci_low, block(i).ci_high],
    "V_dropzero": lambda i: rank_of_table(i, ZeroRule.WILCOXON, "asymptotic").w_plus,
    "p_dropzero_exact": lambda i: rank_of_table(i, ZeroRule.WILCOXON, "exact").p,
    "p_dropzero_asymptotic": lambda i: rank_of_table(i, ZeroRule.WILCOXON, "asymptotic").p,
    "p_pratt_asymptotic": lambda i: rank_of_table(i, ZeroRule.PRATT, "asymptotic").p,
    "top2_post_wilson95": lambda i: [
        getattr(top_box(pairs(i).after_counts, top_cut(i)), side) for side in ("low", "high")
    ],
}

ANSWERS: dict[str, Keys] = {
    "paired_t": {
        "mean_difference": lambda i: paired_t(pairs(i)).mean_change,
        "t": lambda i: paired_t(pairs(i)).t,
        "df": lambda i: paired_t(pairs(i)).df,
        "p_value": lambda i: paired_t(pairs(i)).p,
        "ci95": lambda i: [paired_t(pairs(i)).low, paired_t(pairs(i)).high],
    },
    "signed_rank_exact": {
        "V": lambda i: drop(i).w_plus,
        "p_two_sided": lambda i: drop(i).p,
        "p_greater": lambda i: drop(i).p_greater,
        "midp_greater": lambda i: drop(i).mid_p_greater,
        "p_less_asymptotic_no_correction_of_post_minus_pre": lambda i: (
            signed_rank(pairs(i).differences, ZeroRule.WILCOXON, "asymptotic").p_less
        ),
        "p_pratt_exact": lambda i: signed_rank(differences(i), ZeroRule.PRATT, "exact").p,
        "p_a": lambda i: drop(i, "differences_a").p,
        "p_b": lambda i: drop(i, "differences_b").p,
        "p_c": lambda i: drop(i, "differences_c").p,
        "p_dropzero_greater": lambda i: drop(i).p_greater,
        "p_after_shift_minus_half_greater": lambda i: drop(i, shift=-0.5).p_greater,
        "p_pratt_greater": lambda i: signed_rank(differences(i), ZeroRule.PRATT, "exact").p_greater,
    },
    "signed_rank_asymptotic": {
        "T_wilcox": lambda i: smaller(normal(i)),
        "p_wilcox": lambda i: normal(i).p,
        "T_pratt": lambda i: smaller(normal(i, ZeroRule.PRATT)),
        "p_pratt": lambda i: normal(i, ZeroRule.PRATT).p,
        "p_no_correction": lambda i: normal(i).p,
        "p_correction": lambda i: normal(i, continuity=True).p,
    },
    "sign_test": {
        "n_positive": lambda i: sign_test(differences(i)).n_positive,
        "n_nonzero": lambda i: sign_test(differences(i)).n_nonzero,
        "p_greater": lambda i: sign_test(differences(i)).p_greater,
        "p_two_sided": lambda i: sign_test(differences(i)).p,
        "midp_greater": lambda i: sign_test(differences(i)).mid_p_greater,
    },
    "standardised_mean_difference_ci": {
        "d_z": lambda i: effect_sizes(pairs(i)).d_z.value,
        "ci95": lambda i: [effect_sizes(pairs(i)).d_z.low, effect_sizes(pairs(i)).d_z.high],
        "J": lambda i: effect_sizes(pairs(i)).j,
        "g_z": lambda i: effect_sizes(pairs(i)).g_z.value,
    },
    "repeated_measures_d": {
        "d_av": lambda i: effect_sizes(pairs(i)).d_av.value,
        "d_z": lambda i: effect_sizes(pairs(i)).d_z.value,
        "J": lambda i: effect_sizes(pairs(i)).j,
        "g_av": lambda i: effect_sizes(pairs(i)).g_av.value,
    },
    "rank_biserial_paired": {
        "rank_biserial": lambda i: rank_biserial(differences(i)).value,
        "ci95": lambda i: [rank_biserial(differences(i)).low, rank_biserial(differences(i)).high],
    },
    "proportion_ci": {
        "lower": lambda i: [wilson(x, n).low for x, n in zip(i["x"], i["n"], strict=True)],
        "upper": lambda i: [wilson(x, n).high for x, n in zip(i["x"], i["n"], strict=True)],
        "wilson": lambda i: [wilson(i["x"], i["n"]).low, wilson(i["x"], i["n"]).high],
    },
    "paired_change": PAIRED_CHANGE,
}


def records() -> list[dict[str, Any]]:
    if not FILE.exists():
        return []
    return [record for record in json.loads(FILE.read_text(encoding="utf-8"))["checks"] if record["family"] in COVERED]


def cases() -> list[Any]:
    found = [
        pytest.param(record, key, id=f"{record['name']}-{key}")
        for record in records()
        if record["name"] not in OTHER_INTERVAL
        for key in record["expected"]
        if key in ANSWERS[record["family"]]
    ]
    absent = pytest.mark.skip(reason="../shared/reference/statistics.json is not beside the repository")
    return found or [pytest.param({}, "", marks=absent, id="absent")]


@pytest.mark.parametrize(("record", "key"), cases())
def test_agrees_with_the_reference(record: dict[str, Any], key: str) -> None:
    found = ANSWERS[record["family"]][key](record["inputs"])
    expected = record["expected"][key]
    found_list = found if isinstance(found, list) else [found]
    expected_list = expected if isinstance(expected, list) else [expected]
    assert len(found_list) == len(expected_list)
    for ours, theirs in zip(found_list, expected_list, strict=True):
        assert ours is not None
        assert abs(ours - theirs) <= record["tolerance"]


@pytest.mark.skipif(not FILE.exists(), reason="../shared/reference/statistics.json is not beside the repository")
def test_every_answer_is_asked_for() -> None:
    by_family: dict[str, set[str]] = {}
    for record in records():
        by_family.setdefault(record["family"], set()).update(record["expected"])
    for family, answers in ANSWERS.items():
        assert set(answers) <= by_family[family], family
