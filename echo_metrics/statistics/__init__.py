"""Statistics of one measure: counts in, result dataclasses out; nothing here reads a file, a clock or a
database.

One module a family. Everything starts from `counts.PairCounts` (people counted by score before and score
after) or `counts.Counts` (people counted by score), because those tables hold all that a one-measure
statistic needs. A result that can't be computed is None with a sentence saying why; there are no NaNs and no
warnings.
"""
