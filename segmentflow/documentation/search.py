"""Search in the documents: sections in which all words begin a word, the most telling first.

All of it lies in memory; a look-up walks a sorted list of words and takes a millisecond.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import log
from typing import Final

from segmentflow.documentation.sources import Section, Source

SHOWN: Final = 20
OF_ONE_PAGE: Final = 3
LONGEST: Final = 200
MOST_WORDS: Final = 8
EXCERPT: Final = 220
IN_TITLE, IN_HEADING, WHOLE_WORD, SAME_MEANING = 12.0, 8.0, 1.5, 0.6
FOR_FEW: Final = 0.4
"""Pages that tell of the work on the product rather than of its use."""
FEW_READ: Final = ("decisions/", "changelog", "contributing", "architecture", "performance")
SAME: Final[Mapping[str, tuple[str, ...]]] = {
    "audience": ("segment",),
    "cohort": ("segment",),
    "customer": ("contact",),
    "delete": ("erase", "remove"),
    "docker": ("container",),
    "gdpr": ("erase", "consent", "retention"),
    "login": ("sign",),
    "newsletter": ("campaign", "email"),
    "opt": ("consent", "unsubscrib"),
    "person": ("contact",),
    "prometheus": ("metric",),
    "recipient": ("audience",),
    "regex": ("pattern",),
    "remove": ("erase", "delete"),
    "subscriber": ("contact", "consent"),
    "token": ("key",),
    "upload": ("import",),
    "user": ("contact", "people"),
}
"""What others call it, and what it is called here."""
SAY_NOTHING: Final = re.compile(
    r"(a|an|and|are|as|at|be|by|can|do|does|for|from|how|i|in|is|it|my|of|on|or|that|the|to|what|when|with)"
)
ENDINGS: Final = ("ing", "es", "ed", "s", "e")
SHORTEST_STEM: Final = 4
PRODUCT: Final = "segmentflow"

_WORD = re.compile(r"\w+")
Marked = tuple[str, bool]
"""A piece of text, and whether it is what was looked for."""


@dataclass(frozen=True, slots=True)
class Hit:
    key: str
    title: str
    anchor: str
    heading: str
    """Empty where the page itself was found."""
    excerpt: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    source: Source
    section: Section


class Index:
    """Of all sections of some pages but the first, which is a list; `titles` are what they are called."""

    def __init__(self, sources: Iterable[Source], titles: Mapping[str, str]) -> None:
        self._titles = titles
        self._places = [
            _Place(source, section)
            for source in sources
            if source.key
            for section in source.sections
        ]
        found = defaultdict[str, dict[int, float]](dict)
        for number, place in enumerate(self._places):
            for word, worth in self._worth(place).items():
                found[word][number] = worth
        self._found = dict(found)
        self._words = sorted(found)

    def _worth(self, place: _Place) -> dict[str, float]:
        """What finding each word there is worth."""
        times = Counter(words_of(place.section.text))
        worth = {word: 1 + log(number) for word, number in times.items()}
        for word in words_of(place.section.heading):
            worth[word] = worth.get(word, 0) + IN_HEADING
        is_beginning = not place.section.anchor
        for word in {*words_of(self._title(place)), *words_of(place.source.key)}:
            # Other sections of the page are about it, too, and come after its beginning.
            worth[word] = worth.get(word, 0) + (IN_TITLE if is_beginning else IN_TITLE / 4)
        return worth

    def _title(self, place: _Place) -> str:
        return self._titles.get(place.source.key) or place.source.title

    def search(self, text: str) -> list[Hit]:
        wanted = telling(words_of(text[:LONGEST]))
        if not wanted:
            return []
        worths = [self._worth_of(word) for word in wanted]
        places = set(worths[0]).intersection(*worths[1:])
        if not places:
            places = set().union(*worths)
        scores = {
            number: sum(worth.get(number, 0) for worth in worths) * self._weight(number)
            for number in places
        }
        ranked = sorted(scores, key=lambda number: (-scores[number], number))
        stems = [begin for word in wanted for begin, _ in beginnings_of(word)]
        return [self._hit(number, stems) for number in self._few_of_each_page(ranked)]

    def _worth_of(self, word: str) -> dict[int, float]:
        """By section, for the best of the words that begin so."""
        best = dict[int, float]()
        for begin, factor in beginnings_of(word):
            for other in self._beginning_with(begin):
                share = factor * (WHOLE_WORD if other in (begin, word) else 1)
                for number, worth in self._found[other].items():
                    best[number] = max(best.get(number, 0), share * worth)
        return best

    def _beginning_with(self, begin: str) -> Iterator[str]:
        """A letter alone begins too many."""
        if len(begin) == 1:
            yield from (begin,) if begin in self._found else ()
            return
        for place in range(bisect_left(self._words, begin), len(self._words)):
            if not self._words[place].startswith(begin):
                return
            if is_meant(self._words[place], begin):
                yield self._words[place]

    def _weight(self, number: int) -> float:
        return FOR_FEW if self._places[number].source.key.startswith(FEW_READ) else 1

    def _few_of_each_page(self, ranked: Iterable[int]) -> list[int]:
        taken, kept = Counter[str](), list[int]()
        for number in ranked:
            key = self._places[number].source.key
            if taken[key] < OF_ONE_PAGE:
                taken[key] += 1
                kept.append(number)
        return kept[:SHOWN]

    def _hit(self, number: int, stems: list[str]) -> Hit:
        place = self._places[number]
        section = place.section
        return Hit(
            key=place.source.key,
            title=self._title(place),
            anchor=section.anchor,
            heading=section.heading if section.anchor else "",
            excerpt=tuple(excerpt_of(section.text, tuple(stems))),
        )


def telling(words: list[str]) -> list[str]:
    """Each once, without those that stand everywhere, unless there are no others."""
    once = list(dict.fromkeys(words))
    return ([word for word in once if not SAY_NOTHING.fullmatch(word)] or once)[:MOST_WORDS]


def words_of(text: str) -> list[str]:
    return [fold(word) for word in _WORD.findall(text.replace("_", " "))]


def fold(word: str) -> str:
    """Without case and accents."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def beginnings_of(word: str) -> list[tuple[str, float]]:
    """How words begin that are meant by this one, and how sure that is."""
    stem = stem_of(word)
    others = SAME.get(word) or SAME.get(stem) or ()
    return [(stem, 1.0), *((other, SAME_MEANING) for other in others)]


def is_meant(word: str, begin: str) -> bool:
    """Whoever looks for segments does not mean the product."""
    return word.startswith(begin) and (word != PRODUCT or begin == PRODUCT)


def stem_of(word: str) -> str:
    """`campaigns` finds a campaign, too."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


def excerpt_of(text: str, stems: tuple[str, ...]) -> Iterator[Marked]:
    """The part around what was found first, with all that was found marked in it."""
    found = [
        one.span()
        for one in re.finditer(r"[^\W_]+", text)
        if any(is_meant(fold(one[0]), stem) for stem in stems)
    ]
    begin = _begin(text, found[0][0] if found else 0)
    end = min(len(text), begin + EXCERPT)
    at = begin
    if begin:
        yield "… ", False
    for first, last in found:
        if begin <= first and last <= end:
            yield text[at:first], False
            yield text[first:last], True
            at = last
    end = text.rfind(" ", at, end) if end < len(text) and " " in text[at:end] else end
    yield text[at:end] + (" …" if end < len(text) else ""), False


def _begin(text: str, first: int) -> int:
    """A little before what was found, at the beginning of a word."""
    near = first - EXCERPT // 3
    return 0 if near <= 0 else text.find(" ", near, first) + 1 or first
