"""`python -m benchmarks.shared`: what a release and its page cost, as medians within one run; nothing is asserted.

The demonstration programme, all networks and pages, the standard preset. `live` is one answer of the live gate, to have
something to compare with: a recipient's page must not cost more than a few of them.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from echo_metrics.access import LOCAL_OWNER
from echo_metrics.answers import Filters, ask
from echo_metrics.demo import build_demo
from echo_metrics.server.share import file_of
from echo_metrics.sharing import registry
from echo_metrics.sharing.attack import attack_documents
from echo_metrics.sharing.build import Request
from echo_metrics.sharing.release import release_from
from echo_metrics.store import Control, Store, control_path


def main() -> None:
    """Run and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.duckdb"
        build_demo(path)
        with Store.open(path) as store, Control.open(control_path(path)) as control:
            started = time.perf_counter()
            entry = registry.freeze(store, control, LOCAL_OWNER, Request("Benchmark"))
            made = time.perf_counter() - started
            document = registry.document_of(control, entry.number)
            text = json.dumps(document)
            release = release_from(document)
            live = _median(lambda: ask(store, "competency", Filters(), LOCAL_OWNER))
            page = _median(lambda: file_of(release))
            read = _median(lambda: release_from(json.loads(text)))
            attack = _median(lambda: attack_documents([document]), 3)
    print(f"document {len(text) / 1e6:.2f} MB, page {len(file_of(release)) / 1e6:.2f} MB")
    for name, seconds in (
        ("freeze, attack included", made),
        ("attack alone", attack),
        ("read and check the document", read),
        ("render the page", page),
        ("one live answer", live),
    ):
        print(f"{name:30} {1000 * seconds:9.1f} ms  {seconds / live:8.1f} x live")


def _median(work: Callable[[], object], repeat: int = 7) -> float:
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    main()
