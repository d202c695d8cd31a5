"""Finds LibreOffice for the tests that let another program recompute a workbook, or installs it where that is possible.

`python -m tests.office` installs Debian's `libreoffice-calc-nogui` when root; without it those tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

NAMES = ("soffice", "libreoffice")
PATIENCE = 180
"""Seconds for one conversion; the first start writes a profile."""


def find() -> str | None:
    """The path of LibreOffice on this machine, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def ensure() -> str | None:
    """Find LibreOffice or install it; None where it can't be had."""
    if find() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "libreoffice-calc-nogui"],
            check=False,
            env=environment,
        )
    return find()


def recomputed(program: str, workbooks: Sequence[Path], folder: Path) -> list[Path]:
    """Copies of workbooks in `folder`, opened, calculated and saved by LibreOffice with a profile of its own."""
    profile, out = folder / "profile", folder / "recomputed"
    subprocess.run(
        [
            program,
            f"-env:UserInstallation={profile.resolve().as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(out),
            *map(str, workbooks),
        ],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    return [out / workbook.name for workbook in workbooks]


if __name__ == "__main__":
    print(f"Spreadsheet program for the tests: {ensure() or 'none; what needs one is skipped'}")
