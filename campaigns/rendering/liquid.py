"""Liquid: parsed with clear errors, sandboxed, and bounded in what it may use.

Nothing but plain data reaches a template, no other template can be included, and values are
data: Liquid inside a value stays text. In HTML every value is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final

from liquid import Environment, RenderContext
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoTag
from liquid.exceptions import LiquidError, ResourceLimitError, UnknownFilterError
from liquid.static_analysis import TemplateAnalysis
from liquid.stringify import to_liquid_string

from campaigns.rendering.bounds import CountedFor, Template, bounded
from campaigns.rendering.filters import OWN
from campaigns.rendering.problems import TemplateProblem, line_at
from campaigns.rendering.shape import check_shape, tags_in
from campaigns.rendering.values import shown

SHORT: Final = 1_000
"""Characters."""
MOST_KEPT: Final = 500
MOST_KEPT_LONG: Final = 8

_UNWANTED_TAGS: Final = ("include", "render", "tablerow")
_UNWANTED_FILTERS: Final = ("safe", "escapejs")
"""No value may become markup, and there are no scripts in messages."""


class _Shown(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: Any) -> int:
        found = shown(self.expression.evaluate(context))
        return int(buffer.write(to_liquid_string(found, context.autoescape)))


class _Output(Output):
    node_class = _Shown


class _Echo(EchoTag):
    node_class = _Shown  # type: ignore[assignment] # it shows the same


class _Environment(Environment):
    template_class = Template
    suppress_blank_control_flow_blocks = False

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for name in _UNWANTED_TAGS:
            del self.tags[name]
        for name in _UNWANTED_FILTERS:
            del self.filters[name]
        for tag in (CountedFor, _Output, _Echo):
            self.add_tag(tag)
        self.filters = {
            name: bounded(name, filter_) for name, filter_ in {**self.filters, **OWN}.items()
        }


HTML: Final = _Environment(autoescape=True)
TEXT: Final = _Environment(autoescape=False)


class Liquid:
    """A template, parsed once."""

    def __init__(self, source: str, *, is_html: bool = False) -> None:
        """Raises TemplateProblem."""
        check_shape(source)
        self.source = source
        self.is_plain = "{{" not in source and "{%" not in source
        self.template = None if self.is_plain else _parse(source, is_html=is_html)
        self.analysis: TemplateAnalysis | None = None
        if self.template:
            self.analysis = self.template.analyze(include_partials=False)
            _know_filters(self.analysis, source)

    def render(self, values: Mapping[str, Any]) -> str:
        """Raises TemplateProblem. Unknown variables are empty. `values` holds `now` at least."""
        if self.template is None:
            return self.source
        try:
            return self.template.render_plain(dict(values))
        except LiquidError as error:
            raise problem_of(error) from error
        except RecursionError as error:
            raise TemplateProblem("This is nested too deeply.") from error
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise TemplateProblem("Liquid cannot work out this template.") from error


def parsed(source: str, *, is_html: bool = False) -> Liquid:
    """Raises TemplateProblem. Kept for the next time: each step of an editor, and what it shows,
    asks for nearly all the same ones."""
    return (_kept if len(source) <= SHORT else _kept_long)(source, is_html=is_html)


@lru_cache(MOST_KEPT)
def _kept(source: str, *, is_html: bool) -> Liquid:
    return Liquid(source, is_html=is_html)


@lru_cache(MOST_KEPT_LONG)
def _kept_long(source: str, *, is_html: bool) -> Liquid:
    return Liquid(source, is_html=is_html)


def _parse(source: str, *, is_html: bool) -> Template:
    """Raises TemplateProblem."""
    try:
        found = (HTML if is_html else TEXT).from_string(source)
    except LiquidError as error:
        raise _placed(problem_of(error), source) from error
    except RecursionError as error:
        raise TemplateProblem("This is nested too deeply.") from error
    assert isinstance(found, Template)  # noqa: S101 (as the environment has it)
    return found


def _know_filters(analysis: TemplateAnalysis, source: str) -> None:
    """Raises TemplateProblem."""
    for name, spans in analysis.filters.items():
        if name not in HTML.filters:
            raise TemplateProblem(unknown_filter(name), line_at(source, spans[0].index))


def problem_of(error: LiquidError) -> TemplateProblem:
    token = error.token
    line = line_at(token.source, token.start_index) if token and token.start_index >= 0 else None
    message = str(error.message)
    if isinstance(error, ResourceLimitError):
        return TemplateProblem(f"{message.rstrip('.')}.", line, is_limit=True)
    if isinstance(error, UnknownFilterError):
        return TemplateProblem(unknown_filter(message.split("'")[1]), line)
    if found := _UNEXPECTED.fullmatch(message):
        return TemplateProblem(_unexpected(found[1]), line)
    if found := _UNCLOSED.search(message):
        return TemplateProblem(f"“{{% {found[1]} %}}” is missing.", line)
    return TemplateProblem(f"{message[:1].upper()}{message[1:].rstrip('.')}.", line)


def _placed(problem: TemplateProblem, source: str) -> TemplateProblem:
    """With a line, where the parser noticed only at an end that something is missing."""
    if problem.line:
        return problem
    open_blocks: list[tuple[str, int]] = []
    for tag in tags_in(source):
        text = source[tag.start : tag.end]
        if tag.is_output and not _is_whole(text):
            return TemplateProblem(problem.message, line_at(source, tag.start))
        if (name := _NAME.match(text)) is None:
            continue
        if name[1].startswith("end"):
            open_blocks and open_blocks.pop()
        elif name[1] in _BLOCKS:
            open_blocks.append((name[1], tag.start))
    if not open_blocks:
        return problem
    block, start = open_blocks[-1]
    return TemplateProblem(
        f"“{{% {block} %}}” is never closed with “{{% end{block} %}}”.", line_at(source, start)
    )


def _is_whole(output: str) -> bool:
    try:
        TEXT.from_string(output)
    except LiquidError:
        return False
    return True


_NAME = re.compile(r"\{%-?\s*(\w+)")
_BLOCKS: Final = ("if", "unless", "case", "for", "capture", "ifchanged")
_UNEXPECTED = re.compile(r"unexpected tag '(\w+)'.*|unknown tag '(\w+)'.*")
_UNCLOSED = re.compile(r"expected tag '?(end\w+)'?")


def _unexpected(name: str | None) -> str:
    if not name:
        return "There is no such tag."
    if name.startswith("end") or name in ("else", "elsif", "when"):
        return f"“{{% {name} %}}” has no beginning."
    return f"There is no tag “{name}”.{suggestion(name, HTML.tags)}"


def unknown_filter(name: str) -> str:
    return f"There is no filter “{name}”.{suggestion(name, HTML.filters)}"


def suggestion(name: str, known: Any) -> str:
    close = get_close_matches(name, [one for one in known if isinstance(one, str)], n=1)
    return f" Did you mean “{close[0]}”?" if close else ""
