"""DuckDB files: opening, migrations, queries and transactions. All SQL lives here."""

from echo_metrics.store.control import Control, control_path
from echo_metrics.store.database import Writer
from echo_metrics.store.store import Store

__all__ = ["Control", "Store", "Writer", "control_path"]
