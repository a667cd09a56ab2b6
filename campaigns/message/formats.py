"""The three ways to write an email. Each keeps what was written in it while another one is used."""

from __future__ import annotations

from typing import Any, Final

from campaigns.message.blocks import NotPossible

LABELS: Final = {"blocks": "Blocks", "mjml": "MJML", "html": "HTML"}

MJML_STARTER: Final = """\
<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="Helvetica, Arial, sans-serif" />
    </mj-attributes>
  </mj-head>
  <mj-body background-color="#f4f5f7">
    <mj-section background-color="#ffffff">
      <mj-column>
        <mj-text font-size="24px">Hello {{ contact.first_name | default: "there" }}</mj-text>
        <mj-text>What is new.</mj-text>
        <mj-button href="https://www.example.com/">Have a look</mj-button>
      </mj-column>
    </mj-section>
    <mj-section>
      <mj-column>
        <mj-text font-size="12px"><a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""
HTML_STARTER: Final = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <style>
      body { font-family: Helvetica, Arial, sans-serif; }
    </style>
  </head>
  <body>
    <h1>Hello {{ contact.first_name | default: "there" }}</h1>
    <p>What is new.</p>
    <p><a href="https://www.example.com/">Have a look</a></p>
    <p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>
  </body>
</html>
"""
STARTERS: Final = {"mjml": MJML_STARTER, "html": HTML_STARTER}


def switch(content: dict[str, Any], to: str) -> str:
    """Writes into the content; answers what happened to what was there before."""
    was = content.get("format", "blocks")
    if to not in LABELS:
        raise NotPossible("There is no such format.")
    if to == was:
        return f"It is written as {LABELS[to]} already."
    kept = dict(content.get("kept") or {})
    if was != "blocks":
        kept[was] = content.get("source", "")
    content["kept"] = kept
    content["format"] = to
    if to == "blocks":
        content.pop("source", None)
    else:
        content["source"] = kept.pop(to, "") or STARTERS[to]
    return f"Now written as {LABELS[to]}. Your {LABELS[was]} version is kept: switch back to have it again."


def warning_for(content: dict[str, Any], to: str) -> str:
    """What a switch would take out of sight; empty when there is nothing."""
    was = content.get("format", "blocks")
    if to == was:
        return ""
    is_written = (
        content.get("blocks") if was == "blocks" else content.get("source") != STARTERS[was]
    )
    if not is_written:
        return ""
    return (
        f"The message is written anew in {LABELS[to]}. The {LABELS[was]} version is not sent then,"
        " but kept for when you switch back."
    )
