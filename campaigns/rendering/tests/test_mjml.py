"""MJML and HTML of one's own: what is wrong is said with its line, and does no harm."""

from __future__ import annotations

from time import process_time

import pytest

from campaigns.rendering.formatting import formatted
from campaigns.rendering.html import compiled_html, html_problems
from campaigns.rendering.mjml import compiled_mjml
from campaigns.rendering.problems import TemplateProblem
from campaigns.rendering.protecting import protect_markup

START = "<mjml>\n<mj-body>\n"
END = "\n</mj-body>\n</mjml>"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (f"{START}<mj-sektion></mj-sektion>{END}", "Line 3: MJML has no <mj-sektion>. Did you mean “mj-section”?"),
        (f"{START}<mj-section><mj-column></mj-section>{END}", "Line 3: </mj-section> closes nothing here; <mj-column> is still open."),
        (f"{START}<mj-section>{END}", "Line 4: </mj-body> closes nothing here; <mj-section> is still open."),
        (f"{START}<mj-text><p>open</mj-text>{END}", "Line 3: </mj-text> closes nothing here; <p> is still open."),
        ("<mjml><mj-body><mj-section>", "Line 1: <mj-section> is never closed with </mj-section>."),
        (f'{START}<mj-include path="/etc/passwd" />{END}', "Line 3: Other files cannot be included here. Write their text instead."),
        ("<p>x</p>", "<mjml> is missing: MJML is <mjml><mj-body>…</mj-body></mjml>."),
        ("<mjml></mjml>", "<mj-body> is missing: MJML is <mjml><mj-body>…</mj-body></mjml>."),
        (f"{START}<mj-text", "Line 3: <mj-text has no “>” at its end."),
        (f"{START}<mj-raw><script>x</script></mj-raw>{END}", "Line 3: Mail programs do not show <script>. Take it out."),
        (f"{START}<mj-text><a href={{{{ x }}}}>x</a></mj-text>{END}", "Line 3: In <a>, put quotation marks around values that hold Liquid."),
        (START + "<mj-wrapper>" * 20_000, "Line 3: Elements stand in each other more than 150 deep."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_mjml_is_said(source, said):
    with pytest.raises(TemplateProblem) as raised:
        compiled_mjml(source)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    "inside",
    [
        "<p>closed <br /> <b>x</b></p>",
        "a & b &nbsp; é",
        "<!-- <mj-foo> -->",
        "{% if a < b %}x{% endif %}",
    ],
)
def test_html_in_mjml_is_kept(inside):
    source = (
        f"{START}<mj-section><mj-column><mj-text>{inside}</mj-text></mj-column></mj-section>{END}"
    )
    found = compiled_mjml(source)
    assert inside in found.restore(found.text)


@pytest.mark.parametrize("source", ["<div>" * 50_000, "<div></span>" * 20_000, "<b><i>" * 1_000])
def test_html_in_html_without_end_is_said_before_a_parser_comes_to_harm(source):
    with pytest.raises(TemplateProblem, match="150 deep"):
        compiled_html(source)


@pytest.mark.parametrize("source", ['<a "' * 50_000, "<a '\"" * 50_000, "<style " * 30_000, "<style></style" * 20_000, "<!--" * 50_000, "<p>x" * 20_000, "<" * 200_000, "<a href=" * 30_000, "<style>" * 30_000])  # fmt: skip
def test_odd_html_takes_no_time(source):
    began = process_time()
    list(html_problems(source))
    protect_markup(source)
    assert process_time() - began < 1


@pytest.mark.parametrize("source", ["<title>{{ a }}</title><p>x</p>", "<p title='{{ a }}' class=b>{{ a }}{% if a %}<br>{% endif %}</p>", "<table>{% for a in b %}<tr><td>{{ a }}</td></tr>{% endfor %}</table>", "<!--[if mso]>{{ a }}<![endif]--><p>x</p>", "<textarea>{% if a %}{% endif %}</textarea>", "<style>.a{color:{{ a }}} {% if b %}.b{}{% endif %}</style><p class=a>x</p>", "{% raw %}<p>{{ x }}</p>{% endraw %}", "{% comment %} <b> {% endcomment %}lq0z lq1z"])  # fmt: skip
def test_liquid_comes_out_of_html_as_it_went_in(source):
    found = compiled_html(source)
    html = found.restore(found.text)
    assert found.mark not in html
    assert [html.count(tag) >= 1 for tag in found.tags] == [True] * len(found.tags)
    assert sum(map(len, found.tags)) == sum(len(tag) for tag in found.tags if tag in html)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b* ***c***", "<strong>a</strong> <em>b</em> <em><strong>c</strong></em>"),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"),
        ("[a & b](https://x.example/?a=1&b=*2*)", '<a href="https://x.example/?a=1&amp;b=*2*">a &amp; b</a>'),
        ("[{{ a }}]({{ b | default: 'x' }})", "<a href=\"{{ b | default: 'x' }}\">{{ a }}</a>"),
        ("**{{ a }}**\r\n<b>", "<strong>{{ a }}</strong><br>\n&lt;b&gt;"),
        ('[a](https://x.example/"onclick=x)', '<a href="https://x.example/&quot;onclick=x">a</a>'),
        ("{{ '**' }} a {{ '**' }}", "{{ '**' }} a {{ '**' }}"),
        ("[a](b", "[a](b"),
        ("**", "**"),
    ],
)  # fmt: skip
def test_what_people_write_becomes_html(text, html):
    assert formatted(text) == html


@pytest.mark.parametrize(
    "text",
    ["*" * 20_000, "[" * 20_000, "**a" * 5_000, "[a](" * 5_000, "*a " * 7_000, "**a*" * 5_000],
)
def test_odd_texts_take_no_time(text):
    began = process_time()
    formatted(text)
    assert process_time() - began < 1
