"""Every segment computed anew for everybody, as others do now and then: how old their answers get.

With the product's own SQL, by two connections; nothing is stored.
"""

from __future__ import annotations

from bench.speed import contenders
from bench.speed.checking import check
from bench.speed.findings import Finding, Gathered
from bench.speed.stage import Stage

FEW = 1_000
"""Contacts that are checked; nothing is written here."""


def run(stage: Stage) -> list[Finding]:
    found = Gathered("all_anew")
    with stage.on("small") as site:
        for _ in range(stage.runs):
            seconds = contenders.rebuild_all()
            note = "all segments, evaluated and not stored"
            found.add(f"{site.contacts:,} contacts", seconds, "s", better="less", note=note)
        few = range(site.first_contact_id, site.first_contact_id + min(FEW, site.contacts))
        mistakes = check(site, contacts=list(few))
        note = f"of {len(few):,} contacts"
        found.add("mistakes", mistakes, "", bar=0, better="less", note=note)
    return found.findings()
