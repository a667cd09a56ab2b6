"""Ten segments that nearly everybody wants sooner or later, as templates."""

from __future__ import annotations

from typing import Final

from segments.starting.pieces import (
    all_of,
    any_of,
    at_least,
    before_ago,
    between_ago,
    duration,
    field,
    last,
    last_one,
    never,
    none_of,
    performed,
    spent,
)
from segments.starting.scenarios import RETAIL
from segments.starting.template import Template

ENGAGEMENT: Final = "Engagement"

USUAL: Final = (
    Template(
        key="no-opens-30-days",
        name="No opens in 30 days",
        description="Known for over a month and opened no mail in 30 days: write less, or differently.",
        category=ENGAGEMENT,
        icon="mail-off",
        definition=all_of(
            field("created_at", "more_than_ago", duration(30, "day")),
            never("MailOpen", window=last(30, "day")),
        ),
    ),
    Template(
        key="abandoned-cart",
        name="Abandoned cart",
        description="Put something into the cart this week and did not buy within an hour.",
        category=RETAIL,
        icon="shopping-cart",
        definition=all_of(
            {
                "kind": "sequence",
                "window": last(7, "day"),
                "steps": [
                    {"event": "Cart_add"},
                    {"event": "Purchase", "within": duration(1, "hour"), "performed": False},
                ],
            }
        ),
    ),
    Template(
        key="new-this-week",
        name="New this week",
        description="Came within the last seven days: welcome them.",
        category=ENGAGEMENT,
        icon="user-plus",
        definition=all_of(field("created_at", "in_last", duration(7, "day"))),
    ),
    Template(
        key="birthday-soon",
        name="Birthday soon",
        description="Have their birthday today or within the next seven days.",
        category=ENGAGEMENT,
        icon="cake",
        definition=all_of(field("Birthday", "anniversary_in_next", duration(7, "day"))),
    ),
    Template(
        key="big-spenders",
        name="Big spenders",
        description="Spent more than 1,000 in the last 12 months: thank them first.",
        category=RETAIL,
        icon="coins",
        definition=all_of(spent(1000, last(12, "month"))),
    ),
    Template(
        key="one-time-buyers",
        name="One-time buyers",
        description="Bought exactly once, more than two weeks ago: the second purchase decides.",
        category=RETAIL,
        icon="shopping-bag",
        definition=all_of(
            performed("Purchase", operator="equals", value=1),
            last_one("Purchase", before_ago(14, "day")),
        ),
    ),
    Template(
        key="lapsing",
        name="Lapsing",
        description="Used to buy again and again, and have bought nothing for 60 days.",
        category=RETAIL,
        icon="hourglass",
        definition=all_of(
            at_least(3, "Purchase", window=between_ago(duration(365, "day"), duration(60, "day"))),
            never("Purchase", window=last(60, "day")),
        ),
    ),
    Template(
        key="most-engaged",
        name="Most engaged",
        description="Open your mails often and have visited or clicked lately: your best audience.",
        category=ENGAGEMENT,
        icon="flame",
        definition=all_of(
            at_least(3, "MailOpen", window=last(30, "day")),
            any_of(
                performed("Page_visit", window=last(14, "day")),
                performed("MailClick", window=last(14, "day")),
                name="Seen lately",
            ),
        ),
    ),
    Template(
        key="unsubscribed",
        name="Unsubscribed",
        description="Asked for no more newsletters, at any time: leave them out of mailings.",
        category=ENGAGEMENT,
        icon="bell-off",
        definition=all_of(performed("Unsubscribe")),
    ),
    Template(
        key="at-risk",
        name="At risk",
        description="Customers of the last year who neither buy, read nor visit any more.",
        category=RETAIL,
        icon="heart-broken",
        definition=all_of(
            performed("Purchase", window=last(12, "month")),
            none_of(
                performed("Purchase", window=last(60, "day")),
                performed("MailOpen", window=last(60, "day")),
                performed("Page_visit", window=last(60, "day")),
                name="Any sign of life",
            ),
        ),
    ),
)
