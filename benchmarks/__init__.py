"""What answers and imports cost, beside what they could cost at least. `python -m benchmarks`."""
