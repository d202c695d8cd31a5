"""The gate: an exact figure goes in, a released or a suppressed one comes out. Nothing else makes a `Released`.

This is the first rule of the book: the minimum number of people behind a figure. Remainder rule, secondary suppression,
rounding and frozen releases follow with the releases themselves; until then a patient evaluator can still subtract two
shown groups from their total (docs/disclosure.md says so).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from echo_metrics.errors import NotAllowed
from echo_metrics.terms import Role, Status

Payload = TypeVar("Payload")

MINIMUM: Final = 5
"""Fewest people behind a figure for everyone but the owner (Culture Amp, Viva Glint, Qualtrics EX use 5)."""

_SEAL: Final = object()


@dataclass(frozen=True)
class Policy:
    """What one audience may see: the fewest people behind any figure."""

    audience: Role
    minimum: int

    @property
    def internal(self) -> bool:
        """Whether this audience also sees groups under the minimum, marked as internal."""
        return self.minimum <= 1


@dataclass(frozen=True)
class Exact(Generic[Payload]):
    """A figure as computed, with the distinct people behind it. `people` None means that nobody counted them."""

    people: int | None
    value: Payload


@dataclass(frozen=True)
class Released(Generic[Payload]):
    """A figure that may be shown. Only the gate holds the seal that makes one."""

    value: Payload
    people: int
    internal: bool
    seal: Any = None

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise NotAllowed("A released figure can only be made by the disclosure gate.")


@dataclass(frozen=True)
class Suppressed:
    """A figure that may not be shown, and the words to say so."""

    status: Status
    reason: str


def policy_for(role: Role) -> Policy:
    """The policy of an audience. The owner, who holds the raw files, sees small groups marked as internal."""
    return Policy(role, 1 if role is Role.OWNER else MINIMUM)


def gate(figure: Exact[Payload], policy: Policy) -> Released[Payload] | Suppressed:
    """Release a figure or hide it.

    Hidden: fewer distinct people than the policy's minimum, or an unknown number of them (fail closed). A figure that
    rests on nobody is not hidden but was not asked or not answered, which tells nothing about anybody.
    """
    if figure.people is None or figure.people < 0:
        return Suppressed(Status.SUPPRESSED, "Hidden: it is not known how many people are behind this figure.")
    if figure.people == 0:
        return Suppressed(Status.NOT_ASKED, "No answers to compare here.")
    if figure.people < policy.minimum:
        return Suppressed(Status.SUPPRESSED, f"Hidden: fewer than {policy.minimum} people.")
    return Released(figure.value, figure.people, figure.people < MINIMUM, _SEAL)
