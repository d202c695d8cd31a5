"""The DuckDB store: opening, migrations, queries and transactions. All SQL lives here."""

from echo_metrics.store.store import Store, Writer

__all__ = ["Store", "Writer"]
