"""From the rows of a file to contacts: where each column goes, and what is wrong with that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contacts.built_in import LABELS
from contacts.decisions import (
    CHANNELS,
    LONGEST_SOURCE,
    Decision,
    decision_of,
    wrong_decision,
)
from contacts.decisions import PREFIX as CONSENT
from contacts.fields import create_field
from contacts.files.cells import Unfit, read_consent, reader_of
from contacts.files.records import BadLine
from contacts.files.styles import DATES, NUMBERS
from contacts.imports.guesses import NEW, free_key, sampled, styles_for, type_of
from contacts.imports.reading import PREFIX
from contacts.members import LONGEST_LABEL
from contacts.models import ContactImport, Field, FieldTypes
from contacts.problems import Problem, Refused
from contacts.rows import BUILT_IN, IDENTITIES, ContactRow

CONSENT_TARGETS: Final = tuple(CONSENT + channel for channel in CHANNELS)
Place = tuple[int, str, Callable[[str], Any]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows become contacts, made once for many of them."""

    built_in: Sequence[tuple[int, str]]
    attributes: Sequence[Place]
    consents: Sequence[tuple[int, str]]
    found_by: str
    source: str

    def contact_of(self, values: Sequence[Any] | BadLine) -> ContactRow | list[Problem]:
        if isinstance(values, BadLine):
            return [Problem("", "unreadable", str(values))]
        built_in: dict[str, Any] = {}
        attributes: dict[str, Any] = {}
        problems: list[Problem] = []
        width = len(values)
        for place, key in self.built_in:
            if place < width and (value := values[place]) is not None:
                text = value.strip() if isinstance(value, str) else _as_text(value)
                if text:
                    built_in[key] = text
        for place, key, read in self.attributes:
            if place < width and (value := values[place]) is not None:
                if not isinstance(value, str):
                    attributes[key] = value
                elif text := value.strip():
                    try:
                        attributes[key] = read(text)
                    except Unfit as unfit:
                        problems.append(Problem(key, "wrong_type", str(unfit)))
        consents = self._consents(values, problems) if self.consents else ()
        return problems or ContactRow(
            None, built_in, attributes, found_by=self.found_by, consents=consents
        )

    def _consents(self, values: Sequence[Any], problems: list[Problem]) -> tuple[Decision, ...]:
        found = []
        for place, channel in self.consents:
            value = values[place] if place < len(values) else None
            value = value.strip() if isinstance(value, str) else value
            if value in (None, ""):
                continue
            path = CONSENT + channel
            if isinstance(value, str):
                try:
                    value = read_consent(value)
                except Unfit as unfit:
                    problems.append(Problem(path, "wrong_type", str(unfit)))
                    continue
            if wrong := list(wrong_decision(value, path)):
                problems += wrong
            else:
                found.append(decision_of(channel, value, source=self.source))
        return tuple(found)


def mapping_of(one: ContactImport) -> Reading:
    types = dict(Field.objects.values_list("key", "type"))
    built_in: list[tuple[int, str]] = []
    attributes: list[Place] = []
    consents: list[tuple[int, str]] = []
    for place, entry in enumerate(one.mapping):
        target = entry["target"]
        if target in BUILT_IN:
            built_in.append((place, target))
        elif target in CONSENT_TARGETS:
            consents.append((place, target.removeprefix(CONSENT)))
        elif target:
            key = key_of(entry)
            attributes.append((place, key, reader_of(type_of(target, types), entry["style"])))
    return Reading(built_in, attributes, consents, one.found_by, source_of(one))


def source_of(one: ContactImport) -> str:
    """What the history of consents says."""
    return f"Import {one.name}"[:LONGEST_SOURCE]


def key_of(entry: Mapping[str, str]) -> str:
    target = entry["target"]
    return entry["key"] if target.startswith(NEW) else target.removeprefix(PREFIX)


def new_fields(one: ContactImport) -> dict[str, str]:
    """The types of those that are to be defined, by key."""
    return {
        entry["key"]: entry["target"].removeprefix(NEW)
        for entry in one.mapping
        if entry["target"].startswith(NEW)
    }


def define_fields(one: ContactImport, *, now: Any) -> list[Field]:
    """Define what the mapping calls for; from then on it names existing fields."""
    defined = []
    keys = set(Field.objects.values_list("key", flat=True))
    for column, entry in zip(one.columns, one.mapping, strict=True):
        if not entry["target"].startswith(NEW):
            continue
        # Somebody else may have taken the key since.
        key = free_key(entry["key"], keys)
        label = column.removeprefix(PREFIX)[:LONGEST_LABEL]
        raw = {"key": key, "label": label, "type": entry["target"].removeprefix(NEW)}
        defined.append(create_field(raw=raw, now=now))
        keys.add(key)
        entry["target"], entry["key"] = PREFIX + key, ""
    return defined


def check_mapping(one: ContactImport) -> None:
    """Raises Refused with everything that is wrong; paths are `columns[3]` and `found_by`."""
    problems = [*_wrong_targets(one), *_wrong_styles(one), *_wrong_found_by(one)]
    if problems:
        raise Refused(problems)


def _wrong_targets(one: ContactImport) -> Iterator[Problem]:
    fields = dict(Field.objects.values_list("key", "label"))
    times = Counter(entry["target"] for entry in one.mapping)
    for place, entry in enumerate(one.mapping):
        target, path = entry["target"], f"columns[{place}]"
        if not target:
            continue
        if target.startswith(NEW):
            if target.removeprefix(NEW) not in FieldTypes.values:
                yield Problem(path, "unknown", "There is no such type.")
        elif (
            target not in (*BUILT_IN, *CONSENT_TARGETS)
            and target.removeprefix(PREFIX) not in fields
        ):
            yield Problem(path, "unknown", "There is no such field any more.")
        elif times[target] > 1:
            yield Problem(path, "twice", "Another column goes into the same field.")


def _wrong_styles(one: ContactImport) -> Iterator[Problem]:
    types = dict(Field.objects.values_list("key", "type"))
    samples = sampled(one)
    for place, (entry, sample) in enumerate(zip(one.mapping, samples, strict=True)):
        type_, path = type_of(entry["target"], types), f"columns[{place}]"
        if type_ not in (FieldTypes.NUMBER, FieldTypes.DATE, FieldTypes.DATETIME):
            entry["style"] = ""
            continue
        possible = styles_for(type_, sample)
        if entry["style"] not in (NUMBERS if type_ == FieldTypes.NUMBER else DATES):
            entry["style"] = possible[0] if len(possible) == 1 else ""
        if not entry["style"] and len(possible) > 1:
            example = next(value for value in sample if isinstance(value, str))
            said = f"“{example[:40]}” can be read in more than one way: choose which is meant."
            yield Problem(path, "ambiguous", said)


def _wrong_found_by(one: ContactImport) -> Iterator[Problem]:
    targets = {entry["target"] for entry in one.mapping}
    if not targets & set(IDENTITIES):
        said = "One column has to be the external ID, the email or the phone number."
        yield Problem("found_by", "missing", said)
    elif one.found_by not in targets or one.found_by not in IDENTITIES:
        label = LABELS.get(one.found_by, "that")
        said = f"No column goes into “{label}”, by which contacts are to be found."
        yield Problem("found_by", "missing", said)


def _as_text(value: Any) -> Any:
    """What JSON had as a number or a truth; anything else is left to be refused."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, list | dict) else str(value)
