"""The parts that pages are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.urls import reverse

import segmentflow.urls
from segmentflow import development
from segmentflow.models import User

urlpatterns = [*segmentflow.urls.urlpatterns, *development.urlpatterns]


def drawn(text, **context):
    query = context.pop("query", "")
    context["request"] = RequestFactory().get(f"/list?{query}")
    return Template("{% load ui %}" + text).render(Context(context))


def test_an_icon_is_hidden_from_screen_readers():
    assert 'aria-hidden="true"' in drawn('{% icon "users" %}')


def test_a_badge_shows_text_as_text():
    assert "&lt;b&gt;" in drawn("{% badge said 'good' %}", said="<b>")


def test_a_badge_of_an_unknown_tone_is_a_mistake():
    with pytest.raises(TemplateSyntaxError, match="tone"):
        drawn("{% badge 'Live' 'purple' %}")


def test_a_moment_says_the_exact_time_on_hover(settings):
    settings.TIME_ZONE = "Europe/Warsaw"
    at = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)

    assert 'title="1 July 2026, 12:30:00 CEST"' in drawn("{% ago at %}", at=at)


def test_no_moment_is_never():
    assert "never" in drawn("{% ago at %}", at=None)


@pytest.mark.parametrize(
    ("amount", "said"), [(0, "0 contacts"), (1, "1 contact"), (1234, "1,234 contacts")]
)
def test_a_count_agrees_with_its_word(amount, said):
    assert drawn('{% count amount "contact" %}', amount=amount) == said


@pytest.mark.parametrize(
    ("done", "total", "width"), [(0, 0, "0.0"), (1, 4, "25.0"), (9, 4, "100.0")]
)
def test_a_bar_never_leaves_its_track(done, total, width):
    assert (
        f'width="{width}"' in drawn('{% bar done total "share" %}', done=done, total=total)
        or width == "0.0"
    )


@pytest.mark.parametrize("values", [[], [5], [0, 0, 0], [1, 9, 4], [-3, 3]])
def test_a_sparkline_stays_inside_its_box(values):
    text = drawn('{% sparkline values "sizes" %}', values=values)
    points = text.partition('points="')[2].partition('"')[0].split()

    assert len(points) == len(values)
    for point in points:
        x, y = map(float, point.split(","))
        assert 0 <= x <= 96
        assert 0 <= y <= 24


def test_sorting_keeps_the_search_and_begins_anew():
    text = drawn('{% sort_header "name" "Name" %}', query="q=vip&after=9", sort="")

    assert 'href="?q=vip&amp;sort=name"' in text
    assert "aria-sort" not in text


def test_sorting_a_second_time_turns_round():
    text = drawn('{% sort_header "name" "Name" %}', sort="name")

    assert 'href="?sort=-name"' in text
    assert 'aria-sort="ascending"' in text


class ExampleForm(forms.Form):
    name = forms.CharField(help_text="What it is called.")
    agrees = forms.BooleanField()


def test_a_wrong_field_says_so_to_everybody():
    text = drawn("{% field form.name %}", form=ExampleForm({}))

    assert 'aria-invalid="true"' in text
    assert "This field is required." in text
    described = text.partition('aria-describedby="')[2].partition('"')[0].split()
    assert all(f'id="{one}"' in text for one in described)
    assert len(described) == 2


def test_a_tick_box_stands_in_its_label():
    text = drawn("{% field form.agrees %}", form=ExampleForm())

    assert text.index("<label") < text.index('type="checkbox"') < text.index("</label>")


def test_what_stands_between_tags_is_kept():
    text = drawn('{% card "Members" id="members" %}<p>{{ name }}</p>{% endcard %}', name="<Anna>")

    assert "<p>&lt;Anna&gt;</p>" in text
    assert 'aria-labelledby="members-title"' in text


@pytest.mark.django_db
@pytest.mark.urls("segmentflow.tests.test_ui")
def test_the_page_of_components_shows_them(client):
    client.force_login(User.objects.create_user("dev"))

    assert client.get("/components").status_code == 200
    assert b"Delete segment" in client.get("/components/question").content
    part = client.get("/components/question", headers={"hx-request": "true"}).content
    assert part.strip().startswith(b"<form")


@pytest.mark.django_db
def test_nobody_meets_the_page_of_components_in_an_installation(client):
    client.force_login(User.objects.create_user("dev"))

    assert client.get("/components").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("chosen", "kept"), [("dark", "dark"), ("light", "light"), ("system", ""), ("<b>", "")]
)
def test_the_choice_of_colours_is_kept_in_a_cookie(client, chosen, kept):
    response = client.post(reverse("theme"), {"theme": chosen, "next": "/segments?q=a"})

    assert response.headers["Location"] == "/segments?q=a"
    assert response.cookies["theme"].value == kept


@pytest.mark.django_db
def test_choosing_colours_never_leads_to_another_site(client):
    form = {"theme": "dark", "next": "https://elsewhere.example/"}

    assert client.post(reverse("theme"), form).headers["Location"] == "/"


def test_moments_ahead_are_said_too():
    at = datetime.now(UTC) + timedelta(days=3, minutes=1)

    assert "3\xa0days from now" in drawn("{% ago at %}", at=at)
