"""A synthetic programme of any size, made by DuckDB itself straight into the canonical tables."""

from __future__ import annotations

from echo_metrics.store import Store

STATEMENTS = (
    "INSERT INTO hub VALUES (1, 'Bench', 'CA', 'UTC', 'CAD', 'en', 1)",
    "INSERT INTO network SELECT i, 1, 'n' || i, 'Network ' || i, '', '', '', 1 FROM range(1, 31) t(i)",
    "INSERT INTO cohort SELECT i, (i - 1) // 4 + 1, 'Cohort ' || ((i - 1) % 4 + 1), (i - 1) % 4 + 1, NULL, NULL, 50, "
    "6, 1 FROM range(1, 121) t(i)",
    """INSERT INTO submission
    SELECT i * 2 + w, 1, '', 1, 'f', i || '/' || w, '', 'current', (i % 120) // 4 + 1, i % 120 + 1, NULL, 'outcomes',
      CASE w WHEN 0 THEN 'baseline' ELSE 'completion' END, '', 'p' || i, i, 'person',
      ['social_work', 'nursing', 'medicine', 'pharmacy'][i % 4 + 1], NULL,
      TIMESTAMP '2020-01-01' + to_days((i % 300)::INT), true, false, i
    FROM range($pairs) t(i), range(2) u(w)""",
    """INSERT INTO score
    SELECT i * 2 + w, 'competency', 2520 * least(5, greatest(1, 1 + (hash(i) % 4)::INT + w * (hash(i * 7) % 2)::INT))
    FROM range($pairs) t(i), range(2) u(w)""",
    """INSERT INTO pair
    SELECT 'baseline-completion', (i % 120) // 4 + 1, i % 120 + 1, NULL, i * 2, i * 2 + 1, 'p' || i,
      ['social_work', 'nursing', 'medicine', 'pharmacy'][i % 4 + 1], TIMESTAMP '2020-06-01' + to_days((i % 300)::INT),
      'person', 'exact'
    FROM range($pairs) t(i)""",
)


def synthetic_store(store: Store, pairs: int) -> None:
    """Fill an empty store with `pairs` people who answered twice, in 30 networks of four cohorts."""
    with store.write() as writer:
        for statement in STATEMENTS:
            writer._cursor.execute(statement, {"pairs": pairs} if "$pairs" in statement else {})
        writer.touch()
