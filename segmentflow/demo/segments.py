"""The segments of the demonstration, as the API would take them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

JSON = dict[str, Any]


class Described(NamedTuple):
    key: str
    name: str
    description: str
    tags: tuple[str, ...]
    definition: JSON


def _all(*children: JSON) -> JSON:
    return {"kind": "group", "match": "all", "children": list(children)}


def _any(*children: JSON, name: str = "") -> JSON:
    named = {"name": name} if name else {}
    return {"kind": "group", "match": "any", **named, "children": list(children)}


def _none(*children: JSON, name: str = "") -> JSON:
    return _any(*children, name=name) | {"match": "none"}


def _field(key: str, operator: str, value: Any = None) -> JSON:
    given = {} if value is None else {"value": value}
    return {"kind": "field", "field": key, "operator": operator, **given}


def _event(event: str, **more: Any) -> JSON:
    return {"kind": "event", "event": event, **more}


def _never(event: str, **more: Any) -> JSON:
    return _event(event, operator="equals", value=0, **more)


def _at_least(times: int, event: str, **more: Any) -> JSON:
    return _event(event, operator="at_least", value=times, **more)


def _where(attribute: str, value: str) -> JSON:
    condition = {
        "kind": "attribute",
        "attribute": attribute,
        "type": "text",
        "operator": "equals",
        "value": value,
    }
    return _all(condition)


def _duration(amount: int, unit: str) -> JSON:
    return {"amount": amount, "unit": unit}


def _last(amount: int, unit: str) -> JSON:
    return {"kind": "last", "amount": amount, "unit": unit}


def _spent(more_than: int, window: JSON) -> JSON:
    return _event(
        "Purchase",
        window=window,
        measure={"of": "sum", "attribute": "amount"},
        operator="greater_than",
        value=more_than,
    )


def _member(key: str, *, member: bool) -> JSON:
    return {"kind": "segment", "segment": key, "member": member}


SCENARIOS: Final = (
    Described(
        "inactive-vips",
        "Inactive VIPs",
        "Good customers who have gone quiet: time for a personal offer before they are lost.",
        ("e-commerce", "vip", "win-back"),
        _all(
            _field("Status_VIP", "in", ["Platinum", "Gold"]),
            {
                "kind": "occurrence",
                "event": "Purchase",
                "which": "last",
                "window": {"kind": "before_ago", **_duration(90, "day")},
            },
        ),
    ),
    Described(
        "sms-activation",
        "SMS activation",
        "Store customers who allow text messages and have stopped reading mail.",
        ("retail", "sms"),
        _all(
            _field("SMS_consent", "is_true"),
            _field("Loyalty_card", "is_set"),
            _at_least(1, "Purchase", window=_last(6, "month"), where=_where("channel", "store")),
            _never("MailOpen", window=_last(60, "day")),
        ),
    ),
    Described(
        "product-cross-sell",
        "Credit card cross-sell",
        "Busy current accounts without a credit card, with a balance that allows one.",
        ("banking", "cross-sell"),
        _all(
            _field("Bank_products", "contains_any", ["Current account"]),
            _field("Bank_products", "contains_none", ["Credit card"]),
            _field("Account_balance", "at_least", 1500),
            _at_least(4, "Card_payment", window=_last(3, "month")),
        ),
    ),
    Described(
        "last-minute-travel",
        "Last-minute travellers",
        "Looked at several trips this week and booked none: an offer for the weekend may decide.",
        ("travel", "last-minute"),
        _all(
            _field("Home_airport", "is_set"),
            _at_least(2, "Page_visit", window=_last(7, "day"), where=_where("section", "travel")),
            _never("Booking", window=_last(30, "day")),
        ),
    ),
    Described(
        "preventive-care",
        "Preventive-care reminder",
        "A check-up is due within 30 days, and none was made lately.",
        ("health", "reminder"),
        _all(
            _field("Health_plan", "is_set"),
            _any(
                _field("Next_checkup_date", "in_next", _duration(30, "day")),
                _field("Next_checkup_date", "in_last", _duration(60, "day")),
                name="Check-up due or overdue",
            ),
            _never("Appointment", window=_last(10, "month"), where=_where("purpose", "check-up")),
        ),
    ),
)

OTHERS: Final = (
    Described(
        "no-opens-30-days",
        "No opens in 30 days",
        "Allow mail and had some chance to read it, but opened nothing for a month.",
        ("email", "engagement"),
        _all(
            _field("Email_consent", "is_true"),
            _field("created_at", "more_than_ago", _duration(30, "day")),
            _never("MailOpen", window=_last(30, "day")),
        ),
    ),
    Described(
        "abandoned-cart",
        "Abandoned cart",
        "Put something into the cart during the last week and did not buy within an hour.",
        ("e-commerce", "cart"),
        _all(
            {
                "kind": "sequence",
                "window": _last(7, "day"),
                "steps": [
                    {"event": "Cart_add"},
                    {"event": "Purchase", "within": _duration(1, "hour"), "performed": False},
                ],
            }
        ),
    ),
    Described(
        "new-this-week",
        "New this week",
        "Came within the last seven days: welcome them.",
        ("welcome",),
        _all(_field("created_at", "in_last", _duration(7, "day"))),
    ),
    Described(
        "birthday-soon",
        "Birthday soon",
        "Have their birthday within a week.",
        ("greetings",),
        _all(_field("Birthday", "anniversary_in_next", _duration(7, "day"))),
    ),
    Described(
        "big-spenders",
        "Big spenders",
        "Spent more than 1,200 in the last 12 months.",
        ("e-commerce", "retail", "vip"),
        _all(_spent(1200, _last(12, "month"))),
    ),
    Described(
        "one-time-buyers",
        "One-time buyers",
        "Bought exactly once, more than two weeks ago: the second purchase decides.",
        ("e-commerce", "retail"),
        _all(
            _event("Purchase", operator="equals", value=1),
            _never("Purchase", window=_last(14, "day")),
        ),
    ),
    Described(
        "most-engaged",
        "Most engaged",
        "Read and click: three mails or more opened in 30 days, and at least one visit in 14.",
        ("email", "engagement"),
        _all(
            _at_least(3, "MailOpen", window=_last(30, "day")),
            _any(
                _at_least(1, "Page_visit", window=_last(14, "day")),
                _at_least(1, "MailClick", window=_last(14, "day")),
                name="Recently seen",
            ),
        ),
    ),
    Described(
        "unsubscribed",
        "Unsubscribed",
        "Asked for no more newsletters during the last year.",
        ("email",),
        _all(_at_least(1, "Unsubscribe", window=_last(12, "month"))),
    ),
    Described(
        "lapsing-customers",
        "Lapsing customers",
        "Bought three times or more in the year before, and nothing for 60 days.",
        ("retail", "win-back"),
        _all(
            _at_least(
                3,
                "Purchase",
                window={
                    "kind": "between_ago",
                    "from": _duration(365, "day"),
                    "to": _duration(60, "day"),
                },
            ),
            _never("Purchase", window=_last(60, "day")),
        ),
    ),
    Described(
        "spring-catalogue",
        "Spring catalogue",
        "Big spenders by post or mail, without those who asked for silence.",
        ("campaign",),
        _all(
            _member("big-spenders", member=True),
            _none(
                _member("unsubscribed", member=True),
                _member("inactive-vips", member=True),
                name="Not for them",
            ),
        ),
    ),
)

LIST: Final = Described(
    "store-opening-guests",
    "Store opening guests",
    "Signed the guest book when the store by the harbour opened; listed by hand.",
    ("event", "retail"),
    {},
)

DRAFT: Final = Described(
    "spring-campaign-idea",
    "Spring campaign idea",
    "To be talked about: like travelling, and booked a trip last year.",
    ("campaign", "travel"),
    _all(
        _field("Interests", "contains_any", ["Travel"]),
        _at_least(1, "Booking", window=_last(12, "month")),
    ),
)
# Each refers to earlier ones only.
LIVE: Final = (*SCENARIOS, *OTHERS)
