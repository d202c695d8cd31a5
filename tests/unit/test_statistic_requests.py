"""Requests to the statistic command: answered, or refused by the name of the field; never a traceback."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echo_metrics.errors import UserError
from echo_metrics.statistic_requests import METHODS, answer_request, answer_text
from tests.unit.statistic_examples import EXAMPLES, OPTIONAL, PAIRS, TABLE

BAD_VALUES: list[Any] = [
    [], {}, "x", "5", True, math.nan, math.inf, -math.inf, -1, 10**400, 1e300, 5e-324, [math.nan], [None], ["a"], [[]],
    [[1, 2], [3]], [[-1, 0], [0, 0]], [[0, 0], [0, 0]], [0, 0, 0], [7, 7], {"1": -2}, {"x": 1}, {"0": 4}, [True],
    0, 1, 2.5,
]  # fmt: skip
FIELDS = [(method, field) for method, inputs in EXAMPLES.items() for field in inputs]


def ask(method: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return answer_request({"method": method, "inputs": inputs})


def check_reply(reply: dict[str, Any]) -> None:
    """Every null has a reason, every p lies in 0 to 1, and it is JSON without NaN."""
    json.dumps(reply, allow_nan=False)
    reasons = reply.get("reasons", {})

    def nulls(value: Any) -> bool:
        return value is None or (isinstance(value, list) and any(nulls(part) for part in value))

    for key, value in reply.items():
        if nulls(value):
            assert reasons.get(key), key
        if isinstance(value, float) and (key == "p" or key.startswith("p_")) and key != "p_bar":
            assert 0 <= value <= 1, key


def test_every_method_has_an_example() -> None:
    assert set(EXAMPLES) == set(METHODS)


@pytest.mark.parametrize("method", list(METHODS))
def test_a_request_in_order_is_answered_the_same_each_time(method: str) -> None:
    reply = ask(method, EXAMPLES[method])
    check_reply(reply)
    assert "ignored" not in reply
    assert any(value is not None for key, value in reply.items() if key != "reasons")
    assert ask(method, copy.deepcopy(EXAMPLES[method])) == reply


@pytest.mark.parametrize(("method", "field"), FIELDS)
@pytest.mark.filterwarnings("error")
def test_bad_values_are_refused_by_name_or_answered_with_reasons(method: str, field: str) -> None:
    for bad in BAD_VALUES:
        try:
            reply = ask(method, {**EXAMPLES[method], field: bad})
        except UserError:
            continue
        check_reply(reply)


@pytest.mark.parametrize(("method", "field"), FIELDS)
def test_a_missing_input_is_named(method: str, field: str) -> None:
    inputs = {name: value for name, value in EXAMPLES[method].items() if name != field}
    if field in OPTIONAL.get(method, set()):
        check_reply(ask(method, inputs))
        return
    with pytest.raises(UserError) as refused:
        ask(method, inputs)
    # Where several sorts of input would do, the first of them is named.
    assert field in str(refused.value) or "differences" in str(refused.value) or "pre" in str(refused.value)


@pytest.mark.parametrize("method", list(METHODS))
def test_no_inputs_at_all_are_refused(method: str) -> None:
    with pytest.raises(UserError, match=r"inputs\."):
        ask(method, {})


def spoil(value: Any) -> Any:
    """Put a NaN in the first number."""
    if isinstance(value, list):
        return [spoil(value[0]), *value[1:]]
    if isinstance(value, dict):
        first = next(iter(value))
        return {**value, first: spoil(value[first])}
    return math.nan


@pytest.mark.parametrize(("method", "field"), FIELDS)
def test_nan_is_refused_by_the_name_of_its_field(method: str, field: str) -> None:
    with pytest.raises(UserError) as refused:
        ask(method, {**EXAMPLES[method], field: spoil(EXAMPLES[method][field])})
    named = {"age": "covariates[0]"}.get(field, field)
    assert named in str(refused.value)


class TestPairedInputs:
    METHODS = (
        "paired_t", "paired_change", "repeated_measures_d", "standardised_mean_difference_ci", "rank_biserial_paired",
        "sign_test", "sign_flip_exact", "hodges_lehmann", "signed_rank_exact", "signed_rank_asymptotic",
        "exact_bootstrap_mean", "bootstrap_bca", "stuart_maxwell", "bowker",
    )  # fmt: skip

    @pytest.mark.parametrize("method", METHODS)
    def test_rows_and_their_table_say_the_same(self, method: str) -> None:
        pre, post = [], []
        for i, row in enumerate(TABLE["table"]):
            for j, n in enumerate(row):
                pre += [i + 1] * n
                post += [j + 1] * n
        from_table, from_rows = ask(method, TABLE), ask(method, {"pre": pre, "post": post})
        assert from_table == from_rows

    @pytest.mark.parametrize("method", [m for m in METHODS if m not in ("stuart_maxwell", "bowker", "bootstrap_bca")])
    def test_people_come_in_any_order_and_missing_ones_are_dropped(self, method: str) -> None:
        here = ask(method, PAIRS)
        turned = ask(method, {"pre": [*PAIRS["pre"][::-1], None, 3], "post": [*PAIRS["post"][::-1], 2, None]})
        assert {**here, "dropped": 2} == {**turned, "dropped": 2}
        if "dropped" in here:
            assert turned["dropped"] == 2

    @pytest.mark.parametrize("method", METHODS)
    def test_scores_outside_the_levels_are_refused(self, method: str) -> None:
        with pytest.raises(UserError, match=r"pre\[1\] must be one of the levels"):
            ask(method, {"levels": [1, 2, 3, 4, 5], "pre": [1, 9], "post": [1, 2]})

    @pytest.mark.parametrize("method", METHODS)
    def test_tables_must_be_square_counts(self, method: str) -> None:
        for table in ([[1, 2], [3]], [[1, 2, 3], [1, 2, 3]], [[1, -2], [3, 4]], [[1, 2.5], [3, 4]], [[1, "2"], [3, 4]]):
            with pytest.raises(UserError, match="table"):
                ask(method, {"levels": [1, 2], "table": table})
        with pytest.raises(UserError, match="levels"):
            ask(method, {"levels": [1, 1], "table": [[1, 2], [3, 4]]})
        with pytest.raises(UserError, match="table must have 3 rows"):
            ask(method, {"levels": [1, 2, 3], "table": [[1, 2], [3, 4]]})

    @pytest.mark.parametrize("method", METHODS)
    def test_nobody_changed(self, method: str) -> None:
        reply = ask(method, {"pre": [1, 2, 3, 3], "post": [1, 2, 3, 3]})
        check_reply(reply)
        if method != "exact_bootstrap_mean":
            assert reply["reasons"]

    @pytest.mark.parametrize("method", [m for m in METHODS if m not in ("stuart_maxwell", "bowker")])
    def test_nobody_and_one_person(self, method: str) -> None:
        for pre, post in (([], []), ([2], [4]), ([None], [3])):
            check_reply(ask(method, {"pre": pre, "post": post}))

    def test_a_single_category(self) -> None:
        reply = ask("paired_change", {"levels": [3], "table": [[12]]})
        check_reply(reply)
        assert reply["top2_gain"] is None
        assert reply["stuart_maxwell_chi2"] is None
        with pytest.raises(UserError, match="table"):
            ask("stuart_maxwell", {"table": [[12]]})

    def test_columns_of_different_length(self) -> None:
        with pytest.raises(UserError, match="pre has 2, post has 1"):
            ask("paired_t", {"pre": [1, 2], "post": [1]})

    def test_the_top_boxes_can_be_cut_elsewhere(self) -> None:
        assert ask("paired_change", TABLE)["top2_cut"] == 2
        reply = ask("paired_change", {**TABLE, "cut": 3})
        assert (reply["top2_gain"], reply["top2_loss"]) == (4, 2)

    def test_difference_counts_are_differences(self) -> None:
        rows = {"differences": [-1, -1, 0, 2, 2, 2]}
        counts = {"difference_counts": {"-1": 2, "0": 1, "2": 3}}
        for method in ("sign_flip_exact", "signed_rank_exact", "sign_test", "hodges_lehmann", "paired_t"):
            assert ask(method, rows) == ask(method, counts)

    def test_above_the_exact_limit_there_is_a_reason(self) -> None:
        reply = ask("signed_rank_exact", {"difference_counts": {"1": 900, "-1": 300}})
        assert reply["p_two_sided"] is None
        assert "1,000" in reply["reasons"]["p_two_sided"]
        assert reply["V"] > 0

    def test_a_level_of_ones_own(self) -> None:
        reply = ask("paired_t", {**PAIRS, "level": 0.8})
        assert reply["ci95"][0] < reply["ci"][0]
        with pytest.raises(UserError, match="level"):
            ask("paired_t", {**PAIRS, "level": 80})


class TestOtherInputs:
    def test_a_share_has_all_intervals_and_one_headline(self) -> None:
        reply = ask("proportion_ci", {"x": 36, "n": 37})
        assert [reply["lower"], reply["upper"]] == reply["wilson"]
        named = ask("proportion_ci", {"x": 36, "n": 37, "interval": "jeffreys"})
        assert [named["lower"], named["upper"]] == reply["jeffreys"]
        with pytest.raises(UserError, match="interval"):
            ask("proportion_ci", {"x": 36, "n": 37, "interval": "best"})
        assert ask("proportion_ci", {"x": 0, "n": 0})["reasons"]["wilson"] == "Nobody answered."

    def test_mcnemar_from_pairs_and_a_cut(self) -> None:
        reply = ask("mcnemar", {**TABLE, "cut": 3})
        assert (reply["b"], reply["c"]) == (4, 2)
        assert ask("mcnemar", {"table": [[1, 9], [2, 3]]})["p_exact"] == ask("mcnemar", {"b": 9, "c": 2})["p_exact"]

    def test_alpha_from_the_moment_cube(self) -> None:
        rows = EXAMPLES["cronbach_alpha"]["items_in_columns"]
        cube = {
            "n": len(rows),
            "sums": [sum(column) for column in zip(*rows, strict=True)],
            "products": [[sum(a[i] * a[j] for a in rows) for j in range(3)] for i in range(3)],
        }
        assert ask("cronbach_alpha", cube) == ask("cronbach_alpha", {"items_in_columns": rows})
        assert ask("mcdonald_omega", cube) == ask("mcdonald_omega", {"items_in_columns": rows})

    def test_groups_in_long_form(self) -> None:
        long = {"group": list("aabbb"), "y": [1, 2, 3, 4, 4]}
        assert ask("kruskal_wallis", long) == ask("kruskal_wallis", {"groups": {"a": [1, 2], "b": [3, 4, 4]}})

    def test_gee_takes_any_covariates(self) -> None:
        inputs = {**EXAMPLES["gee_exchangeable"], "dose": [1, 0, 0, 1, 1, 0, 1, 1]}
        reply = ask("gee_exchangeable", inputs)
        assert reply["terms"] == ["intercept", "age", "dose"]
        assert len(reply["robust_se"]) == 3
        assert "corrected_se" in reply["notes"][0]

    def test_tost_from_pairs(self) -> None:
        reply = ask("tost", {**PAIRS, "bound_raw": 2})
        assert reply["diff"] == pytest.approx(0.6)
        assert reply["equivalent"] is True
        with pytest.raises(UserError, match="bound_dz"):
            ask("tost", {"pre": [1, 2], "post": [2, 3], "bound_dz": 0.4})

    def test_the_seed_is_the_only_chance(self) -> None:
        inputs = {"y": [1, 2, 2, 5, 7, 9, 11], "resamples": 300}
        assert ask("bootstrap_bca", inputs) == ask("bootstrap_bca", inputs)
        assert ask("bootstrap_bca", {**inputs, "seed": 4})["bca"] != ask("bootstrap_bca", {**inputs, "seed": 5})["bca"]

    def test_unused_inputs_are_listed(self) -> None:
        assert ask("paired_t", {**PAIRS, "colour": "red"})["ignored"] == ["colour"]

    def test_numbers_beyond_reach(self) -> None:
        reply = ask("npv", {"rate": -0.9, "flows": [1e15] * 400})
        check_reply(reply)
        assert reply["npv"] is None or math.isfinite(reply["npv"])


class TestRequests:
    @pytest.mark.parametrize(
        "request_", [None, [], "paired_t", 3, {}, {"method": None}, {"method": ["a"]}, {"method": "t"}]
    )
    def test_what_is_no_request_is_refused(self, request_: Any) -> None:
        with pytest.raises(UserError, match=r"method|request"):
            answer_request(request_)

    def test_an_unknown_method_names_those_known(self) -> None:
        with pytest.raises(UserError, match=r"paired_change.*paired_t.*'paired'"):
            answer_request({"method": "paired", "inputs": {}})

    @pytest.mark.parametrize("inputs", [None, [], "x", 3])
    def test_inputs_must_be_a_table(self, inputs: Any) -> None:
        with pytest.raises(UserError, match="inputs must be a table"):
            answer_request({"method": "paired_t", "inputs": inputs})

    def test_one_request_or_several(self) -> None:
        one = {"method": "mcnemar", "inputs": {"b": 9, "c": 2}}
        two = {"method": "p_adjust", "inputs": {"p": [2]}}
        expected = answer_request(one)
        assert list(answer_text(json.dumps(one, indent=2))) == [expected]
        replies = list(answer_text(f"{json.dumps(one)}\n\n{json.dumps(two)}\nnot json\n"))
        assert replies[0] == expected
        assert "p[0]" in replies[1]["error"]
        assert "not JSON" in replies[2]["error"]
        assert next(iter(answer_text(json.dumps([one, two])))) == expected
        assert "no request" in next(iter(answer_text("  \n")))["error"]
        assert "error" in next(iter(answer_text("[" * 100_000)))


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-20, 20), st.floats(), st.text(max_size=3)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["1", "0", "a", "-2"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FIELDS), json_values)
@pytest.mark.filterwarnings("error")
def test_anything_at_all_is_refused_or_answered(where: tuple[str, str], value: Any) -> None:
    method, field = where
    try:
        reply = ask(method, {**EXAMPLES[method], field: value})
    except UserError:
        return
    check_reply(reply)
