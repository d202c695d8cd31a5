"""A release that a test made up, put into the registry beside the real ones."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from echo_metrics.sharing import registry
from echo_metrics.sharing.release import Release
from echo_metrics.store import Control


def plant(control: Control, release: Release, at: datetime) -> Release:
    """Keep `release` as a live one under the next number, past the gate, and return it so."""
    planted = replace(release, number=max(e.number for e in registry.releases(control)) + 1)
    body = planted.document()
    row = {
        "id": planted.number, "title": planted.title, "networks": json.dumps([k for k, _ in planted.networks]),
        "preset": planted.preset.value, "standing": False, "status": "live", "document": json.dumps(body),
        "checksum": body["checksum"], "data_version": planted.data_version, "made_by": "local",
        "made_at": at, "approved_by": None, "changed_at": at,
    }  # fmt: skip
    control.change(lambda writer: writer.insert("release", [row]))
    return planted
