"""The ledger: costs and benefits as lines that each name their assumption, its range, its source and its owner.

`parse.parse_ledger` makes one from the already parsed TOML; `data/demo/roi/roi_psychosocial.toml` documents the format
by example. Shares point one way only: `deadweight` would have happened anyway, `displacement` moved elsewhere,
`attribution_to_others` is what others caused. Each lowers a benefit. `confidence` is how sure its owner is of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from echo_metrics.roi.amounts import Amount

FORMAT = "echo-metrics-ledger"
VERSION = 1
FAULTS = "faults"
"""Where a document that was put together from tables keeps what was wrong with them: sentences, each a problem."""
USUAL_RATE = 0.035
"""Discount rate of later years unless the ledger states another (UK Treasury, The Green Book)."""
MOST_YEARS = 30

STORE_QUANTITIES = ("sessions", "participants", "attended_hours", "attendances")
"""Quantities that a line may draw from the store by name instead of writing a number."""
SITE_QUANTITIES = ("travel_km", "travel_hours", "travel_nights")
"""What participants' journeys would have taken: attendances by site times the ledger's own figures for that site."""
EVERYWHERE_ELSE = "*"
"""The name of the site that stands for every site without a line of its own."""

RETENTION_NOTE = (
    "Retention is off by default: the ASPE study (aspe.hhs.gov) did not find that ECHO raised retention at person or "
    "site level, though more people stayed in shortage areas."
)


class Kind(StrEnum):
    """Which side of the ledger a line stands on."""

    COST = "cost"
    BENEFIT = "benefit"


class Evidence(StrEnum):
    """What an assumption rests on, the strongest first."""

    RECORDS = "records"
    PUBLISHED = "published"
    REPORTED = "reported"
    JUDGEMENT = "judgement"
    NOT_GRADED = ""

    @property
    def words(self) -> str:
        """The grade as a reader would say it."""
        return {
            Evidence.RECORDS: "A: records or invoices",
            Evidence.PUBLISHED: "B: a published figure or tariff",
            Evidence.REPORTED: "C: people were asked",
            Evidence.JUDGEMENT: "D: somebody's judgement",
            Evidence.NOT_GRADED: "not graded",
        }[self]


SHARES = ("deadweight", "displacement", "attribution_to_others")
"""Shares of a benefit that do not count."""
BENEFIT_INPUTS = (*SHARES, "confidence", "drop_off")
INPUTS = ("quantity", "unit_value", *BENEFIT_INPUTS)
"""Every field of a line that may be uncertain, in the order in which they are multiplied."""
COUNTED_WORDS = {
    "sessions": "session",
    "participants": "participant",
    "attended_hours": "attended hour",
    "attendances": "attendance",
    "travel_km": "km of the journeys",
    "travel_hours": "hour of the journeys",
    "travel_nights": "night of the journeys",
}
INPUT_WORDS = {
    "quantity": "how many {unit}",
    "per": "{unit} for each {counted}",
    "unit_value": "value of one {one}",
    "deadweight": "share that would have happened anyway",
    "displacement": "share that only moved here from elsewhere",
    "attribution_to_others": "share that others caused",
    "confidence": "how sure we are of it",
    "drop_off": "share that fades each year",
}


@dataclass(frozen=True, slots=True)
class StoreQuantity:
    """A quantity counted in the store: the line's `quantity` is then how many of its units belong to each one counted.

    `name` is one of `STORE_QUANTITIES` or `SITE_QUANTITIES`; `discipline` limits the count to one discipline.
    """

    name: str
    discipline: str | None = None

    @property
    def key(self) -> str:
        """Name under which the model looks it up: `attended_hours` or `attended_hours:social_work`."""
        return self.name if self.discipline is None else f"{self.name}:{self.discipline}"


def input_words(line: Line, name: str) -> str:
    """What an uncertain field of a line is, in words: "hours for each session", "value of one hour"."""
    unit = line.unit or "units"
    one = "person" if unit == "people" else unit[:-1] if unit.endswith("s") and not unit.endswith("ss") else unit
    counted = COUNTED_WORDS[line.counted_from.name] if line.counted_from else ""
    words = INPUT_WORDS["per" if name == "quantity" and line.counted_from else name]
    return words.format(unit=unit, one=one, counted=counted)


@dataclass(frozen=True, slots=True)
class Given:
    """An uncertain field of a line: its amount, or the key of the named assumption that it shares with other lines."""

    amount: Amount
    assumption: str = ""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number with a name of its own, so that several lines move together when it moves."""

    key: str
    label: str
    amount: Amount
    source: str
    owner: str
    date: date
    evidence: Evidence = Evidence.NOT_GRADED
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One cost or benefit: quantity times unit value; a benefit less its shares, times confidence, over its years.

    `inputs` holds the uncertain fields by name (`INPUTS`); those left out are 0 for shares, 1 for confidence.
    `counted_from` names what the store counts for this line. `prices` are unit values of disciplines with a price of
    their own. A line that is not enabled is listed and not counted; `note` says why. `currency` and `price_year` are
    the line's own; the ledger's tables bring them to the ledger's.
    """

    key: str
    label: str
    kind: Kind
    inputs: Mapping[str, Given]
    counted_from: StoreQuantity | None
    unit: str
    currency: str
    price_year: int
    basis: str
    source: str
    owner: str
    date: date
    whose_budget: str
    evidence: Evidence = Evidence.NOT_GRADED
    years: int = 1
    enabled: bool = True
    note: str = ""
    prices: Mapping[str, Given] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """What one journey from a site to in-person teaching and back takes: kilometres, working hours, nights away."""

    name: str
    km: float = 0.0
    hours: float = 0.0
    nights: float = 0.0

    def of(self, quantity: str) -> float:
        """One journey's share of a quantity of `SITE_QUANTITIES`."""
        return {"travel_km": self.km, "travel_hours": self.hours, "travel_nights": self.nights}[quantity]


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """Units of the ledger's currency for one unit of `currency`, in one year."""

    currency: str
    year: int
    rate: float
    source: str


@dataclass(frozen=True, slots=True)
class PriceIndex:
    """The level of prices in one year, in any unit."""

    year: int
    index: float
    source: str


@dataclass(frozen=True, slots=True)
class Correlation:
    """Two inputs that tend to be high together (rho above 0) or apart (below); rho is a rank correlation."""

    first: str
    second: str
    rho: float
    source: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """Costs and benefits of one network (and cohort, if named), brought to one currency and the prices of one year.

    `discount_rate` is what a year's delay takes off, 0.035 for 3.5%.
    """

    title: str
    network: str
    cohort: str | None
    currency: str
    price_year: int
    prepared_by: str
    date: date
    source: str
    note: str
    lines: tuple[Line, ...]
    discount_rate: float = USUAL_RATE
    assumptions: tuple[Assumption, ...] = ()
    sites: tuple[Site, ...] = ()
    rates: tuple[ExchangeRate, ...] = ()
    price_indices: tuple[PriceIndex, ...] = ()
    correlations: tuple[Correlation, ...] = ()

    @property
    def costs(self) -> tuple[Line, ...]:
        """The cost lines, in order."""
        return tuple(line for line in self.lines if line.kind is Kind.COST)

    @property
    def benefits(self) -> tuple[Line, ...]:
        """The benefit lines, in order."""
        return tuple(line for line in self.lines if line.kind is Kind.BENEFIT)

    @property
    def needs(self) -> tuple[StoreQuantity, ...]:
        """What counted lines draw from the store, each once, in the order of the lines."""
        drawn = (line.counted_from for line in self.lines if line.enabled and line.counted_from is not None)
        return tuple(dict.fromkeys(drawn))

    @property
    def priced_apart(self) -> tuple[str, ...]:
        """Disciplines that some counted line prices on their own, sorted."""
        return tuple(sorted({d for line in self.lines if line.enabled for d in line.prices}))

    def converter(self, line: Line) -> float:
        """What an amount of this line is multiplied by to stand in the ledger's currency and prices.

        A foreign amount is exchanged at the stated rate of its own price year, then brought to the ledger's year by the
        stated price index. Raises `KeyError` where a table lacks a year; `parse_ledger` has made sure that none does.
        """
        factor = 1.0
        if line.currency != self.currency:
            factor *= {(r.currency, r.year): r.rate for r in self.rates}[line.currency, line.price_year]
        if line.price_year != self.price_year:
            level = {i.year: i.index for i in self.price_indices}
            factor *= level[self.price_year] / level[line.price_year]
        return factor
