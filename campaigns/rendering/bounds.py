"""What a template may use while it is rendered: steps, room, the size of each value.

Everything is counted, not timed, so a template that goes too far does so every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import wraps
from typing import Any, Final

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions.logical import ContainsExpression
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.tags.for_tag import ForNode, ForTag
from liquid.exceptions import FilterError, LiquidError, ResourceLimitError
from liquid.expression import Expression
from liquid.undefined import Undefined

from campaigns.rendering import comparing

MOST_STEPS: Final = 30_000
MOST_OUTPUT: Final = 500_000
LONGEST_TEXT: Final = 50_000
MOST_ITEMS: Final = 1_000
MOST_DIGITS: Final = 150

TOO_MUCH: Final = "This does too much: use fewer or shorter loops."
TOO_LONG: Final = f"This makes more than {MOST_OUTPUT:,} characters."


class Context(RenderContext):
    """Counts what is done in it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.steps = MOST_STEPS
        self.room = MOST_OUTPUT
        self.weight = 1
        """Of what the loop that begins repeats."""

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise ResourceLimitError(TOO_MUCH, token=None)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self.spend(length * self.weight)

    def get_buffer(self, buf: Any = None) -> Any:
        return Buffer(self)


class Buffer:
    """What is written, counted for the whole message."""

    __slots__ = ("context", "parts")

    def __init__(self, context: Context) -> None:
        self.context = context
        self.parts: list[str] = []

    def write(self, text: str) -> int:
        self.parts.append(text)
        size = len(text)
        self.context.room -= size
        if self.context.room < 0:
            raise ResourceLimitError(TOO_LONG, token=None)
        return size

    def getvalue(self) -> str:
        return "".join(self.parts)


class Template(BoundTemplate):
    context_class = Context

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for node in self.nodes:
            for expression in expressions_in(node):
                if own := _OWN.get(type(expression)):
                    expression.__class__ = own

    def render_plain(self, values: dict[str, object]) -> str:
        context = Context(self, globals=values)
        buffer = Buffer(context)
        self.render_with_context(context, buffer)  # type: ignore[arg-type]
        return "".join(buffer.parts)


class BoundedRange(RangeLiteral):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> range:
        found = super().evaluate(context)
        if found.stop - found.start > MOST_ITEMS:
            said = f"A range has at most {MOST_ITEMS:,} numbers."
            raise ResourceLimitError(said, token=self.token)
        return found


_OWN: Final[dict[type[Expression], type[Expression]]] = {
    RangeLiteral: BoundedRange,
    **comparing.OWN,
}
"""What takes the place of Liquid's own expressions."""


class CountedForNode(ForNode):
    """Says, before it begins, how much it repeats."""

    __slots__ = ("weight",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.weight = _weight(self.block)

    def render_to_output(self, context: RenderContext, buffer: Any) -> int:
        assert isinstance(context, Context)  # noqa: S101 (the only one there is)
        context.weight = self.weight
        return super().render_to_output(context, buffer)


class CountedFor(ForTag):
    node_class = CountedForNode


def _weight(node: Node) -> int:
    """How many steps rendering it takes; loops in it count what they repeat themselves."""
    own = 1 + sum(_cost(one) for one in _expressions_of(node))
    if isinstance(node, CountedForNode):
        return own
    return own + sum(_weight(child) for child in _children(node))


def _cost(expression: Expression) -> int:
    return 10 if isinstance(expression, ContainsExpression) else 1


def _children(node: Node) -> list[Node]:
    # Nothing includes other templates, so no context is needed to find them.
    return list(node.children(None, include_partials=False))  # type: ignore[arg-type]


def _expressions_of(node: Node) -> Iterator[Expression]:
    waiting = list(node.expressions())
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting.extend(expression.children() or ())


def expressions_in(node: Node) -> Iterator[Expression]:
    yield from _expressions_of(node)
    for child in _children(node):
        yield from expressions_in(child)


def bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, whose arguments and result have a size that is allowed, and that fails with
    a sentence."""
    takes = {
        option for option in ("context", "environment") if getattr(filter_, f"with_{option}", False)
    }

    @wraps(filter_)
    def call(value: Any, *args: Any, context: Context, **options: Any) -> Any:
        context.spend(1 + sum(_size(name, each) for each in (value, *args)))
        if "context" in takes:
            options["context"] = context
        if "environment" in takes:
            options["environment"] = context.env
        try:
            grown = _GROWING[name](value, *args) if name in _GROWING else 0
            if grown > LONGEST_TEXT:
                raise _too_large(name)
            result = filter_(value, *args, **options)
        except LiquidError:
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise FilterError(f"“{name}” cannot be used like this", token=None) from error
        _size(name, result)
        return result

    call.with_context = True  # type: ignore[attr-defined]
    call.__dict__.pop("with_environment", None)
    return call


def _size(name: str, value: object) -> int:
    """In steps. Raises ResourceLimitError when it is larger than is allowed."""
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise _too_large(name)
        return len(value) // 1_000
    if isinstance(value, list | tuple | range):
        if len(value) > MOST_ITEMS:
            raise _too_large(name)
        return len(value) * len(value) // 500 if name == "uniq" else len(value) // 50
    if isinstance(value, int):
        if value.bit_length() > 4 * MOST_DIGITS:
            raise _too_large(name)
    elif isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) > MOST_DIGITS:
        raise _too_large(name)
    return 0


def _too_large(name: str) -> ResourceLimitError:
    return ResourceLimitError(f"“{name}” works on too much at once", token=None)


def _replaced(value: object, seq: object, sub: object = "", *_: object) -> int:
    text, old = _text(value), _text(seq)
    return len(text) + (text.count(old) if old else len(text) + 1) * len(_text(sub))


def _joined(value: object, separator: object = " ", *_: object) -> int:
    if not isinstance(value, list | tuple | range):
        return 0
    return sum(len(_text(item)) + len(_text(separator)) for item in value)


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, Undefined) else str(value)


_GROWING: Final[dict[str, Callable[..., int]]] = {"replace": _replaced, "join": _joined}
"""Filters that can make much from little: how much, before they do."""
