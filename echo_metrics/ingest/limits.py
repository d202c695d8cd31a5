"""How large an input may be. Beyond these bounds a file is refused with a sentence, before it costs memory."""

from __future__ import annotations

MAX_BYTES = 256 * 1024 * 1024
"""Larger files are refused before they are read: a year of one hub's exports stays far below."""
MAX_CELL = 2 * 1024 * 1024
"""No answer is this long; a longer cell means that the file is not a table or a quote was never closed."""
MAX_UNPACKED = 1024 * 1024 * 1024
"""An archive that unpacks to more than this is taken for a decompression bomb."""
MAX_COLUMNS = 20_000
MAX_WORKBOOK_CELLS = 5_000_000
MAX_TEXT_CELLS = 60_000_000
MAX_MEMBERS = 5_000
"""Files inside one archive."""
