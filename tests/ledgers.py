"""Ledgers for tests: a rich one that uses every feature of the format, and strategies that make up random ones."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from echo_metrics.roi.model import Counted, Part

BASIS: dict[str, Any] = {"source": "invoice", "owner": "Hub manager"}
HEAD: dict[str, Any] = {
    "format": "echo-metrics-ledger",
    "version": 1,
    "title": "A ledger",
    "network": "A network",
    "currency": "CAD",
    "price_year": 2020,
    "prepared_by": "Somebody",
    "date": date(2020, 7, 31),
}


def line(key: str, quantity: Any = 1, unit_value: Any = 1, **more: Any) -> dict[str, Any]:
    """One line with a typed quantity; None leaves the quantity to `quantity_from`."""
    body = {"key": key, "label": key.replace("_", " ").title(), "unit_value": unit_value, **BASIS, **more}
    return body if quantity is None else {**body, "quantity": quantity}


def spread(low: float, base: float, high: float, **more: Any) -> dict[str, Any]:
    """A range as a ledger writes it."""
    return {"low": low, "base": base, "high": high, **more}


def assumption(key: str, value: Any) -> dict[str, Any]:
    """One named assumption."""
    return {"key": key, "label": key.replace("_", " ").title(), "value": value, **BASIS}


def rich() -> dict[str, Any]:
    """A ledger with every feature: see `RICH_COUNTS` for what the store would have counted."""
    return {
        **HEAD,
        "cohort": "Cohort 1",
        "discount_rate": 0.05,
        "assumption": [
            assumption("not_made", spread(0.3, 0.6, 0.8)),
            assumption("hour", spread(38, 46.5, 60, distribution="triangular")),
            assumption("fee", {"distribution": "gamma", "mean": 310, "sd": 90}),
            assumption("others", {"distribution": "beta", "mean": 0.25, "sd": 0.1}),
            assumption("times", spread(1, 2, 2)),
            assumption("worth", {"distribution": "lognormal", "mean": 75.5, "sd": 60}),
        ],
        "site": [{"name": "Victoria", "km": 20}, {"name": "*", "km": 80, "hours": 1.5, "nights": 0.25}],
        "rate": [
            {"currency": "USD", "year": 2018, "rate": 1.2957, "source": "central bank"},
            {"currency": "USD", "year": 2020, "rate": 1.3415, "source": "central bank"},
        ],
        "price_index": [
            {"year": 2018, "index": 133.4, "source": "statistics office"},
            {"year": 2020, "index": 137.0, "source": "statistics office"},
        ],
        "correlation": [
            {"between": ["not_made", "travel.unit_value"], "rho": -0.4, "source": "judgement"},
            {"between": ["hosting.quantity", "hour"], "rho": 0.5, "source": "judgement"},
        ],
        "cost": [
            line("hosting", None, "hour", quantity_from="sessions", per=spread(3, 4, 6.5), whose_budget="Hub"),
            line("platform", 1, 1234.56, currency="USD", price_year=2018, years=3, whose_budget="Hub"),
            line("licence", 2, spread(90, 100, 130), currency="USD", whose_budget="Hub *"),
            line("renewal", "times", spread(60, 75, 80), years=2, whose_budget="Hub"),
            line("helpers", {"distribution": "gamma", "mean": 12, "sd": 5}, 31.5, years=3, whose_budget="Hub"),
            line(
                "participant_time",
                None,
                spread(30, 40, 55),
                quantity_from="attended_hours",
                whose_budget="employers",
                by_discipline={"nursing": spread(50, 55.5, 62), "pharmacy": 92.9, "social_work": "hour"},
            ),
            line("idle", 3, 500, enabled=False, note="Not known yet.", whose_budget="Nobody yet"),
        ],
        "benefit": [
            line(
                "travel",
                None,
                spread(0.5, 0.61, 0.7),
                quantity_from="travel_km",
                deadweight="not_made",
                attribution_to_others=spread(0, 0.1, 0.2),
                whose_budget="Employers",
            ),
            line(
                "fees",
                None,
                "fee",
                quantity_from="participants",
                deadweight=spread(0.4, 0.5, 0.7, distribution="uniform"),
                displacement=0.1,
                attribution_to_others="others",
                confidence=spread(0.6, 0.8, 0.9),
                whose_budget=">5 clinics",
            ),
            line(
                "skills",
                spread(10, 14, 20),
                "worth",
                years=4,
                drop_off=spread(0.2, 0.35, 0.5),
                confidence=0.7,
                deadweight="not_made",
                price_year=2018,
                whose_budget="Health system",
            ),
            line("retention", spread(0, 1, 2), 46_000, enabled=False, note="Off by default.", whose_budget="Employers"),
        ],
    }


PARTS = (Part("nursing", "Nursing", 61.25), Part("social_work", "Social work", 44.5))
RICH_COUNTS = Counted(
    {
        "sessions": 6.0,
        "participants": 26.0,
        "attendances": 130.0,
        "attended_hours": 180.75,
        "travel_km": 9_120.0,
        "improved_reliably": 17.0,
    },
    {"attended_hours": PARTS},
)
"""What the store would have counted for `rich`; pharmacy is too small to stand apart."""

# ------------------------------------------------------------------------------------------------- random ledgers
NASTY = (
    "=1+1",
    '"',
    "'",
    "a\nb",
    "\t",
    "\\",
    "+1",
    "@x",
    "Ünïçødé 中文 🙂",
    "_x0041_",
    "TRUE",
    "1e5",
    "#N/A",
    "<b>&",
    "2020",
)
words = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp")), max_size=12),
)
said = words.map(lambda text: text.strip() or "x")
"""Words that are not empty, as a person might have put them in."""
number = st.one_of(st.integers(0, 10**6), st.floats(0, 1e6).map(lambda v: float(f"{v:.9g}")))
share = st.floats(0, 1).map(lambda v: float(f"{v:.9g}"))


def ranged(of: st.SearchStrategy[float], beta: bool, every: bool = True) -> st.SearchStrategy[Any]:
    """An amount in any of its forms, or in those that three cells can hold."""
    if not every:
        return st.one_of(of, st.lists(of, min_size=3, max_size=3).map(sorted).map(lambda t: spread(*t)))
    shapes = st.sampled_from(("pert", "triangular", "uniform"))
    three = st.tuples(st.lists(of, min_size=3, max_size=3).map(sorted), shapes).map(
        lambda t: spread(*t[0], **({} if t[1] == "pert" else {"distribution": t[1]}))
    )
    if beta:
        moments = st.tuples(st.floats(0.05, 0.95), st.floats(0.01, 0.2)).map(
            lambda t: {"distribution": "beta", "mean": float(f"{t[0]:.6g}"), "sd": float(f"{t[1]:.6g}")}
        )
    else:
        moments = st.tuples(st.sampled_from(("gamma", "lognormal")), st.floats(1, 1e4), st.floats(0.05, 2)).map(
            lambda t: {"distribution": t[0], "mean": float(f"{t[1]:.6g}"), "sd": float(f"{t[1] * t[2]:.6g}")}
        )
    return st.one_of(of, three, three, moments)


@st.composite
def documents(draw: st.DrawFn, moments: bool = True) -> dict[str, Any]:
    """A whole ledger as a document. `moments` False leaves distributions that three cells can't hold to assumptions."""
    plain, part = ranged(number, False, moments), ranged(share, True, moments)

    def field(of: st.SearchStrategy[Any], name: str) -> Any:
        # A third of all fields take a named assumption.
        return name if draw(st.integers(0, 2)) == 0 else draw(of)

    body: dict[str, Any] = {**HEAD, "title": draw(said), "network": draw(said), "prepared_by": draw(said)}
    body |= {"note": draw(words), "source": draw(words), "discount_rate": draw(st.sampled_from((0.0, 0.035, 0.07)))}
    body["date"] = draw(st.dates(date(1950, 1, 1), date(2100, 1, 1)))
    body["assumption"] = [
        {**assumption("money", draw(ranged(number, False))), "label": draw(said), "note": draw(words)},
        {**assumption("part", draw(ranged(share, True))), "source": draw(said)},
    ]
    body["cost"] = [
        line(
            f"c{i}",
            draw(plain),
            field(plain, "money"),
            label=draw(said),
            unit=draw(words),
            basis=draw(words),
            whose_budget=draw(said),
            years=draw(st.integers(1, 4)),
            enabled=draw(st.booleans()),
            evidence=draw(st.sampled_from(("", "records", "judgement"))),
        )
        for i in range(draw(st.integers(1, 3)))
    ]
    time = line("time", None, field(plain, "money"), quantity_from="attended_hours", note=draw(words))
    if draw(st.booleans()):
        time["per"] = draw(plain)
    if draw(st.booleans()):
        time["by_discipline"] = {"nursing": field(plain, "money"), "social_work": draw(plain)}
    body["cost"] += [time, line("sure", 1, "money")]
    body["benefit"] = []
    for i in range(draw(st.integers(0, 3))):
        years = draw(st.integers(1, 4))
        gain = line(f"b{i}", draw(plain), draw(plain), label=draw(said), years=years, owner=draw(said))
        for name in (
            "deadweight",
            "displacement",
            "attribution_to_others",
            "confidence",
            *(["drop_off"] * (years > 1)),
        ):
            if draw(st.booleans()):
                gain[name] = field(part, "part")
        body["benefit"].append(gain)
    body["benefit"].append(line("gain", draw(plain), "money", deadweight="part"))
    if draw(st.booleans()):
        body["site"] = [{"name": draw(said), "km": draw(number), "hours": draw(number), "nights": draw(number)}]
    return body
