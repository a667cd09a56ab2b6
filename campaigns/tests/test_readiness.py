"""What keeps a campaign from starting is said where it can be put right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.channels.models import Way
from campaigns.models import Campaign, CampaignTarget
from campaigns.readiness import problems_of
from contacts.tests.made import make_contact, make_field
from segments.models import Segment
from segments.tests.made import NOW, make_segment, settled

pytestmark = pytest.mark.django_db

FINE: dict[str, dict] = {
    "email": {"format": "blocks", "subject": "Hi {{ contact.first_name }}", "blocks": [{"kind": "text", "text": "Hello"}]},
    "sms": {"text": "Hi {{ contact.first_name }}. Reply STOP to opt out."},
    "push": {"title": "Hi", "body": "B", "url": "https://shop.example/"},
}  # fmt: skip


def everyone():
    if found := Segment.objects.filter(key="everyone").first():
        return found
    make_contact()
    return settled(make_segment("everyone"))


def campaign(channel="email", *, to=True, **values):
    content = {**FINE[channel], **values.pop("content", {})}
    made = Campaign.objects.create(
        name=values.pop("name", "Spring"), channel=channel, content=content, **values
    )
    if to:
        CampaignTarget.objects.create(campaign=made, segment=everyone())
    return made


def problems(made, *, warnings=False):
    found = problems_of(campaign=made, now=NOW)
    return [(one.where, one.message) for one in found if one.is_warning == warnings]


def content_problems(channel="email", *, warnings=False, **content):
    found = problems(campaign(channel, content=content), warnings=warnings)
    return [one for one in found if one[0].startswith("content")]


def said(found, where):
    return [message for at, message in found if at == where]


@pytest.mark.parametrize("channel", ["email", "sms", "push"])
def test_one_that_is_fine_can_start_and_says_that_nobody_receives_it(channel):
    made = campaign(channel)
    assert problems(made) == []
    warned = problems(made, warnings=True)
    assert "built-in outbox" in said(warned, "channel")[0]
    assert [where for where, _ in warned if where != "channel"] == []


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("http://127.0.0.1:8000", "nobody but this machine"),
        ("https://localhost", "nobody but this machine"),
        ("http://[::1]", "nobody but this machine"),
        ("http://shop.example", "one click"),
        ("https://shop.example", ""),
    ],
)
def test_links_that_lead_nowhere_are_warned_of_where_somebody_receives_them(
    settings, address, word
):
    settings.PUBLIC_URL = address
    made = campaign()
    assert "PUBLIC_URL" not in " ".join(said(problems(made, warnings=True), "channel"))
    Way.objects.create(channel="email", adapter="smtp", config={})
    warned = " ".join(said(problems(made, warnings=True), "channel"))
    assert word in warned
    assert ("PUBLIC_URL" in warned) == bool(word)


def test_a_way_that_is_not_ready_is_said():
    Way.objects.create(channel="email", adapter="smtp", config={})
    assert all(where == "channel" for where, _ in problems(campaign()))
    assert "Email cannot be sent yet." in problems(campaign(to=False))[0][1]


def test_a_campaign_without_a_name_or_an_audience_cannot_start():
    assert problems(campaign(to=False, name=" ", holdout_percent=100)) == [
        ("name", "Give the campaign a name."),
        ("audience", "Choose a segment whose members get the message."),
        ("audience", "The hold-out takes everybody, so nobody would get the message."),
    ]


@pytest.mark.parametrize(
    ("status", "is_error", "word"),
    [
        ("archived", True, "archived"),
        ("draft", True, "Publish"),
        ("paused", False, "paused"),
        ("live", True, "counted"),
    ],
)
def test_segments_that_cannot_be_relied_on_are_said(status, is_error, word):
    made = campaign(to=False)
    segment = make_segment("vips")
    if status == "paused":
        segment = settled(segment)
    type(segment).objects.filter(pk=segment.pk).update(status=status)
    CampaignTarget.objects.create(campaign=made, segment=segment)
    assert word in said(problems(made, warnings=not is_error), "audience")[0]


def test_a_segment_in_which_nobody_is_only_warns():
    made = campaign(to=False)
    CampaignTarget.objects.create(campaign=made, segment=settled(make_segment("vips")))
    assert problems(made) == []
    assert said(problems(made, warnings=True), "audience") == ["Nobody is in “Vips” now."]


def test_a_time_has_to_be_chosen_and_to_come():
    made = campaign(kind="at")
    assert problems(made) == [("when", "Say when it is to be sent.")]
    made.starts_at = NOW
    assert "passed" in problems(made)[0][1]
    made.starts_at = NOW + timedelta(minutes=1)
    assert problems(made) == []


def test_each_part_of_an_email_says_what_is_wrong_with_it():
    make_field("Tier")
    found = content_problems(
        subject="",
        preheader="{{ contact.fist_name }}",
        text="{% if x %}",
        blocks=[
            {"kind": "text", "text": "a\n{{ contact.Tier | upcas }}"},
            {"kind": "text", "text": "[a](javascript:x) [b](shop.example) [c](mailto:a@b.example)"},
            {"kind": "button", "text": "", "url": ""},
            {"kind": "button", "text": "{{ contact.tier }}", "url": "javascript:alert(1)"},
            {"kind": "image", "src": "data:image/png;base64,x", "alt": "x"},
            {"kind": "image", "src": "", "url": "ftp://x"},
            {"kind": "video"},
        ],
    )
    assert found == [
        ("content.subject", "Write the subject."),
        ("content.preheader", "There is no field “fist_name”. Did you mean “first_name”?"),
        ("content.blocks[0].text", "There is no filter “upcas”. Did you mean “upcase”?"),
        ("content.blocks[1].text", WHOLE),
        ("content.blocks[1].text", WHOLE),
        ("content.blocks[2].text", "Write what stands on the button."),
        ("content.blocks[2].url", "Write where the button leads."),
        ("content.blocks[3].text", "There is no field “tier”. Did you mean “Tier”?"),
        ("content.blocks[3].url", WHOLE),
        ("content.blocks[4].src", WHOLE),
        ("content.blocks[5].src", "Choose a picture."),
        ("content.blocks[5].url", WHOLE),
        ("content.blocks[6]", "This block is of no kind that is known here."),
        ("content.text", "“{% if %}” is never closed with “{% endif %}”."),
    ]


WHOLE = "Write the whole address, beginning with https:// or http://."


def test_an_email_without_blocks_is_empty():
    assert content_problems(blocks=[]) == [("content.blocks", "Add a block: this email is empty.")]


def test_variables_of_a_block_are_known_in_those_below():
    blocks = [
        {"kind": "text", "text": "{% assign who = contact.first_name %}"},
        {"kind": "text", "text": "{{ who }}"},
    ]
    assert content_problems(blocks=blocks) == []


def test_a_link_in_a_text_may_be_liquid():
    wanted = "[Unsubscribe]({{ unsubscribe_url }}) [Shop](https://{{ contact.city }}.example/a)"
    assert content_problems(blocks=[{"kind": "text", "text": wanted}]) == []
    wrong = {"kind": "text", "text": "[Shop](shop.example/{{ contact.city }})"}
    assert content_problems(blocks=[wrong]) == [("content.blocks[0].text", WHOLE)]


def test_pictures_without_a_description_and_missing_addresses_warn():
    picture = {"kind": "image", "src": "https://shop.example/{{ contact.id }}.png"}
    warned = problems(campaign(content={"blocks": [picture]}), warnings=True)
    assert said(warned, "content.blocks[0].alt") == [
        "Describe the picture for those who do not see it."
    ]
    assert "postal address" in said(warned, "channel")[-1]


SOURCES = [
    ("html", "", "Write the email."),
    ("html", "<p>x</p>", "A link to unsubscribe is missing"),
    ("html", "{{ unsubscribe_url }}<script>x</script>", "do not show <script>"),
    ("html", "{{ unsubscribe_url }}\n<a href=\"javascript:x\">x</a>", "“javascript:x” cannot be followed"),
    ("html", "{{ unsubscribe_url }}<img alt='' src='x.png'>", "address of a picture"),
    ("html", "{{ unsubscribe_url }}<p title={{ contact.city }}>", "quotation marks"),
    ("mjml", "<mjml><mj-body>{{ unsubscribe_url }}<mj-text></mj-body></mjml>", "<mj-text> is still open"),
    ("mjml", '<mjml><mj-body><mj-button href="shop.example">{{ unsubscribe_url }}</mj-button></mj-body></mjml>', "cannot be followed"),
    ("html", "{{ unsubscribe_url }}{% for i in (1..9999) %}{% endfor %}", "at most 1,000 numbers"),
    ("pdf", "x", "Choose how"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "source", "word"), SOURCES)
def test_own_html_and_mjml_are_looked_over(form, source, word):
    found = content_problems(format=form, source=source)
    assert len(found) == 1
    assert word in found[0][1]


def test_problems_of_a_source_tell_the_line():
    made = campaign(content={"format": "html", "source": "{{ unsubscribe_url }}\n\n<script>"})
    [found] = [one for one in problems_of(campaign=made, now=NOW) if not one.is_warning]
    assert (found.where, found.line) == ("content.source", 3)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ('<a href="{{ unsubscribe_url }}">x</a><img src="https://x.example/x.png">', "no “alt”"),
        ('<a href="{{ unsubscribe_url }}">x</a>' + "<p>long</p>" * 11_000, "Gmail"),
        (
            '<a href="{{ unsubscribe_url }}">x</a><p {% if contact.city %}class="a"{% endif %}>',
            "Styles",
        ),
    ],
)
def test_what_own_html_had_better_not_have_only_warns(source, word):
    assert content_problems(format="html", source=source) == []
    [(_, message)] = content_problems(format="html", source=source, warnings=True)
    assert word in message


def test_a_text_message_says_what_it_costs_and_how_to_opt_out():
    assert content_problems("sms", text="") == [("content.text", "Write the text.")]
    warned = content_problems("sms", warnings=True, text="ł" * 300)
    assert [message for _, message in warned] == [
        "This takes 5 messages for each contact, or more with long values.",
        "“ł” makes each message hold 70 characters in place of 160. Leave it out, if you can.",
        "Say how to opt out, such as “Reply STOP” or {{ unsubscribe_url }}.",
    ]
    assert (
        content_problems("sms", warnings=True, text="https://shop.example/" + "x" * 600 + " STOP")
        == []
    )


def test_a_push_message_needs_a_title_and_addresses_that_can_be_opened():
    assert content_problems("push", title=" ", icon="x.png") == [
        ("content.title", "Write the title."),
        ("content.icon", WHOLE),
    ]
    assert len(content_problems("push", warnings=True, body="", url="")) == 2


def test_an_event_is_there_only_for_those_who_enter():
    warned = problems(campaign(content={"preheader": "{{ event.amount }}"}), warnings=True)
    assert "enter a segment" in said(warned, "content.preheader")[0]
    made = campaign(to=False, kind="entering", content={"preheader": "{{ event.amount }}"})
    assert "No event has been seen" in said(problems(made, warnings=True), "content.preheader")[0]
