"""The simple email: blocks become tables that every mail program shows, also in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Final

from campaigns.rendering.formatting import escaped, formatted

COLOR: Final = "#066fd1"
WIDTH: Final = 600
FONT: Final = (
    "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
)

_TONE = re.compile(r"#[0-9a-fA-F]{6}")
_HEAD: Final = """<!DOCTYPE html>
<html lang="en" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="x-apple-disable-message-reformatting">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>%(title)s</title>
<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; width: 100%%; -webkit-text-size-adjust: 100%%; }
@media (max-width: 480px) { .sf-pad { padding-left: 20px !important; padding-right: 20px !important; } }
@media (prefers-color-scheme: dark) {
.sf-page { background: #16181d !important; }
.sf-card { background: #22252c !important; }
.sf-text, .sf-heading { color: #f1f3f5 !important; }
.sf-small, .sf-small a { color: #a9b0ba !important; }
.sf-text a.sf-link, .sf-text a { color: #7db8ff !important; }
.sf-line { border-top-color: #454b55 !important; }
}
</style>
</head>
<body class="sf-page" style="margin:0;padding:0;background:#f4f5f7">
"""
_FRAME: Final = """<table role="presentation" width="100%%" cellpadding="0" cellspacing="0" border="0" class="sf-page" style="background:#f4f5f7">
<tr><td align="center" style="padding:24px 8px">
<!--[if mso]><table role="presentation" width="%(width)d" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" width="100%%" cellpadding="0" cellspacing="0" border="0" class="sf-card" style="max-width:%(width)dpx;background:#ffffff;border-radius:8px">
%(rows)s
<tr><td style="padding:0 0 24px;font-size:0;line-height:0">&nbsp;</td></tr>
</table>
%(footer)s
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
"""


def blocks_html(content: Mapping[str, Any], *, postal_address: str, title: str = "") -> str:
    """The template: HTML with Liquid in it. It always ends with the address and a link to
    unsubscribe."""
    color = color_of(content)
    blocks: Sequence[Mapping[str, Any]] = content.get("blocks") or []
    rows = "\n".join(_row(block, color) for block in blocks if block.get("kind") in KINDS)
    return _HEAD % {"title": escape(title)} + _FRAME % {
        "width": WIDTH,
        "rows": rows,
        "footer": footer(postal_address),
    }


def color_of(content: Mapping[str, Any]) -> str:
    color = content.get("color")
    return color if isinstance(color, str) and _TONE.fullmatch(color) else COLOR


def ink_on(color: str) -> str:
    """White or black, whichever is read better on the colour (WCAG's contrast)."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else "#000000"


def footer(postal_address: str) -> str:
    lines = [escape(line.strip()) for line in postal_address.splitlines() if line.strip()]
    # An address is the admins' text and no template.
    address = "<br>\n".join(line.replace("{", "&#123;") for line in lines)
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="max-width:{WIDTH}px"><tr><td class="sf-pad sf-small" align="center" '
        f'style="{FONT};font-size:12px;line-height:18px;color:#5c6470;padding:16px 32px">\n'
        + (f"{address}<br>\n" if address else "")
        + '<a href="{{ unsubscribe_url }}" style="color:#5c6470;text-decoration:underline">Unsubscribe</a>'
        "\n</td></tr></table>"
    )


def _row(block: Mapping[str, Any], color: str) -> str:
    return KINDS[block["kind"]](block, color)


def _cell(inside: str, style: str, align: str, name: str = "") -> str:
    classes = f"sf-pad {name}".strip()
    return f'<tr><td class="{classes}" align="{align}" style="{FONT};text-align:{align};{style}">{inside}</td></tr>'


def _align(block: Mapping[str, Any]) -> str:
    align = block.get("align")
    return align if align in ("left", "center", "right") else "left"


def _heading(block: Mapping[str, Any], _color: str) -> str:
    text = formatted(str(block.get("text") or ""))
    inside = (
        '<h1 class="sf-heading" style="margin:0;font-size:24px;line-height:32px;font-weight:700;'
        f'color:#1f2328">{text}</h1>'
    )
    return _cell(inside, "padding:28px 32px 4px", _align(block))


def _text(block: Mapping[str, Any], color: str) -> str:
    text = formatted(
        str(block.get("text") or ""), link_style=f"color:{color};text-decoration:underline"
    )
    style = "font-size:16px;line-height:26px;color:#1f2328;padding:12px 32px"
    return _cell(text, style, _align(block), "sf-text")


def _button(block: Mapping[str, Any], color: str) -> str:
    url, label = escaped(str(block.get("url") or "")), escaped(str(block.get("text") or ""))
    align = _align(block)
    inside = (
        f'<table role="presentation" cellpadding="0" cellspacing="0" border="0" align="{align}"><tr>'
        f'<td align="center" bgcolor="{color}" style="border-radius:6px;background:{color}">'
        f'<a href="{url}" style="display:inline-block;padding:12px 24px;{FONT};font-size:16px;'
        f"line-height:24px;font-weight:600;color:{ink_on(color)};text-decoration:none;"
        f'border-radius:6px;border:1px solid {color}">{label}</a></td></tr></table>'
    )
    return _cell(inside, "padding:12px 32px", align)


def _image(block: Mapping[str, Any], _color: str) -> str:
    width = number_within(block.get("width"), 1, WIDTH, WIDTH - 64)
    align = _align(block)
    image = (
        f'<img src="{escaped(str(block.get("src") or ""))}" alt="{escaped(str(block.get("alt") or ""))}" '
        f'width="{width}" style="display:inline-block;width:100%;max-width:{width}px;height:auto;border:0">'
    )
    if url := str(block.get("url") or "").strip():
        image = f'<a href="{escaped(url)}" style="text-decoration:none">{image}</a>'
    return _cell(image, "padding:12px 32px;font-size:14px;line-height:20px", align)


def _divider(_block: Mapping[str, Any], _color: str) -> str:
    line = '<div class="sf-line" style="border-top:1px solid #d8dde3;font-size:0;line-height:0">&nbsp;</div>'
    return _cell(line, "padding:16px 32px", "left")


def _spacer(block: Mapping[str, Any], _color: str) -> str:
    height = number_within(block.get("height"), 1, 400, 24)
    return (
        f'<tr><td height="{height}" style="height:{height}px;font-size:0;line-height:{height}px">'
        "&nbsp;</td></tr>"
    )


def number_within(value: object, low: int, high: int, otherwise: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return otherwise
    return max(low, min(high, value))


KINDS: Final[dict[Any, Callable[[Mapping[str, Any], str], str]]] = {
    "heading": _heading,
    "text": _text,
    "button": _button,
    "image": _image,
    "divider": _divider,
    "spacer": _spacer,
}
