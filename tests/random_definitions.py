"""Random valid definitions: every kind, operator, measure and window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.random_people import EVENT_TYPES, FIELDS, NUMBERS, TEXTS
from tests.random_times import Times

Node = dict[str, Any]

TEXT_OPERATORS = (
    "equals",
    "not_equals",
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "matches",
    "not_matches",
)
COMPARISONS = ("equals", "not_equals", "greater_than", "at_least", "less_than", "at_most")
NUMBER_OPERATORS = (*COMPARISONS, "in", "not_in", "between")
RELATIVE = ("in_last", "more_than_ago", "in_next", "more_than_ahead")
DATE_OPERATORS = (
    *("on", "before", "after", "between"),
    *RELATIVE,
    *("in_period", "not_in_period", "anniversary_in_next"),
)
LIST_OPERATORS = ("contains_any", "contains_all", "contains_none")
OPERATORS = {
    "text": TEXT_OPERATORS,
    "number": NUMBER_OPERATORS,
    "boolean": ("is_true", "is_false"),
    "date": DATE_OPERATORS,
    "datetime": DATE_OPERATORS,
    "list": LIST_OPERATORS,
}
PATTERN_OPERATORS = ("matches", "not_matches")
"""Not on amounts, which hold digits of other scripts and ends of lines: whether a pattern
takes those is the database's to say."""
PATTERNS = ("^g", "o.d$", r"\d", r"^\w+$", "[A-Z]", "ł|d", "(ż|g)", r"a\\b", "l{1,2}", r"\s$", "^$")
PERIODS = (
    *("today", "yesterday", "tomorrow"),
    *(f"{side}_{unit}" for side in ("last", "this", "next") for unit in ("week", "month")),
    *(f"{side}_{unit}" for side in ("last", "this", "next") for unit in ("quarter", "year")),
)
ATTRIBUTES = (
    ("amount", "number"),
    ("amount", "text"),
    ("category", "text"),
    ("category", "number"),
    ("flag", "boolean"),
    ("when", "date"),
    ("when", "datetime"),
    ("product.sku", "text"),
    ("product.tags", "list"),
    ("category", "list"),
)
WINDOWS = (
    *("ever", "period", "last", "last", "before_ago", "between_ago"),
    *("after", "before", "between"),
)
MIXED = (
    # durations of different units; which is the longer one depends on the calendar
    ({"amount": 1, "unit": "month"}, {"amount": 30, "unit": "day"}),
    ({"amount": 30, "unit": "day"}, {"amount": 1, "unit": "month"}),
    ({"amount": 1, "unit": "day"}, {"amount": 24, "unit": "hour"}),
    ({"amount": 24, "unit": "hour"}, {"amount": 1, "unit": "day"}),
    ({"amount": 1, "unit": "year"}, {"amount": 90, "unit": "minute"}),
    ({"amount": 2, "unit": "week"}, {"amount": 36, "unit": "hour"}),
)
MEASURES = ("sum", "average", "minimum", "maximum", "distinct")
STEPS = (2, 2, 2, 3, 3, 4, 5)
BUILT_IN = {
    "email": "text",
    "first_name": "text",
    "country": "text",
    "city": "text",
    "external_id": "text",
    "created_at": "datetime",
}


@dataclass
class DefinitionMaker:
    """Draws definitions that refer to times around one `now` and to given segments."""

    rng: Random
    times: Times
    segments: Sequence[str] = ()

    def definition(self, *, depth: int = 2) -> Node:
        return self._group(depth, self._condition)

    def _group(self, depth: int, leaf: Any) -> Node:
        children = [
            self._group(depth - 1, leaf) if depth > 0 and self.rng.random() < 0.3 else leaf()
            for _ in range(self.rng.choice((1, 1, 2, 2, 3)))
        ]
        match = self.rng.choice(("all", "all", "any", "none"))
        return {"kind": "group", "match": match, "children": children}

    def _condition(self) -> Node:
        makers = [self.field, self.event, self.event, self.occurrence, self.sequence]
        if self.rng.random() < 0.1:
            makers = [self._random, lambda: {"kind": "everyone"}]
        if self.segments and self.rng.random() < 0.15:
            makers = [self._segment]
        return self.rng.choice(makers)()

    def field(self) -> Node:
        key, kind = self.rng.choice([*FIELDS.items(), *FIELDS.items(), *BUILT_IN.items()])
        return {"kind": "field", "field": key, **self.comparison(kind)}

    def comparison(self, kind: str) -> Node:
        operator = self.rng.choice((*OPERATORS[kind], "is_set", "is_not_set"))
        if operator in ("is_set", "is_not_set", "is_true", "is_false"):
            return {"operator": operator}
        found: Node = {"operator": operator, "value": self.value(kind, operator)}
        if kind in ("text", "list") and self.rng.random() < 0.3:
            found["case_sensitive"] = self.rng.random() < 0.8
        return found

    def value(self, kind: str, operator: str) -> Any:
        if kind == "list" or operator in ("in", "not_in"):
            pool = NUMBERS if kind == "number" else TEXTS
            return self.rng.sample(pool, self.rng.randint(1, 3))
        if kind == "text":
            return self._text(operator)
        if kind == "number":
            return self._number(operator)
        return self._moment(kind, operator)

    def _text(self, operator: str) -> Any:
        if operator in PATTERN_OPERATORS:
            return self.rng.choice(PATTERNS)
        if self.rng.random() < 0.2:
            return {"field": self.rng.choice(("Tier", "Favourite", "country", "first_name"))}
        text = self.rng.choice(TEXTS)
        whole = operator in ("equals", "not_equals") or self.rng.random() < 0.5
        return text if whole else text[: self.rng.randint(1, 3)]

    def _number(self, operator: str) -> Any:
        if operator == "between":
            start, end = sorted(self.rng.choices(NUMBERS, k=2))
            return {"from": start, "to": end}
        if self.rng.random() < 0.2:
            return {"field": self.rng.choice(("Score", "Goal"))}
        return self.rng.choice(NUMBERS)

    def _moment(self, kind: str, operator: str) -> Any:
        if operator in RELATIVE:
            return self.times.duration(calendar=kind == "date")
        if operator in ("in_period", "not_in_period"):
            return self.rng.choice(PERIODS)
        if operator == "anniversary_in_next":
            return {"amount": self.rng.choice((0, 1, 7, 364, 365, 366)), "unit": "day"}
        if operator == "between":
            return self._between(days_only=kind == "date")
        if self.rng.random() < 0.2:
            return {"field": self._own_moment(kind, operator)}
        return self._given(days_only=kind == "date" or operator == "on")

    def _own_moment(self, kind: str, operator: str) -> str:
        days = ("Birthday", "Due")
        if kind == "date" or operator == "on":
            return self.rng.choice(days)
        return self.rng.choice((*days, "Opened", "Renewal", "created_at"))

    def _given(self, *, days_only: bool) -> str:
        if days_only or self.rng.random() < 0.4:
            return self.times.day(ahead=0.3).isoformat()
        return self.times.instant(ahead=0.3).isoformat()

    def _between(self, *, days_only: bool) -> Node:
        ends = sorted(self.times.instant(ahead=0.3) for _ in range(2))
        start, end = ends[0], ends[1] + timedelta(days=1)
        return {"from": self._said(start, days_only), "to": self._said(end, days_only)}

    def _said(self, instant: datetime, days_only: bool) -> str:  # noqa: FBT001
        local: date = instant.astimezone(self.times.zone).date()
        return (local if days_only or self.rng.random() < 0.4 else instant).isoformat()

    # Events

    def event(self) -> Node:
        node: Node = {"kind": "event", "event": self.rng.choice(EVENT_TYPES), **self._where()}
        if self.rng.random() < 0.7:
            node["window"] = self.window()
        if self.rng.random() < 0.6:
            node["measure"] = self._measure()
        if "measure" in node or self.rng.random() < 0.7:
            node["operator"] = self.rng.choice((*COMPARISONS, "between"))
            node["value"] = self._measured_value(node)
        return node

    def _measured_value(self, node: Node) -> Any:
        counts = node.get("measure", {"of": "count"})["of"] in ("count", "days", "distinct")
        if counts and self.rng.random() < 0.8:
            if node["operator"] != "between":
                return self.rng.choice((0, 1, 1, 2, 3, 1.5))
            return self.rng.choice(({"from": 0, "to": 1}, {"from": 1, "to": 2}))
        return self._number(node["operator"])

    def _measure(self) -> Node:
        of = self.rng.choice((*MEASURES, "count", "days"))
        if of in ("count", "days"):
            return {"of": of}
        attributes = ("category", "amount", "product.sku") if of == "distinct" else ("amount",)
        return {"of": of, "attribute": self.rng.choice(attributes)}

    def _where(self, key: str = "where", share: float = 0.35) -> Node:
        if self.rng.random() > share:
            return {}
        return {key: self._group(1, self._attribute)}

    def _attribute(self) -> Node:
        name, kind = self.rng.choice(ATTRIBUTES)
        comparison = self.comparison(kind)
        if name == "amount" and comparison["operator"] in PATTERN_OPERATORS:
            comparison = {"operator": "is_set"}
        return {"kind": "attribute", "attribute": name, "type": kind, **comparison}

    def window(self) -> Node:
        kind = self.rng.choice(WINDOWS)
        match kind:
            case "ever":
                return {"kind": "ever"}
            case "period":
                return {"kind": "period", "period": self.rng.choice(PERIODS)}
            case "last" | "before_ago":
                return {"kind": kind, **self.times.duration()}
            case "between_ago":
                return {"kind": kind, **self._between_ago()}
            case "after" | "before":
                return {"kind": kind, "at": self._given(days_only=False)}
        return {"kind": kind, **self._between(days_only=False)}

    def _between_ago(self) -> Node:
        if self.rng.random() < 0.3:
            longer, shorter = self.rng.choice(MIXED)
            return {"from": longer, "to": shorter}
        unit = self.rng.choice(("minute", "hour", "day", "week", "month", "year"))
        end = self.rng.choice((1, 2, 3))
        return {
            "from": {"amount": end + self.rng.choice((1, 5, 27)), "unit": unit},
            "to": {"amount": end, "unit": unit},
        }

    def occurrence(self) -> Node:
        node: Node = {
            "kind": "occurrence",
            "event": self.rng.choice(EVENT_TYPES),
            "which": self.rng.choice(("first", "last")),
            **self._where(),
            **self._where("check", 0.5),
        }
        if self.rng.random() < 0.7:
            node["window"] = self.window()
        return node

    def sequence(self) -> Node:
        steps = [self._step(0.5 if number else 0) for number in range(self.rng.choice(STEPS))]
        if self.rng.random() < 0.4:
            steps[-1] |= {"performed": False, "within": self.times.duration()}
        node: Node = {"kind": "sequence", "steps": steps}
        if self.rng.random() < 0.6:
            node["window"] = self.window()
        return node

    def _step(self, within: float) -> Node:
        step: Node = {"event": self.rng.choice(EVENT_TYPES), **self._where(share=0.2)}
        if self.rng.random() < within:
            step["within"] = self.times.duration()
        return step

    # Others

    def _segment(self) -> Node:
        key = self.rng.choice(list(self.segments))
        return {"kind": "segment", "segment": key, "member": self.rng.random() < 0.6}

    def _random(self) -> Node:
        percent = self.rng.choice((0, 1, 10, 33.3, 50, 99.99, 100))
        return {"kind": "random", "percent": percent, "salt": self.rng.choice(("a", "2026-ł"))}
