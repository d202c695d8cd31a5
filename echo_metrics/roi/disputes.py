"""The points on which leaders dispute a return, the default taken here, why, and what this ledger does."""

from __future__ import annotations

from dataclasses import dataclass

from echo_metrics.roi.figures import RoiFigures, counts_participants_time
from echo_metrics.roi.ledger import Evidence, Kind
from echo_metrics.roi.model import Model, Term

WEAK = (Evidence.REPORTED, Evidence.JUDGEMENT, Evidence.NOT_GRADED)


@dataclass(frozen=True, slots=True)
class Dispute:
    """One disputed point: what is said against a return, our default, why, and what this ledger does about it.

    `open` marks a point on which this ledger departs from the default.
    """

    point: str
    default: str
    why: str
    here: str
    open: bool = False


def disputed(model: Model, figures: RoiFigures) -> tuple[Dispute, ...]:
    """Every disputed point with this ledger's answer, in the order in which leaders raise them.

    Source of the points: evaluations of ECHO programmes and the ROI Institute's guiding principles (docs/roi.md).
    """
    return (
        _time(model),
        _journeys(model),
        _online(model),
        _attribution(model),
        _one_ratio(figures),
        _budgets(figures),
        _later_years(figures),
        _retention(model),
    )


def _counted(model: Model, kind: Kind, *words: str) -> list[Term]:
    """Counted terms of a kind whose key or label holds one of the words."""
    return [
        t
        for t in model.terms
        if t.counted and t.kind is kind and any(w in f"{t.line} {t.label} {t.drawn}".lower() for w in words)
    ]


def _share(model: Model, term: Term, name: str) -> float:
    return model.inputs[term.uses[name]].amount.base if name in term.uses else 0.0


def _time(model: Model) -> Dispute:
    counted = counts_participants_time(model)
    return Dispute(
        "Participants' own time costs nothing in most calculations.",
        "It is a cost, from the hours actually attended.",
        "Somebody pays for it: an employer, or people themselves. Self-employed practitioners stayed away for want of "
        "time and pay (doi 10.1136/bmjinnov-2016-000141).",
        "Counted as a cost." if counted else "Not counted: the return looks better than it is.",
        not counted,
    )


def _journeys(model: Model) -> Dispute:
    travel = _counted(model, Kind.BENEFIT, "travel", "journey", "mileage", "accommodation")
    bare = [t.label for t in travel if not _share(model, t, "deadweight")]
    kept = ", ".join(
        f"{100 * _share(model, t, 'deadweight'):.0f}% of '{t.label}'" for t in travel if t.label not in bare
    )
    here = "No saved travel is counted."
    if travel:
        here = f"Taken off as journeys nobody would have made: {kept}." if kept else ""
        here += f" Nothing is taken off {', '.join(bare)}." if bare else ""
    return Dispute(
        "Saved travel that nobody would have undertaken.",
        "Only the share of journeys that people would really have made counts.",
        "Most would not have gone to an in-person course; a journey that was never planned saves nothing.",
        here.strip(),
        bool(bare),
    )


def _online(model: Model) -> Dispute:
    courses = _counted(model, Kind.BENEFIT, "course", "education", "training", "cme")
    bare = [t.label for t in courses if not _share(model, t, "deadweight") and not _share(model, t, "displacement")]
    here = "No course fees or hours of education are counted."
    if courses:
        here = f"Nothing is taken off {', '.join(bare)}." if bare else "A share is taken off each of these lines."
    return Dispute(
        "An online course would have taught the same for less.",
        "Course fees count only for those who would have taken and paid for one.",
        "The fair comparison is what people would have done instead, and that is often a cheap course or none.",
        here,
        bool(bare),
    )


def _attribution(model: Model) -> Dispute:
    weak = list(
        dict.fromkeys(
            t.label for t in model.terms if t.counted and t.kind is Kind.BENEFIT and Evidence(t.evidence) in WEAK
        )
    )
    every = list(dict.fromkeys(t.label for t in model.terms if t.counted and t.kind is Kind.BENEFIT))
    return Dispute(
        "Participants estimate themselves what the programme caused.",
        "Each benefit names what it rests on; what others caused is taken off, and doubt lowers it further.",
        "Self-estimates run high. The ROI Institute's rule is the conservative figure, and no data from a person means "
        "no improvement.",
        f"{len(weak)} of {len(every)} benefit lines rest on judgement, on what people say, or are not graded.",
        bool(every) and len(weak) == len(every),
    )


def _one_ratio(figures: RoiFigures) -> Dispute:
    return Dispute(
        "One ratio without a range says more than anybody knows.",
        "The result is shown with its range and the chance that benefits exceed costs.",
        "The assumptions are uncertain together; a single number hides that.",
        f"With every line against, the return is {figures.roi_percent.low:,.0f}%; with every line for, "
        f"{figures.roi_percent.high:,.0f}%.".replace("-", "\N{MINUS SIGN}"),
    )


def _budgets(figures: RoiFigures) -> Dispute:
    total = figures.total_benefits.base
    free = [b for b in figures.budgets if b.benefits > 0 and b.costs == 0]
    share = 100 * sum(b.benefits for b in free) / total if total > 0 else 0.0
    names = ", ".join(b.budget for b in free)
    return Dispute(
        "The savings fall into somebody else's budget.",
        "Costs and benefits are also shown by the budget that they fall on.",
        "A saving that the payer never sees is no reason for the payer to pay.",
        f"{share:.0f}% of the benefits fall to budgets that pay nothing ({names})." if free else
        "Every budget that gains also pays.",
    )  # fmt: skip


def _later_years(figures: RoiFigures) -> Dispute:
    return Dispute(
        "Benefits are carried on for years without evidence that they last.",
        "Only the first year counts.",
        "The ROI Institute's rule for short programmes: the first year's benefits only.",
        "First year only."
        if figures.years == 1
        else f"Counted over up to {figures.years} years, faded and discounted as the lines say.",
        figures.years > 1,
    )


def _retention(model: Model) -> Dispute:
    counted = bool(_counted(model, Kind.BENEFIT, "retention", "retained", "turnover"))
    return Dispute(
        "Staff who stay are counted as a saving.",
        "Not counted.",
        "The ASPE study (aspe.hhs.gov) did not find that ECHO raised retention at person or site level, though more "
        "people stayed in shortage areas.",
        "Counted here." if counted else "Not counted.",
        counted,
    )
