"""What one audience, or one release, may see: the fewest people behind a figure and how far its numbers are rounded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from echo_metrics.terms import Role

MINIMUM: Final = 5
"""Fewest people behind a figure inside a hub (Culture Amp, Viva Glint, Qualtrics EX use 5)."""


class Preset(StrEnum):
    """How careful a release is. A release fixes it; no link and no audience lowers it."""

    INTERNAL = "internal"
    STANDARD = "standard"
    STRICT = "strict"

    @property
    def minimum(self) -> int:
        """Fewest people behind any figure. In the outer presets it starts a rounding bin: 8 to 12, 13 to 17."""
        return {Preset.INTERNAL: MINIMUM, Preset.STANDARD: 8, Preset.STRICT: 13}[self]

    @property
    def base(self) -> int:
        """Counts of people in breakdowns are rounded to a multiple of this."""
        return 1 if self is Preset.INTERNAL else 5

    @property
    def words(self) -> str:
        """The preset as a reader would say it."""
        if self is Preset.INTERNAL:
            return f"figures of fewer than {self.minimum} people are hidden"
        return (
            f"figures of fewer than {self.minimum} people are hidden, and counts in breakdowns are rounded to the "
            f"nearest {self.base}"
        )

    @property
    def meant_for(self) -> str:
        """Who the preset is meant for."""
        return {
            Preset.INTERNAL: "leaders inside the hub",
            Preset.STANDARD: "funders by a personal link",
            Preset.STRICT: "open links and publication",
        }[self]


@dataclass(frozen=True)
class Policy:
    """The rules that one answer is made under.

    `minimum` is the fewest distinct people behind any figure and `base` the rounding of counts in breakdowns.
    `priced_apart` lets a ledger price disciplines of a network on their own, `priced_in_cohorts` those of one of
    several cohorts: a release that was not asked for a breakdown does not tell it by way of money. `coarse` rounds
    figures of whole cohorts as breakdowns are, for a release that another live release overlaps.
    `remainder` and `secondary` exist so that tests can show what each rule guards; nothing else switches them off.
    """

    audience: Role
    minimum: int
    base: int = 1
    coarse: bool = False
    priced_apart: bool = True
    priced_in_cohorts: bool = True
    remainder: bool = True
    secondary: bool = True

    @property
    def internal(self) -> bool:
        """Whether this audience holds the row-level right: exact figures, and groups under the minimum marked."""
        return self.minimum <= 1


def policy_for(role: Role, row_level: bool = False) -> Policy:
    """The policy of an audience's live answers.

    The owner, who holds the raw files, and an evaluator with the row-level right see small groups marked as internal;
    evaluators and leaders get the internal preset, funders the standard one (shown to an owner as a preview: funders
    themselves read frozen releases).
    """
    if role is Role.OWNER or (role is Role.EVALUATOR and row_level):
        return Policy(role, 1)
    preset = Preset.STANDARD if role is Role.FUNDER else Preset.INTERNAL
    return release_policy(preset, role)


def release_policy(preset: Preset, audience: Role = Role.FUNDER, coarse: bool = False) -> Policy:
    """The policy that a release of this preset is made under."""
    return Policy(audience, preset.minimum, preset.base, coarse)
