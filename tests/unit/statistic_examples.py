"""One request of each method that is in order: what the bad-input tests spoil, field by field."""

from __future__ import annotations

from typing import Any

PAIRS = {"pre": [2, 3, 3, 2, 4, 3, 2, 5, 3, 4], "post": [3, 4, 3, 4, 4, 2, 3, 5, 4, 5]}
TABLE = {"levels": [1, 2, 3], "table": [[4, 5, 1], [1, 6, 3], [0, 2, 5]]}
ITEMS = [[3, 4, 3], [5, 5, 4], [2, 3, 1], [4, 4, 5], [1, 2, 2], [3, 3, 4]]

EXAMPLES: dict[str, dict[str, Any]] = {
    "ancova": {"group": list("aaabbb"), "covariate": [1, 2, 4, 1, 3, 4], "y": [2, 3, 4, 3, 5, 7]},
    "anhoej_limits": {"n": [10, 24]},
    "benefit_cost": {"revenue_gain": 1000, "margin": 0.2, "costs": 150},
    "bootstrap_bca": {"y": [1, 2, 2, 5, 7, 9], "level": 0.9, "resamples": 500},
    "bowker": {"table": TABLE["table"]},
    "brunner_munzel": {"x": [1, 2, 2, 3], "y": [2, 3, 4]},
    "c_chart": {"counts": [3, 5, 2, 8]},
    "cochran_q": {"rows": [[1, 0, 1], [0, 0, 1], [1, 1, 1], [0, 1, 1]]},
    "completer_comparison": {"completers": [1, 2, 4, 4], "non_completers": [2, 3, 5]},
    "cronbach_alpha": {"items_in_columns": ITEMS},
    "difference_of_proportions": {"x1": 7, "n1": 34, "x2": 1, "n2": 34},
    "discount_factors": {"year": [1, 2, 10], "rate": 0.035},
    "evpi_discrete": {"p": [0.5, 0.5], "payoff": [[10, -5], [2, 2]]},
    "evpi_normal": {"mean": 100, "sd": 80},
    "exact_bootstrap_mean": {"differences": [-1, 0, 1, 2]},
    "feldt_ci": {"alpha": 0.8, "k": 5, "n": 26, "level": 0.95},
    "fisher_exact": {"table": [[3, 1], [1, 3]]},
    "friedman": {"rows": [[1, 2, 3], [2, 1, 4], [1, 3, 3], [2, 2, 5]]},
    "gee_exchangeable": {
        "id": [1, 1, 2, 2, 3, 3, 4, 4], "age": [1, 2, 1, 3, 2, 4, 1, 5], "y": [2, 3, 1, 5, 4, 5, 3, 7],
    },
    "hodges_lehmann": {"differences": [1, 3, 5, 7]},
    "icc": {"ratings": [[9, 2, 5], [6, 1, 3], [8, 4, 6], [7, 1, 2]]},
    "jonckheere": {"groups": [[1, 2, 3], [2, 3, 4], [4, 4, 5]]},
    "kruskal_wallis": {"groups": [[1, 2, 3], [2, 3, 4], [4, 4, 5]]},
    "mann_whitney": {"a": [3, 4, 5, 5], "b": [1, 2, 3]},
    "mcdonald_omega": {"covariance": [[1.4, 1.1, 0.9], [1.1, 1.7, 1.0], [0.9, 1.0, 1.2]], "n": 60},
    "mcnemar": {"b": 9, "c": 2, "concordant": [21, 12]},
    "minimal_detectable_effect": {"n": [10, 26], "power": 0.8},
    "moment_matching": {"gamma_mean": 2, "gamma_sd": 1, "lnorm_mean": 3, "lnorm_var": 0.01},
    "npv": {"rate": 0.08, "flows": [-100, 60, 70], "flows_irr": [-100, 60, 70]},
    "p_adjust": {"p": [0.5, 0.01, 0.03]},
    "p_chart": {"defects": [3, 5, 2], "n": 20},
    "paired_change": TABLE,
    "paired_difference_of_proportions": {"tables": [[4, 9, 3, 16], [5, 1, 8, 9]]},
    "paired_t": PAIRS,
    "partial_pooling": {"estimate": [0.1, 0.5, -0.2], "variance": [0.02, 0.05, 0.03]},
    "partially_overlapping_t": {
        "a_paired": [3, 4, 5, 6], "b_paired": [2, 4, 4, 5], "a_unpaired": [3, 5], "b_unpaired": [2, 2, 4],
    },
    "partially_overlapping_z": {
        "a_paired": [1, 0, 1, 1], "b_paired": [0, 0, 1, 0], "a_unpaired": [1, 0], "b_unpaired": [0, 0, 1],
    },
    "payback": {"outlay": 100, "flows": [50, 60, 70], "rate": 0.08},
    "pearson": {"x": [1, 2, 3, 4, 6], "y": [2, 1, 4, 3, 7]},
    "pert_triangular": {"min": 3, "mode": 5, "max": 10},
    "power": {"n": 20, "delta": 1, "sd": 1, "alpha": 0.05},
    "product_moments": {"pert": [3, 5, 10], "gamma": [2, 1], "beta": [0.5, 0.2]},
    "proportion_ci": {"x": [15, 0], "n": [148, 20]},
    "random_intercept": {"group": ["1", "1", "2", "2", "3", "3"], "y": [5, 6, 8, 8, 3, 4]},
    "rank_biserial_independent": {"a": [3, 4, 5, 5], "b": [1, 2, 3]},
    "rank_biserial_paired": PAIRS,
    "reliable_change": {"pre": 32.5, "post": 47.5, "sd_pre": 7.5, "reliability": 0.8},
    "repeated_measures_d": PAIRS,
    "rubin_rules": {"estimates": [0.5, 0.6, 0.4], "variances": [0.04, 0.05, 0.04], "n": 26, "k": 1},
    "run_chart": {"y": [3, 5, 4, 6, 2, 7, 4, 5, 3, 6, 8, 2]},
    "sign_flip_exact": {"differences": [1, 2, -1, 3, 0, 2]},
    "sign_test": PAIRS,
    "signed_rank_asymptotic": {"difference_counts": {"-1": 3, "0": 10, "1": 9, "2": 4}},
    "signed_rank_exact": {"differences": [1, 2, -1, 3, 0, 2]},
    "spearman": {"x": [1, 2, 3, 4, 6], "y": [2, 1, 4, 3, 7]},
    "sroi": {
        "quantity": 40, "proxy": 850, "investment": 21000, "deadweight": 0.25, "attribution": 0.3, "displacement": 0.1,
        "drop_off": 0.2, "years": 3, "rate": 0.035,
    },
    "standardised_mean_change": {
        "m_pre": [30, 23], "m_post": [38, 26], "sd_pre": [15, 3], "sd_post": [11, 4], "n": [20, 50], "r": [0.4, 0.6],
    },
    "standardised_mean_difference_ci": PAIRS,
    "stuart_maxwell": {"table": TABLE["table"]},
    "tornado": {
        "base": {"people": 26, "cost": 18}, "low": {"people": 20, "cost": 15}, "high": {"people": 30, "cost": 24},
    },
    "tost": {"mean1": 5.8, "mean2": 5.7, "sd1": 1.1, "sd2": 1.2, "r": 0.7, "n": 65, "bound_dz": 0.4},
    "xmr_chart": {"y": [310, 288, 297, 298, 307, 303, 294]},
}  # fmt: skip

OPTIONAL: dict[str, set[str]] = {
    "benefit_cost": {"margin"},
    "bootstrap_bca": {"level", "resamples"},
    "feldt_ci": {"level"},
    "gee_exchangeable": {"age"},
    "mcdonald_omega": {"n"},
    "mcnemar": {"concordant"},
    "minimal_detectable_effect": {"power"},
    "npv": {"flows", "flows_irr"},
    "paired_change": {"levels"},
    "partially_overlapping_t": {"a_unpaired", "b_unpaired"},
    "partially_overlapping_z": {"a_unpaired", "b_unpaired"},
    "payback": {"rate"},
    "power": {"sd", "alpha"},
    "product_moments": {"pert", "gamma", "beta"},
    "rubin_rules": {"n", "k"},
    "sroi": {"deadweight", "attribution", "displacement", "drop_off", "years", "rate"},
}
"""Inputs that a method can do without."""
