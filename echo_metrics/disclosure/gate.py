"""The gate: an exact figure goes in, a released or a suppressed one comes out. Nothing else makes a `Released`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from echo_metrics.disclosure.breakdown import Plan
from echo_metrics.disclosure.policy import MINIMUM, Policy
from echo_metrics.disclosure.precision import EXACT, Precision, precision_for
from echo_metrics.errors import NotAllowed
from echo_metrics.terms import Status

Payload = TypeVar("Payload")

HIDDEN_FOR_OTHERS: Final = "Hidden so another group cannot be worked out."
HIDDEN_UNKNOWN: Final = "Hidden: it is not known how many people are behind this figure."
HIDDEN_DOMINATED: Final = "Hidden: one or two contributors supply most of it."
NOBODY: Final = "Not asked, or nobody answered."
DOMINANT: Final = 2, 0.9
"""(n, k) rule for money: hidden if the n largest contributors supply at least this share."""

_SEAL: Final = object()


@dataclass(frozen=True)
class Exact(Generic[Payload]):
    """A figure as computed, with the distinct people behind it. `people` None means that nobody counted them.

    `contributions` are the amounts that contributors supply to a sum of money; empty where it is no such sum.
    """

    people: int | None
    value: Payload
    contributions: tuple[float, ...] = ()


@dataclass(frozen=True)
class Released(Generic[Payload]):
    """A figure that may be shown, and how far its numbers must be rounded. Only the gate holds the seal."""

    value: Payload
    people: int
    internal: bool
    precision: Precision = EXACT
    seal: Any = None

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise NotAllowed("A released figure can only be made by the disclosure gate.")


@dataclass(frozen=True)
class Suppressed:
    """A figure that may not be shown, and the words to say so."""

    status: Status
    reason: str


@dataclass(frozen=True)
class Standing:
    """Where a figure stands: the plan of the breakdown that it belongs to with its key there, and if it is a whole.

    A figure outside any breakdown has no plan. `whole` means a whole cohort or network, without further filter.
    """

    plan: Plan | None = None
    key: str = ""
    whole: bool = True


ALONE: Final = Standing()


def hidden_for_few(minimum: int) -> str:
    """The wording for a figure of too few people."""
    return f"Hidden: fewer than {minimum} people."


def gate(figure: Exact[Payload], policy: Policy, standing: Standing = ALONE) -> Released[Payload] | Suppressed:
    """Release a figure or hide it.

    Hidden: fewer distinct people than the policy's minimum; an unknown number of them (fail closed); a group whose
    breakdown holds it back for another group's sake; money that one or two contributors supply. A figure that rests on
    nobody is not hidden but was not asked or not answered, which tells nothing about anybody.
    """
    if figure.people is None or figure.people < 0:
        return Suppressed(Status.SUPPRESSED, HIDDEN_UNKNOWN)
    if figure.people == 0:
        return Suppressed(Status.NOT_ASKED, NOBODY)
    plan = standing.plan
    if plan is not None and not policy.internal and not plan.shows(standing.key):
        return Suppressed(Status.SUPPRESSED, hidden_for_few(policy.minimum) if plan.few else HIDDEN_FOR_OTHERS)
    if figure.people < policy.minimum:
        return Suppressed(Status.SUPPRESSED, hidden_for_few(policy.minimum))
    if not policy.internal and dominated(figure.contributions):
        return Suppressed(Status.SUPPRESSED, HIDDEN_DOMINATED)
    precision = precision_for(policy, figure.people, standing.whole)
    return Released(figure.value, figure.people, figure.people < MINIMUM, precision, _SEAL)


def dominated(contributions: tuple[float, ...]) -> bool:
    """Whether a sum of money tells what one or two contributors supplied: fewer than three, or 90 % from two.

    Source: (n,k) rule with n=2, k=90 % as in AI-SDC ACRO's defaults.
    """
    if not contributions:
        return False
    largest, share = DOMINANT
    amounts = sorted((abs(c) for c in contributions), reverse=True)
    return len(amounts) <= largest or sum(amounts[:largest]) >= share * sum(amounts)
