"""From bytes to text: marks first, then UTF-16 without one, UTF-8, Shift-JIS, Windows-1252, Mac Roman."""

from __future__ import annotations

from echo_metrics.errors import FileRefused

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DAMAGED_AT_MOST = 0.02
"""Share of a text's non-ASCII characters that may be broken before it is taken for another encoding."""

# What Windows-1252 shows where the file was written on an old Mac: signs that hardly ever stand inside a word.
_ODD_IN_WORDS = frozenset("‡ˆ‰Š‹ŒŽšœžŸ†ƒ„™›¸¾¿¨¯")
_OPENING, _CLOSING = frozenset("‘“"), frozenset("”")


def decode(name: str, data: bytes) -> tuple[str, str, int]:
    """Return text, encoding and how many damaged places were replaced by U+FFFD. Raises `FileRefused` for no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(name, data, encoding)
    sample = data[:4000]
    if sample.count(0) > len(sample) // 5:
        encoding = "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
        try:
            return _without_nul(name, data.decode(encoding)), encoding, 0
        except UnicodeDecodeError as error:
            raise _no_text(name) from error
    try:
        return _without_nul(name, data.decode("utf-8")), "utf-8", 0
    except UnicodeDecodeError:
        pass
    if 0 in data:
        raise _no_text(name)
    mended = _mended(data)
    if mended is not None:
        return mended[0], "utf-8", mended[1]
    return _legacy(name, data)


def _marked(name: str, data: bytes, encoding: str) -> tuple[str, str, int]:
    try:
        return _without_nul(name, data.decode(encoding)), encoding, 0
    except UnicodeDecodeError as error:
        mended = _mended(data[3:]) if encoding == "utf-8-sig" and 0 not in data else None
        if mended is not None:
            return mended[0], encoding, mended[1]
        raise FileRefused(
            name, f"claims to be {encoding} text but breaks off or is damaged.", "Export it again."
        ) from error


def _mended(data: bytes) -> tuple[str, int] | None:
    """The text of a UTF-8 file with a few broken places, and their number; None where it is no UTF-8 at all."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    beyond = sum(1 for c in text if c > "\x7f") - broken
    return (text, broken) if broken and broken <= max(1, _DAMAGED_AT_MOST * beyond) and beyond >= 5 * broken else None


def _legacy(name: str, data: bytes) -> tuple[str, str, int]:
    readings = {}
    for encoding in ("cp932", "cp1252", "mac_roman"):
        try:
            readings[encoding] = data.decode(encoding)
        except UnicodeDecodeError:
            continue
    if _mostly_japanese(readings.get("cp932", "")):
        return readings["cp932"], "cp932", 0
    # Bytes that Windows-1252 leaves undefined point to an old Mac export; so do its odd signs inside words.
    western, mac = readings.get("cp1252"), readings.get("mac_roman")
    if western is not None and (mac is None or _likely(western) >= _likely(mac)):
        return western, "cp1252", 0
    if mac is None or sum(c < " " and c not in "\t\r\n\x0b\x0c" for c in mac) > len(mac) // 50:
        raise _no_text(name)
    return mac, "mac_roman", 0


def _mostly_japanese(text: str) -> bool:
    """Whether Shift-JIS is the right reading: Western text shows half-width katakana then, or single signs in words."""
    wide = half = lonely = 0
    for before, c, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if "\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff":
            wide += 1
            lonely += (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
        elif "\uff61" <= c <= "\uff9f":
            half += 1
    return wide > 10 * half and wide > 2 * lonely


def _likely(text: str) -> int:
    """How often a sign beyond ASCII stands where it may in a word, less those that stand where none does."""
    score = 0
    for before, c, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if c < "\x80":
            continue
        first, last = not before.isalpha(), not after.isalpha()
        if c in _OPENING or c in _CLOSING:
            score += 1 if (c in _OPENING and first) or (c in _CLOSING and last) else -1
        elif c == "\u2019" and not first and not last:
            score += 1
        elif first and last:
            continue
        elif c in _ODD_IN_WORDS or (c.isupper() and before.islower()):
            score -= 1
        elif c.isalpha():
            score += 1
    return score


def _without_nul(name: str, text: str) -> str:
    at = text.find("\x00")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise FileRefused(
            name,
            f"holds a NUL character in line {line}, so it is damaged or not a text file.",
            "Export it again from the tool it came from.",
        )
    return text


def _no_text(name: str) -> FileRefused:
    return FileRefused(name, "is not a text file or workbook.", "Import the CSV or XLSX export.")
