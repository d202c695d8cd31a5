"""Ledgers to start from, for typical hubs: every value with its public source, every local one left to the hub."""

from __future__ import annotations

from importlib.resources import files

import tomli_w

from echo_metrics.errors import UserError

PRESETS = {
    "canada_psychosocial": "Canada: psychosocial palliative care network of a provincial hub (CAD)",
    "uk_hospice": "United Kingdom: network of a hospice hub (GBP)",
    "us_rural": "United States: rural primary care or pain network (USD)",
}
"""The presets by name, with what they are meant for."""
NETWORK, COHORT = 'network = "Name of the network"', '# cohort = "Cohort 1"'


def preset_text(name: str, network: str = "", cohort: str = "") -> str:
    """A preset as TOML, with the network and cohort written in. Raises `UserError` for an unknown name."""
    if name not in PRESETS:
        raise UserError(f"There is no preset '{name}'. There are: {', '.join(PRESETS)}.")
    text = files("echo_metrics.definitions").joinpath(f"roi_presets/{name}.toml").read_text(encoding="utf-8")
    # The cohort first, each once: a name may hold what the other line looks like.
    if cohort:
        text = text.replace(COHORT, tomli_w.dumps({"cohort": cohort}).rstrip("\n"), 1)
    if network:
        text = text.replace(NETWORK, tomli_w.dumps({"network": network}).rstrip("\n"), 1)
    return text
