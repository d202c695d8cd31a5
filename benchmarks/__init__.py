"""What answers and imports cost, beside what they could cost at least. `python -m benchmarks`.

By themselves: `python -m benchmarks.shared` for releases and their pages, `python -m benchmarks.roi` for the simulation
of a ledger.
"""
