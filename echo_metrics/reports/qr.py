"""A share link as a QR code for slides: SVG to place in pages, PNG to download. By segno (BSD licence, pure Python)."""

from __future__ import annotations

from io import BytesIO

import segno

from echo_metrics.reports.frame import text

QUIET_ZONE = 4
"""Light modules around the code that readers need (ISO/IEC 18004)."""


def qr_svg(address: str, label: str = "QR code of the share link") -> str:
    """The code as an inline picture, black on its own white ground so that it can be read on a dark page too."""
    code = _code(address)
    size = code.symbol_size(border=QUIET_ZONE)[0]
    drawn: str = code.svg_inline(
        border=QUIET_ZONE, dark="#000000", light="#ffffff", svgclass=None, lineclass=None, omitsize=True
    )
    inner = drawn[drawn.index(">") + 1 :]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" aria-label="{text(label)}" '
        f'viewBox="0 0 {size} {size}" shape-rendering="crispEdges">{inner}'
    )


def qr_png(address: str, scale: int = 12) -> bytes:
    """The code as a PNG file; `scale` is the pixels of one module."""
    out = BytesIO()
    _code(address).save(out, kind="png", scale=scale, border=QUIET_ZONE)
    return out.getvalue()


def _code(address: str) -> segno.QRCode:
    # Level M restores about 15 % of the code: enough for a projector, and still coarse enough to read from afar.
    return segno.make_qr(address, error="m")
