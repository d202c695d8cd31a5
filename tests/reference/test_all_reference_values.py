"""Every number of the reference file, through the requests that the `statistic` command answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from echo_metrics.statistic_requests import METHODS, answer_request

FILE = Path(__file__).resolve().parents[2] / ".." / "shared" / "reference" / "statistics.json"
ABSENT = "../shared/reference/statistics.json is not beside the repository"

# Two records of one family ask for `lower` and `upper` of different intervals with the same inputs: Wilson's is the
# house's interval, and the other one has to be asked for by name.
EXTRA_INPUTS = {"clopper_pearson_newcombe": {"interval": "clopper_pearson"}}


def records() -> list[dict[str, Any]]:
    return json.loads(FILE.read_text(encoding="utf-8"))["checks"] if FILE.exists() else []


def cases() -> list[Any]:
    found = [
        pytest.param(record, key, id=f"{record['name']}-{key}") for record in records() for key in record["expected"]
    ]
    return found or [pytest.param({}, "", marks=pytest.mark.skip(reason=ABSENT), id="absent")]


def far(ours: Any, theirs: Any, tolerance: float) -> list[str]:
    """Where two values (numbers, lists, tables) differ by more than the tolerance."""
    if isinstance(theirs, dict):
        return [w for name, part in theirs.items() for w in far(ours[name], part, tolerance)]
    if isinstance(theirs, list):
        if not isinstance(ours, list) or len(ours) != len(theirs):
            return [f"{ours} has another shape than {theirs}"]
        return [w for a, b in zip(ours, theirs, strict=True) for w in far(a, b, tolerance)]
    # A tolerance of zero still has to let whole numbers come as floats, and sums round.
    if ours is None or abs(ours - theirs) > tolerance + 1e-12:
        return [f"{ours} is not {theirs}"]
    return []


@pytest.mark.parametrize(("record", "key"), cases())
def test_agrees_with_the_reference(record: dict[str, Any], key: str) -> None:
    inputs = {**record["inputs"], **EXTRA_INPUTS.get(record["name"], {})}
    reply = answer_request({"method": record["family"], "inputs": inputs})
    assert key in reply
    assert far(reply[key], record["expected"][key], record["tolerance"]) == []


@pytest.mark.skipif(not FILE.exists(), reason=ABSENT)
def test_every_family_of_the_file_is_a_method_and_uses_all_its_inputs() -> None:
    assert {record["family"] for record in records()} <= set(METHODS)
    for record in records():
        reply = answer_request({"method": record["family"], "inputs": record["inputs"]})
        assert "ignored" not in reply, record["name"]
        assert json.loads(json.dumps(reply, allow_nan=False)) == reply


@pytest.mark.skipif(not FILE.exists(), reason=ABSENT)
def test_the_two_intervals_of_one_family_are_told_apart_by_name() -> None:
    inputs = next(record["inputs"] for record in records() if record["name"] == "clopper_pearson_newcombe")
    reply = answer_request({"method": "proportion_ci", "inputs": inputs})
    exact = answer_request({"method": "proportion_ci", "inputs": {**inputs, "interval": "clopper_pearson"}})
    assert reply["clopper_pearson"] == [list(pair) for pair in zip(exact["lower"], exact["upper"], strict=True)]
    assert reply["lower"] == [pair[0] for pair in reply["wilson"]]
