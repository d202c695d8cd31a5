"""Do disciplines differ, does attendance go with change, and what of people who rated again and again?"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from echo_metrics.answers.checks.case import LEAST_GROUP, MOST_PEOPLE, Case, Values, Words, check, signed
from echo_metrics.answers.figures import INTERVAL_FROM
from echo_metrics.answers.model import Interval, Result
from echo_metrics.answers.scope import Scoped
from echo_metrics.definitions import Definitions
from echo_metrics.statistics.adjusted import ancova
from echo_metrics.statistics.clustered import random_intercept
from echo_metrics.statistics.partial_pooling import partial_pooling
from echo_metrics.statistics.rank_groups import kruskal_wallis
from echo_metrics.statistics.words import p_words
from echo_metrics.store import Store
from echo_metrics.terms import SCORE_UNIT


def disciplines(rows: list[tuple[str, int, int, int]], definitions: Definitions, case: Case) -> list[Result]:
    """One test of difference, and each discipline's change drawn towards the common mean: never a league table."""
    groups: dict[str, Values] = {}
    for discipline in dict.fromkeys(r[0] for r in rows):
        values = [(a - b) / SCORE_UNIT for d, b, a, n in rows if d == discipline for _ in range(n)]
        if len(values) >= LEAST_GROUP:
            groups[discipline] = np.array(values)
    if len(groups) < 2:
        return []
    changes = list(groups.values())
    inside = sum(float(((g - g.mean()) ** 2).sum()) for g in changes) / (sum(map(len, changes)) - len(changes))
    if inside <= 0:
        return []
    test = kruskal_wallis(changes)
    pooled = partial_pooling([float(g.mean()) for g in changes], [inside / len(g) for g in changes])

    def words() -> Words:
        clear = test.p is not None and test.p < 0.05
        lead = (
            f"The changes of the {len(groups)} disciplines with five people or more differ beyond chance"
            if clear
            else f"There is no sign that the {len(groups)} disciplines with five people or more changed differently; "
            "so few people could not show a small difference"
        )
        drawn = ", ".join(
            f"{definitions.discipline_label(d).lower()} {signed(s)}"
            for d, s in zip(groups, pooled.shrunken or (), strict=False)
        )
        shrunk = f" Drawn towards their common mean, as small groups should be: {drawn}." if drawn else ""
        return f"{lead}{f' ({p_words(test.p)})' if test.p is not None else ''}.{shrunk}", None

    method = "Kruskal-Wallis test on change; partial pooling by REML with the common within-variance"
    smallest = min(len(g) for g in changes)
    return [check(case, "disciplines", "Do disciplines differ?", smallest, words, method)]


def dose(store: Store, asked: dict[str, Any], case: Case) -> list[Result]:
    """Those who came to more than half of the sessions against the others, allowing for where they started."""
    rows = store.rows("dose_cells", asked)
    group, before, after = [], [], []
    for _, most, b, a, n in rows:
        group += ["most" if most else "fewer"] * int(n)
        before += [int(b) / SCORE_UNIT] * int(n)
        after += [int(a) / SCORE_UNIT] * int(n)
    counts = [group.count("most"), group.count("fewer")]
    if min(counts) < LEAST_GROUP:
        return []
    fitted = ancova(group, before, after)
    means = dict(zip(fitted.groups, fitted.adjusted_means or (), strict=False))
    if not means:
        return []

    def words() -> Words:
        gap = means["most"] - means["fewer"]
        how = f" ({p_words(fitted.p)})" if fitted.p is not None else ""
        return (
            f"Allowing for where they started, the {counts[0]} people who came to more than half of the sessions ended "
            f"at {means['most']:.1f}, the {counts[1]} others at {means['fewer']:.1f}{how}. The scores after are "
            "compared, not the changes: whoever starts low tends to rise and whoever starts high to fall, whatever "
            "they attend (regression to the mean). Keener people may come more often: this is no proof that coming "
            "made the difference."
        ), Interval(gap)

    method = "Analysis of covariance: score after by score before and attendance (more than half of the sessions)"
    return [check(case, "dose", "Attendance and change", min(counts), words, method)]


def repeated(store: Store, scoped: Scoped, case: Case) -> list[Result]:
    """The session ratings under a model that knows that the same people rate again and again."""
    rows = store.rows("session_changes", {**scoped.parameters, "measure": case.measure.key})
    by_person: dict[str, list[int]] = defaultdict(list)
    for person, change in rows:
        by_person[str(person)].append(int(change))
    # Ordered by what they answered, not by their keys: sums of floats must not depend on a store's own hashing key.
    people = sorted(by_person.values())
    if len(people) < INTERVAL_FROM or len(rows) > MOST_PEOPLE:
        return []
    names = [i for i, changes in enumerate(people) for _ in changes]
    model = random_intercept(names, [c / SCORE_UNIT for changes in people for c in changes])
    if model.intercept is None or model.low is None or model.high is None:
        return []
    mean, low, high = model.intercept, model.low, model.high

    def words() -> Words:
        return (
            f"A model that knows that {len(people)} people gave these {len(rows)} pairs of ratings finds an average "
            f"change of {signed(mean)} (95% CI {signed(low)} to {signed(high)}). Ratings are not people: "
            f"{len(rows)} would "
            "be too many."
        ), Interval(mean, low, high)

    method = "Random intercept for each person, REML (normal interval, a little narrow below 30 people)"
    return [check(case, "repeated", "The same people, several sessions", len(people), words, method)]
