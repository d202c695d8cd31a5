"""The vocabulary of the product: enumerations and value types that every floor shares.

Names follow the glossary in docs/glossary.md. Nothing here reads a file, a clock or a database.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

SCORE_UNIT = 2520
"""Scores are stored as whole numbers of 1/2520 point, so that equal scores are equal integers.

2520 is the least common multiple of 1..10: a mean of up to ten whole-number answers is exact. Ranks depend on
ties, and floating-point scores would break them.
"""


class Role(StrEnum):
    """Who is asking."""

    OWNER = "owner"
    EVALUATOR = "evaluator"
    LEADER = "leader"
    FUNDER = "funder"


class Status(IntEnum):
    """What may be said of one figure. Ordered: where two meet, the higher (worse) wins."""

    RELEASED = 0
    UNRELIABLE = 1
    NOT_ASKED = 2
    SUPPRESSED = 3

    @property
    def word(self) -> str:
        """The name used in JSON and in addresses."""
        return self.name.lower()


class WaveKind(StrEnum):
    """When a questionnaire was given."""

    BASELINE = "baseline"
    PRE_SESSION = "pre_session"
    POST_SESSION = "post_session"
    COMPLETION = "completion"
    FOLLOW_UP = "follow_up"
    THEN_TEST = "then_test"
    SUPERVISOR = "supervisor"
    OTHER = "other"


class Contrast(StrEnum):
    """Two moments that are compared, person by person."""

    BASELINE_COMPLETION = "baseline-completion"
    BASELINE_FOLLOW_UP = "baseline-follow_up"
    BEFORE_AFTER_SESSION = "before-after"
    THEN_COMPLETION = "then_test-completion"
    RESPONSE_SHIFT = "then_test-baseline"

    @property
    def words(self) -> str:
        """The contrast as a reader would say it."""
        return {
            Contrast.BASELINE_COMPLETION: "from baseline to completion",
            Contrast.BASELINE_FOLLOW_UP: "from baseline to follow-up",
            Contrast.BEFORE_AFTER_SESSION: "from before to after the session",
            Contrast.THEN_COMPLETION: "from the start as remembered at the end, to completion",
            Contrast.RESPONSE_SHIFT: "from the start as remembered at the end, to the start as rated then",
        }[self]


CONTRAST_WAVES: dict[Contrast, tuple[WaveKind, WaveKind]] = {
    Contrast.BASELINE_COMPLETION: (WaveKind.BASELINE, WaveKind.COMPLETION),
    Contrast.BASELINE_FOLLOW_UP: (WaveKind.BASELINE, WaveKind.FOLLOW_UP),
    Contrast.BEFORE_AFTER_SESSION: (WaveKind.PRE_SESSION, WaveKind.POST_SESSION),
    Contrast.THEN_COMPLETION: (WaveKind.THEN_TEST, WaveKind.COMPLETION),
    Contrast.RESPONSE_SHIFT: (WaveKind.THEN_TEST, WaveKind.BASELINE),
}

THEN_CONTRASTS = (Contrast.THEN_COMPLETION, Contrast.RESPONSE_SHIFT)
"""Contrasts with a then-test (baseline re-rated at completion): shown beside the others, never instead of them."""


class Evidence(StrEnum):
    """Whether a measure rests on the person's own word."""

    OBJECTIVE = "objective"
    SELF_REPORT = "self_report"


class EnrolmentRole(StrEnum):
    """What a person does in a cohort. Only participants count as reached."""

    PARTICIPANT = "participant"
    HUB_TEAM = "hub_team"
    GUEST = "guest"
