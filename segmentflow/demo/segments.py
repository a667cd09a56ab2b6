"""The segments of the demonstration, as somebody would have described them by hand."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

Json = dict[str, Any]


class Described(NamedTuple):
    key: str
    name: str
    description: str
    tags: tuple[str, ...]
    definition: Json


class Listed(NamedTuple):
    key: str
    name: str
    description: str
    tags: tuple[str, ...]
    share: float
    """How many of all people are on the list."""


def _group(match: str, *children: Json, name: str = "") -> Json:
    group = {"kind": "group", "match": match, "children": list(children)}
    return group | ({"name": name} if name else {})


def _all(*children: Json, name: str = "") -> Json:
    return _group("all", *children, name=name)


def _any(*children: Json, name: str = "") -> Json:
    return _group("any", *children, name=name)


def _field(key: str, operator: str, value: Any = None) -> Json:
    condition = {"kind": "field", "field": key, "operator": operator}
    return condition if value is None else {**condition, "value": value}


def _event(key: str, **parts: Any) -> Json:
    return {"kind": "event", "event": key, **parts}


def _at_least(key: str, times: int, **parts: Any) -> Json:
    return _event(key, operator="at_least", value=times, **parts)


def _never(key: str, **parts: Any) -> Json:
    return _event(key, operator="equals", value=0, **parts)


def _where(attribute: str, value: str) -> Json:
    shared = {"kind": "attribute", "attribute": attribute, "type": "text"}
    return _all({**shared, "operator": "equals", "value": value})


def _for(amount: int, unit: str) -> Json:
    return {"amount": amount, "unit": unit}


def _last(amount: int, unit: str) -> Json:
    return {"kind": "last", **_for(amount, unit)}


def _segment(key: str, *, member: bool = True) -> Json:
    return {"kind": "segment", "segment": key, "member": member}


# In an order in which each refers to earlier ones only.
LIVE: Final = (
    Described(
        "inactive-vips",
        "Inactive VIPs",
        "Gold and Platinum customers whose last purchase was more than 90 days ago:"
        " worth a personal offer before they are gone.",
        ("e-commerce", "vip", "win-back"),
        _all(
            _field("Status_VIP", "in", ["Gold", "Platinum"]),
            _at_least("Purchase", 1),
            {
                "kind": "occurrence",
                "event": "Purchase",
                "which": "last",
                "window": {"kind": "before_ago", **_for(90, "day")},
            },
        ),
    ),
    Described(
        "unsubscribed",
        "Unsubscribed",
        "Asked for no more newsletters, or never agreed to them. Other segments leave them out.",
        ("consent", "email"),
        _any(_at_least("Unsubscribe", 1), _field("Email_consent", "is_false")),
    ),
    Described(
        "sms-activation",
        "SMS activation",
        "Shop in our stores and agreed to text messages, but have not followed a link in one"
        " for 60 days.",
        ("retail", "sms"),
        _all(
            _field("SMS_consent", "is_true"),
            _field("phone", "is_set"),
            _field("Loyalty_card", "is_set"),
            _never("SmsClick", window=_last(60, "day")),
        ),
    ),
    Described(
        "product-cross-sell",
        "Product cross-sell",
        "Have a current account and use it, but have no credit card yet.",
        ("banking", "cross-sell"),
        _all(
            _field("Bank_products", "contains_any", ["Current account"]),
            _field("Bank_products", "contains_none", ["Credit card"]),
            _any(
                _at_least("Account_login", 2, window=_last(30, "day")),
                _at_least("Card_payment", 3, window=_last(30, "day")),
                name="Uses the account",
            ),
        ),
    ),
    Described(
        "last-minute-travel",
        "Last-minute travel",
        "Looked at trips in the last two weeks and have booked none for two months.",
        ("season", "travel"),
        _all(
            _at_least("Page_visit", 1, where=_where("section", "travel"), window=_last(14, "day")),
            _never("Booking", window=_last(60, "day")),
        ),
    ),
    Described(
        "preventive-care-reminder",
        "Preventive-care reminder",
        "Their check-up is due within three weeks or overdue, and they had none this half-year.",
        ("health", "reminder"),
        _all(
            _any(
                _field("Next_checkup_date", "in_next", _for(21, "day")),
                _field("Next_checkup_date", "in_last", _for(6, "month")),
                name="Due",
            ),
            _never("Appointment", where=_where("purpose", "check-up"), window=_last(6, "month")),
        ),
    ),
    Described(
        "no-opens-30-days",
        "No opens in 30 days",
        "Used to open our newsletters, and have opened none for 30 days.",
        ("email", "win-back"),
        _all(
            _at_least("MailOpen", 1),
            _never("MailOpen", window=_last(30, "day")),
            _segment("unsubscribed", member=False),
        ),
    ),
    Described(
        "abandoned-cart",
        "Abandoned cart",
        "Put something into the cart this week and did not buy within a day.",
        ("e-commerce", "reminder"),
        _all(
            {
                "kind": "sequence",
                "window": _last(7, "day"),
                "steps": [
                    {"event": "Cart_add"},
                    {"event": "Purchase", "within": _for(1, "day"), "performed": False},
                ],
            }
        ),
    ),
    Described(
        "new-this-week",
        "New this week",
        "Came to us in the last seven days: time for a welcome.",
        ("onboarding",),
        _all(_field("created_at", "in_last", _for(7, "day"))),
    ),
    Described(
        "birthday-soon",
        "Birthday soon",
        "Have their birthday today or within a week.",
        ("birthday", "reminder"),
        _all(_field("Birthday", "anniversary_in_next", _for(7, "day"))),
    ),
    Described(
        "big-spenders",
        "Big spenders",
        "Bought for more than 2,000 in the last twelve months.",
        ("e-commerce", "retail", "value"),
        _all(
            _event(
                "Purchase",
                measure={"of": "sum", "attribute": "amount"},
                window=_last(12, "month"),
                operator="greater_than",
                value=2000,
            )
        ),
    ),
    Described(
        "one-time-buyers",
        "One-time buyers",
        "Bought once and never again, more than a month ago.",
        ("e-commerce", "second purchase"),
        _all(
            _event("Purchase", operator="equals", value=1),
            _never("Purchase", window=_last(30, "day")),
        ),
    ),
    Described(
        "most-engaged",
        "Most engaged",
        "Open mails and visit the shop time and again; they still want to hear from us.",
        ("email", "value"),
        _all(
            _at_least("MailOpen", 2, window=_last(60, "day")),
            _at_least("Page_visit", 3, measure={"of": "days"}, window=_last(60, "day")),
            _segment("unsubscribed", member=False),
        ),
    ),
)
DRAFT: Final = Described(
    "spring-campaign-idea",
    "Spring campaign idea",
    "To be talked about: like fashion, and bought nothing this month.",
    ("idea", "season"),
    _all(
        _field("Interests", "contains_any", ["Fashion", "Sports"]),
        _never("Purchase", window={"kind": "period", "period": "this_month"}),
    ),
)
LIST: Final = Listed(
    "store-opening-guests",
    "Store opening guests",
    "Signed the guest book when the store by the harbour opened.",
    ("event", "retail"),
    0.03,
)
