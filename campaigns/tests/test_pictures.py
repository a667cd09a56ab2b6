"""Pictures: what is taken for one, who sees it, and when it can go."""

from __future__ import annotations

import struct
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.models import Campaign
from campaigns.pictures.keeping import MOST_BYTES, address_of, keep_picture
from campaigns.pictures.models import Picture
from campaigns.pictures.reading import NotAPicture, read_picture
from campaigns.services import change_campaign
from segmentflow.roles import CAMPAIGN_MANAGERS
from segmentflow.tests.made import sign_in
from tests.site.world import DOT

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PAGE = "/campaigns/pictures"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x06\0\0\0"
JPEG = (
    b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    b"\xff\xff\xc2\0\x11\x08" + struct.pack(">HH", 30, 40) + b"\x03"
)
WEBP_X = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\x63\0\0" + b"\x31\0\0"
WEBP_L = b"RIFF\0\0\0\0WEBPVP8L\x0a\0\0\0\x2f" + struct.pack("<I", 99 | 49 << 14)
WEBP = b"RIFF\0\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 100, 50)


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        (PNG, ("image/png", 640, 480)),
        (JPEG, ("image/jpeg", 40, 30)),
        (DOT, ("image/gif", 1, 1)),
        (WEBP_X, ("image/webp", 100, 50)),
        (WEBP_L, ("image/webp", 100, 50)),
        (WEBP, ("image/webp", 100, 50)),
    ],
)
def test_type_and_size_are_read_from_the_content(data, facts):
    assert read_picture(data) == facts


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>",
        b"<html><script>alert(1)</script>",
        b"RIFF\0\0\0\0WAVEfmt ",
        PNG[:20],
        JPEG[:24],
        b"\xff\xd8\xff\xda\0\x02",
        PNG.replace(struct.pack(">I", 640), struct.pack(">I", 0)),
        PNG.replace(struct.pack(">I", 640), struct.pack(">I", 60_000)),
    ],
)
def test_anything_else_is_no_picture(data):
    with pytest.raises(NotAPicture):
        read_picture(data)


@pytest.mark.parametrize("data", [PNG, JPEG, DOT, WEBP_X, WEBP_L, WEBP])
def test_a_picture_may_end_anywhere(data):
    for end in range(len(data)):
        with suppress(NotAPicture):
            read_picture(data[:end])


@pytest.fixture
def manager(client, db):
    return sign_in(client, CAMPAIGN_MANAGERS)


def upload(client, data, name="photo.png", query=""):
    return client.post(PAGE + query, {"file": SimpleUploadedFile(name, data)})


def test_a_picture_that_was_added_is_seen_by_anybody_who_knows_its_address(client, manager):
    assert upload(client, DOT, name="C:\\x/really.png").status_code == 302

    picture = Picture.objects.get()
    assert picture.name == "really.png"
    assert (picture.content_type, picture.width, picture.author) == ("image/gif", 1, manager)
    client.logout()
    answer = client.get(f"/m/i/{picture.token}.gif")
    assert answer.content == DOT
    assert answer["Content-Type"] == "image/gif"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert client.get(f"/m/i/{picture.token}.png").status_code == 404
    assert client.get("/m/i/other.gif").status_code == 404


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"<svg/>", "not a PNG, JPEG, GIF or WebP"), (DOT + bytes(MOST_BYTES), "2 MB at most")],
)
def test_what_is_no_picture_is_refused_on_the_page(client, manager, data, said):
    answer = upload(client, data)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Picture.objects.exists()


def test_a_picture_stays_while_a_campaign_shows_it(client, manager):
    picture = keep_picture(name="a", data=DOT, author=None, now=NOW)
    block = {"id": "b1", "kind": "image", "src": address_of(picture)}
    campaign = Campaign.objects.create(
        name="Spring", channel="email", status="done", frozen={"content": {"blocks": [block]}}
    )

    refused = client.post(f"{PAGE}/{picture.pk}/delete")
    assert refused.status_code == 409
    assert "“Spring”" in refused.content.decode()
    campaign.delete()
    assert client.post(f"{PAGE}/{picture.pk}/delete").status_code == 302
    assert not Picture.objects.exists()


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_picture_stays_while_it_is_in_what_is_kept_of_another_channel_or_format(
    client, manager, channel
):
    picture = keep_picture(name="a", data=DOT, author=None, now=NOW)
    kept = {"kept": {"html": f'<img src="{address_of(picture)}">'}}
    email = Campaign.objects.create(name="Spring", channel="email", content=kept)
    change_campaign(campaign=email, revision=0, changes={"channel": channel}, by=None, now=NOW)

    assert client.post(f"{PAGE}/{picture.pk}/delete").status_code == 409
