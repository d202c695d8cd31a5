"""A ledger as people keep it: a TOML text, a workbook with living formulas, or the rows of a table on the screen."""
