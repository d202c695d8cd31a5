"""Everything the screens say about one paired change, from one table of counts."""

from __future__ import annotations

from dataclasses import dataclass

from echo_metrics.statistics.counts import PairCounts
from echo_metrics.statistics.effect_sizes import effect_sizes, improvement_interval, rank_biserial
from echo_metrics.statistics.moments import correlation, moments
from echo_metrics.statistics.paired_t import NO_PAIRS, ONE_PAIR, paired_t
from echo_metrics.statistics.results import Reasons, reason_for
from echo_metrics.statistics.signed_rank import EXACT_LIMIT, ZeroRule, sign_test, signed_rank

FEWEST_CHANGERS = 6
"""An exact test of m people who changed gives p >= 2 x 2^-m; below six that can't reach 0.05."""

SMALL_GROUP = 30
"""Below this many pairs a figure carries the small-group note."""


@dataclass(frozen=True, slots=True)
class PairedChange:
    """One measure at two moments, for the people who answered at both. Scores are in points; after minus
    before.

    `ci_low` to `ci_high` is the interval of `mean_change` at `level`, `t`, `df` and `p_t` belong to it.
    `p_signed_rank` is the robustness check, `signed_rank_method` names it and `zeros` counts the unchanged.
    `improved` counts scores that rose (whether that is good depends on the measure), `declined` those that
    fell. A field that is None has its sentence in `reasons`; `notes` are what a reader should know besides.
    """

    n: int
    level: float
    mean_before: float | None
    mean_after: float | None
    sd_before: float | None
    sd_after: float | None
    r: float | None
    mean_change: float | None
    sd_change: float | None
    ci_low: float | None
    ci_high: float | None
    t: float | None
    df: int | None
    p_t: float | None
    p_signed_rank: float | None
    mid_p_signed_rank: float | None
    signed_rank_method: str | None
    zeros: int
    p_sign: float | None
    d_z: float | None
    d_z_low: float | None
    d_z_high: float | None
    d_av: float | None
    d_av_low: float | None
    d_av_high: float | None
    g_av: float | None
    g_av_low: float | None
    g_av_high: float | None
    rank_biserial: float | None
    rank_biserial_low: float | None
    rank_biserial_high: float | None
    improved: int
    same: int
    declined: int
    probability_of_improvement: float | None
    probability_of_improvement_low: float | None
    probability_of_improvement_high: float | None
    reasons: Reasons = ()
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> int:
        """How many people changed either way."""
        return self.improved + self.declined

    def reason(self, field: str) -> str | None:
        """Why `field` is None."""
        return reason_for(self.reasons, field)


def _correlation_reason(n: int) -> str:
    if n == 0:
        return NO_PAIRS
    if n == 1:
        return "One pair has no correlation."
    return "All scores at one of the two times are the same."


def _notes(n: int, zeros: int, changed: int, approximate: bool) -> tuple[str, ...]:
    notes = []
    if zeros:
        notes.append(f"{zeros:,} of {n:,} gave the same score both times.")
    if 0 < changed < FEWEST_CHANGERS:
        people = "person" if changed == 1 else "people"
        notes.append(f"Only {changed} {people} changed: too few for a rank test.")
    if 0 < n < SMALL_GROUP:
        notes.append(f"Small group: {n} {'pair' if n == 1 else 'pairs'}.")
    if approximate:
        notes.append(f"Above {EXACT_LIMIT:,} pairs the signed-rank p is a normal approximation.")
    return tuple(notes)


def paired_change(counts: PairCounts, level: float = 0.95) -> PairedChange:
    """Mean change with interval, tests, effect sizes and counts of one measure: the block a screen draws.

    Parameters: counts, pairs by score before and after; level, confidence level of every interval.
    Returns `PairedChange`; see the functions named in each module for formula, variant and source:
    `paired_t`, `signed_rank` (Pratt zeros, exact up to 1,000 pairs), `sign_test`, `effect_sizes`,
    `rank_biserial`, `improvement_interval`.

    When not to use it: it never fails on few people; what can't be computed is None with a reason. Rank tests
    are withheld below six people who changed, as they can't reach 0.05 whatever happened.

    Source: those of the functions named. Checked against R 4.2.2 on two transition tables (reference family
    `paired_change`).

    >>> change = paired_change(PairCounts.from_scores([1, 2, 3, 4], [2, 3, 3, 5]))
    >>> change.mean_change, change.improved, change.same, change.p_signed_rank
    (0.75, 3, 1, None)
    """
    differences = counts.differences
    before, after = moments(counts.before_counts), moments(counts.after_counts)
    test = paired_t(counts, level)
    ranks = signed_rank(differences, ZeroRule.PRATT)
    signs = sign_test(differences)
    sizes = effect_sizes(counts, level)
    biserial = rank_biserial(differences, level)
    n, changed = counts.n_pairs, signs.n_nonzero
    r = correlation(counts)
    p_rank, mid_p, p_sign, method = ranks.p, ranks.mid_p, signs.p, None
    reasons: list[tuple[str, str]] = []

    def missing(field: str, value: object, why: str | None) -> None:
        if value is None and why is not None:
            reasons.append((field, why))

    why_no_rank = NO_PAIRS if n == 0 else ranks.reason("p")
    if 0 < changed < FEWEST_CHANGERS:
        p_rank = mid_p = p_sign = None
        why_no_rank = f"An exact test needs at least {FEWEST_CHANGERS} people who changed to say anything."
    if p_rank is not None:
        exact = ranks.method == "exact"
        method = (
            "exact signed-rank test, unchanged people ranked as Pratt"
            if exact
            else "signed-rank test by normal approximation with ties, unchanged people ranked as Pratt"
        )
    for side, found in (("before", before), ("after", after)):
        missing(f"mean_{side}", found.mean, NO_PAIRS)
        missing(f"sd_{side}", found.sd, NO_PAIRS if n == 0 else ONE_PAIR)
    missing("r", r, _correlation_reason(n))
    for field, of_test, value in (
        ("mean_change", "mean_change", test.mean_change),
        ("sd_change", "sd_change", test.sd_change),
        ("ci_low", "low", test.low),
        ("ci_high", "high", test.high),
        ("t", "t", test.t),
        ("df", "df", test.df),
        ("p_t", "p", test.p),
    ):
        missing(field, value, test.reason(of_test))
    missing("p_signed_rank", p_rank, why_no_rank)
    missing("mid_p_signed_rank", mid_p, why_no_rank or ranks.reason("mid_p"))
    missing("signed_rank_method", method, why_no_rank)
    missing("p_sign", p_sign, why_no_rank)
    for name, size in (("d_z", sizes.d_z), ("d_av", sizes.d_av), ("g_av", sizes.g_av)):
        missing(name, size.value, size.reason)
        missing(f"{name}_low", size.low, size.reason)
        missing(f"{name}_high", size.high, size.reason)
    chance = improvement_interval(differences, level)
    for name, size in (("rank_biserial", biserial), ("probability_of_improvement", chance)):
        missing(name, size.value, size.reason)
        missing(f"{name}_low", size.low, size.reason)
        missing(f"{name}_high", size.high, size.reason)
    return PairedChange(
        n=n,
        level=level,
        mean_before=before.mean,
        mean_after=after.mean,
        sd_before=before.sd,
        sd_after=after.sd,
        r=r,
        mean_change=test.mean_change,
        sd_change=test.sd_change,
        ci_low=test.low,
        ci_high=test.high,
        t=test.t,
        df=test.df,
        p_t=test.p,
        p_signed_rank=p_rank,
        mid_p_signed_rank=mid_p,
        signed_rank_method=method,
        zeros=ranks.n_zeros,
        p_sign=p_sign,
        d_z=sizes.d_z.value,
        d_z_low=sizes.d_z.low,
        d_z_high=sizes.d_z.high,
        d_av=sizes.d_av.value,
        d_av_low=sizes.d_av.low,
        d_av_high=sizes.d_av.high,
        g_av=sizes.g_av.value,
        g_av_low=sizes.g_av.low,
        g_av_high=sizes.g_av.high,
        rank_biserial=biserial.value,
        rank_biserial_low=biserial.low,
        rank_biserial_high=biserial.high,
        improved=signs.n_positive,
        same=ranks.n_zeros,
        declined=signs.n_negative,
        probability_of_improvement=chance.value,
        probability_of_improvement_low=chance.low,
        probability_of_improvement_high=chance.high,
        reasons=tuple(reasons),
        notes=_notes(n, ranks.n_zeros, changed, ranks.method == "asymptotic"),
    )
