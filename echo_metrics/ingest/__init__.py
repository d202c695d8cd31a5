"""From a hub's raw files to canonical records: nothing is lost on the way in."""
