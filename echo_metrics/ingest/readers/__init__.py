"""One module a format. Each has `recognise(document, context)` and `read(document, match, context)`.

Formats are told by content, never by name or extension; the surest match wins.
"""
