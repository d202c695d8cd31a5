"""Every method of the statistic command against broken inputs: refused by name or answered with reasons, never NaN,
a warning or a traceback."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echo_metrics.errors import UserError
from echo_metrics.statistic_requests import METHODS, answer_request
from tests.unit.statistic_examples import EXAMPLES
from tests.unit.test_statistic_requests import check_reply, json_values

BROKEN = st.one_of(
    st.sampled_from(
        [float("nan"), float("inf"), -float("inf"), None, True, "x", "5", "", -1, -0.0, 0, 0.5, 1e308, -1e308, 5e-324]
    ),
    st.sampled_from([10**40, [], {}, [[]], [1], {"a": 1}, 2**53 + 1, 1e-12, 3]),
    st.integers(-10, 10),
    st.floats(allow_nan=True),
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every single value inside nested lists and tables."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [way for key, part in inner for way in leaves(part, (*path, key))]
    return found or [path]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    value[path[0]] = put(value[path[0]], path[1:], new)
    return value


@st.composite
def broken_inputs(draw: st.DrawFn, method: str) -> dict[str, Any]:
    """An example in order with up to three values spoilt, a list cut or doubled, a field dropped or replaced."""
    inputs = copy.deepcopy(EXAMPLES[method])
    for _ in range(draw(st.integers(1, 3))):
        inputs = put(
            inputs, draw(st.sampled_from([p for p in leaves(inputs) if p] or [()])), copy.deepcopy(draw(BROKEN))
        )
        if not isinstance(inputs, dict) or not inputs:
            return {}
    field = draw(st.sampled_from(sorted(inputs)))
    match draw(st.sampled_from(["leave", "leave", "cut", "double", "drop", "replace", "add"])):
        case "cut" if isinstance(inputs[field], list):
            inputs[field] = inputs[field][: draw(st.integers(0, 2))]
        case "double" if isinstance(inputs[field], list):
            inputs[field] = inputs[field] * 2
        case "drop":
            del inputs[field]
        case "replace":
            inputs[field] = draw(json_values)
        case "add":
            inputs[draw(st.sampled_from(["level", "cut", "seed", "resamples", "statistic", "levels"]))] = copy.deepcopy(
                draw(BROKEN)
            )
    return inputs


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.filterwarnings("error")
def test_broken_inputs_never_give_nan_a_warning_or_a_traceback(method: str, capfd: pytest.CaptureFixture[str]) -> None:
    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(broken_inputs(method))
    def run(inputs: dict[str, Any]) -> None:
        try:
            reply = answer_request({"method": method, "inputs": inputs})
        except UserError:
            return
        check_reply(reply)
        assert "NaN" not in json.dumps(reply)

    run()
    assert capfd.readouterr().err == ""
