"""`python -m benchmarks.fuzz_imports [--cases N] [--seed N] [--seconds N]`: damaged files must be refused or add up.

Sample and demonstration files are changed at random: bytes, rows, columns, headings, encodings, sizes. Each case must
end within a time limit either in a sentence that names the file, or in an account in which read = loaded + quarantined
+ ignored and every physical row was read. Anything else is printed with the seed that makes it again.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import random
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from echo_metrics.definitions import load_definitions
from echo_metrics.errors import FileRefused
from echo_metrics.ingest.detect import parse
from echo_metrics.ingest.load import import_bytes
from echo_metrics.ingest.readers.base import Context
from echo_metrics.ingest.source import open_document
from echo_metrics.store import Store

ROOT = Path(__file__).resolve().parent.parent
LIMIT_SECONDS = 30
"""No case may take longer; a clean file of this size takes well under a second."""
KEPT_BYTES = 60_000
LOADED_EVERY = 10
"""Every so many cases the file is also loaded into a store, in a rehearsal that keeps nothing."""

Change = Callable[[random.Random, bytes], bytes]


@dataclass(frozen=True)
class Outcome:
    """What came of one case. `fault` is None where it was handled as it should be."""

    status: str
    fault: str | None = None


def seeds() -> list[tuple[str, bytes]]:
    """(name, bytes) of the files to change: the demonstration's and, where there are any, the samples."""
    folders = [ROOT / "data" / "demo", ROOT.parent / "shared" / "samples"]
    kinds = {".csv", ".xlsx", ".txt", ".qsf", ".toml"}
    paths = [p for f in folders if f.is_dir() for p in sorted(f.rglob("*")) if p.suffix in kinds]
    return [(p.name, p.read_bytes() if p.suffix == ".xlsx" else p.read_bytes()[:KEPT_BYTES]) for p in paths]


def run_case(seed: int, files: list[tuple[str, bytes]], context: Context, store: Store | None) -> tuple[str, Outcome]:
    """Make the case of this seed and try it. Returns what was done and what came of it."""
    rng = random.Random(seed)
    name, data = rng.choice(files)
    done = []
    for _ in range(rng.randint(1, 4)):
        kind, change = rng.choice(CHANGES)
        done.append(kind)
        data = change(rng, data)
    case = f"mutated-{rng.choice(('', '2024-03-25-'))}{seed}.csv"
    return f"{name}: {', '.join(done)}", try_file(case, data, context, store)


def try_file(name: str, data: bytes, context: Context, store: Store | None = None) -> Outcome:
    """Open and read a file, and load it where a store is given; see the module for what must hold."""
    try:
        with time_limit(LIMIT_SECONDS):
            document = open_document(name, data)
            parsed = parse(document, context)
            account = parsed.account
            if account.read != account.loaded + len(account.quarantined) + sum(account.ignored.values()):
                return Outcome("faulty", "the account does not balance")
            physical = sum(len(t.rows) for t in document.tables)
            if account.read not in (physical, len(document.text.splitlines())):
                return Outcome("faulty", f"{physical} rows are there, {account.read} were read")
            if store is not None:
                report = import_bytes(store, name, data, dry_run=True)
                if report.status != "refused" and not report.balanced:
                    return Outcome("faulty", "the report does not balance")
                if report.status == "refused" and name not in report.message and not report.message:
                    return Outcome("faulty", "refused without a sentence")
        return Outcome("read")
    except FileRefused as refusal:
        return Outcome("refused") if name in str(refusal) else Outcome("faulty", f"the file is not named: {refusal}")
    except Exception:  # every other exception is what this program looks for
        return Outcome("faulty", traceback.format_exc(limit=-6))


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise `TimeoutError` in the running code after so many seconds (where the platform has alarms)."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: object) -> None:
        raise TimeoutError(f"took more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# -- changes: bytes --------------------------------------------------------------------------------------------------


def _change_byte(rng: random.Random, data: bytes) -> bytes:
    raw = bytearray(data)
    for _ in range(rng.randint(1, 20)):
        if raw:
            raw[rng.randrange(len(raw))] = rng.randrange(256)
    return bytes(raw)


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _double(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at : at + rng.randint(1, 2000)] + data[at:]


def _insert(rng: random.Random, data: bytes) -> bytes:
    bits = (b'"', b",", b"\n", b"\xff", b"\t;", b"=1+1", b"\r", b"\x00", b"\xef\xbb\xbf", b'""', b"<U+2019>", b"\x1a")
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(bits) + data[at:]
    return data


# -- changes: the table ----------------------------------------------------------------------------------------------


def _on_rows(change: Callable[[random.Random, list[list[str]]], None]) -> Change:
    def changed(rng: random.Random, data: bytes) -> bytes:
        if data.startswith(b"PK"):
            return data
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        try:
            text = data.decode(encoding)
            separator = "\t" if text.count("\t") > text.count(",") else ","
            rows = [r[:2000] for r in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]
        except (UnicodeDecodeError, csv.Error):
            return data
        if not rows:
            return data
        change(rng, rows)
        out = io.StringIO()
        csv.writer(out, delimiter=rng.choice((separator, separator, ",", ";", "\t"))).writerows(rows)
        return out.getvalue().encode("utf-8")

    return changed


def _drop_row(rng: random.Random, rows: list[list[str]]) -> None:
    del rows[rng.randrange(len(rows))]


def _repeat_row(rng: random.Random, rows: list[list[str]]) -> None:
    rows.insert(rng.randrange(len(rows) + 1), list(rng.choice(rows)))


def _blank_rows(rng: random.Random, rows: list[list[str]]) -> None:
    for _ in range(rng.randint(1, 60)):
        rows.insert(rng.randrange(min(len(rows), 5) + 1), rng.choice(([], [""], ["", "", ""])))


def _notes_above(rng: random.Random, rows: list[list[str]]) -> None:
    rows[:0] = [["Exported by a colleague"], ["sep=,"], []][: rng.randint(1, 3)]


def _shuffle_columns(rng: random.Random, rows: list[list[str]]) -> None:
    width = max(len(r) for r in rows)
    order = list(range(width))
    rng.shuffle(order)
    rows[:] = [[r[i] if i < len(r) else "" for i in order] for r in rows]


def _drop_column(rng: random.Random, rows: list[list[str]]) -> None:
    at = rng.randrange(max(len(r) for r in rows) or 1)
    rows[:] = [[c for i, c in enumerate(r) if i != at] for r in rows]


def _repeat_column(rng: random.Random, rows: list[list[str]]) -> None:
    at = rng.randrange(max(len(r) for r in rows) or 1)
    rows[:] = [[*r[:at], *r[at : at + 1] * 2, *r[at + 1 :]] for r in rows]


def _change_headings(rng: random.Random, rows: list[list[str]]) -> None:
    row = rng.randrange(min(len(rows), 4))
    ways: tuple[Callable[[str], str], ...] = (
        str.upper,
        str.swapcase,
        lambda h: h.replace(" ", "\u00a0"),
        lambda h: f"  {h}\n",
        lambda h: f"<b>{h}</b>",
        lambda h: "",
        lambda h: "name",
    )
    rows[row] = [rng.choice(ways)(h) if rng.random() < 0.4 else h for h in rows[row]]


def _change_cells(rng: random.Random, rows: list[list[str]]) -> None:
    odd = ("", "0", "-1", "99", "nan", "inf", "1e400", "31/31/2024", "00:00", "0001-01-01 00:00", "9999-12-31 23:59:59",
           "3,5", "=HYPERLINK(1)", "\u202e", "NA", "--", "[not completed]", "12:00", "45000.5", "Joined", "2024-03-25",
           "2024-03-25 12:00:00 UTC", "2024-03-25T12:00:00+14:00", "Yes", "a@b", "x" * 5000)  # fmt: skip
    for _ in range(rng.randint(1, 30)):
        row = rng.choice(rows)
        if row:
            row[rng.randrange(len(row))] = rng.choice(odd)


def _many_columns(rng: random.Random, rows: list[list[str]]) -> None:
    extra = rng.choice((300, 10_000, 25_000))
    for row in rows[:30]:
        row += ["1"] * extra if rng.random() < 0.7 else [""] * extra
    del rows[30:]


def _huge_cell(rng: random.Random, rows: list[list[str]]) -> None:
    row = rng.choice(rows[:8])
    if row:
        row[rng.randrange(len(row))] = rng.choice(("a", " ", "(", "1,", "\n", "é", "<b>")) * 400_000


def _many_rows(rng: random.Random, rows: list[list[str]]) -> None:
    rows += [list(rng.choice(rows)) for _ in range(rng.randint(500, 3000))]


# -- changes: encodings and wrappings --------------------------------------------------------------------------------


def _encode(rng: random.Random, data: bytes) -> bytes:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return data
    other = rng.choice(("utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp932", "mac_roman", "utf-8-sig", "utf-32"))
    return text.encode(other, errors="replace")


def _wrap(rng: random.Random, data: bytes) -> bytes:
    if rng.random() < 0.3:
        return gzip.compress(data)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(rng.randint(1, 3)):
            archive.writestr(
                rng.choice((f"export{i}.csv", f"general/2024-03-2{i}.json", f"{i}/users.json", f"{i}.bin")), data
            )
    return out.getvalue()


def _bomb(rng: random.Random, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.csv", b"," * (20 * 1024 * 1024))
        if rng.random() < 0.5:
            archive.writestr("[Content_Types].xml", b"<x/>")
            archive.writestr("xl/worksheets/sheet1.xml", b'<c r="A1"><c r="XFD1048576">' + b" " * 10_000_000)
    return out.getvalue()


CHANGES: tuple[tuple[str, Change], ...] = (
    ("bytes changed", _change_byte),
    ("bytes changed", _change_byte),
    ("cut off", _cut),
    ("part doubled", _double),
    ("bits put in", _insert),
    ("bits put in", _insert),
    ("row dropped", _on_rows(_drop_row)),
    ("row repeated", _on_rows(_repeat_row)),
    ("blank rows", _on_rows(_blank_rows)),
    ("notes above", _on_rows(_notes_above)),
    ("columns shuffled", _on_rows(_shuffle_columns)),
    ("column dropped", _on_rows(_drop_column)),
    ("column repeated", _on_rows(_repeat_column)),
    ("headings changed", _on_rows(_change_headings)),
    ("headings changed", _on_rows(_change_headings)),
    ("cells changed", _on_rows(_change_cells)),
    ("cells changed", _on_rows(_change_cells)),
    ("cells changed", _on_rows(_change_cells)),
    ("many columns", _on_rows(_many_columns)),
    ("huge cell", _on_rows(_huge_cell)),
    ("many rows", _on_rows(_many_rows)),
    ("encoded anew", _encode),
    ("wrapped", _wrap),
    ("bomb", _bomb),
)


def main() -> int:
    """Run the cases and print what came of them; exit code 1 if any was at fault."""
    parser = argparse.ArgumentParser(prog="benchmarks.fuzz_imports", description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0, help="stop after so many seconds (0: never)")
    options = parser.parse_args()
    files, context = seeds(), Context(load_definitions())
    begun, counts, faults, slowest = time.perf_counter(), Counter[str](), 0, (0.0, "")
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "fuzz.duckdb") as store:
        for seed in range(options.seed, options.seed + options.cases):
            if options.seconds and time.perf_counter() - begun > options.seconds:
                break
            started = time.perf_counter()
            what, outcome = run_case(seed, files, context, store if seed % LOADED_EVERY == 0 else None)
            slowest = max(slowest, (time.perf_counter() - started, f"seed {seed}: {what}"))
            counts[outcome.status] += 1
            if outcome.fault is not None:
                faults += 1
                print(f"seed {seed}: {what}\n{outcome.fault}\n")
    print(f"{sum(counts.values())} cases in {time.perf_counter() - begun:.0f} s: {dict(counts)}")
    print(f"slowest: {slowest[0]:.1f} s, {slowest[1]}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
