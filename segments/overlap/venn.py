"""Two or three circles that overlap, and where the numbers stand in them. Not to scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from segments.overlap.combinations import Inside, Overlap

MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Circle:
    x: int
    y: int
    radius: int
    name: str
    name_x: int
    name_y: int


@dataclass(frozen=True, slots=True)
class Number:
    """Of a region of the drawing."""

    x: int
    y: int
    count: int
    percent: str


@dataclass(frozen=True, slots=True)
class Venn:
    width: int
    height: int
    circles: list[Circle]
    numbers: list[Number]


# Of each circle its middle and its letter's place; of each region the place of its number.

RADIUS: Final = 105
LAYOUTS: Final[dict[int, tuple[int, int, list[tuple[int, int, int, int]]]]] = {
    2: (400, 250, [(140, 130, 48, 36), (260, 130, 352, 36)]),
    3: (400, 360, [(142, 132, 46, 40), (258, 132, 354, 40), (200, 234, 310, 322)]),
}
PLACES: Final[dict[Inside, tuple[int, int]]] = {
    (True, False): (92, 130),
    (False, True): (308, 130),
    (True, True): (200, 130),
    (True, False, False): (96, 106),
    (False, True, False): (304, 106),
    (False, False, True): (200, 288),
    (True, True, False): (200, 92),
    (True, False, True): (134, 200),
    (False, True, True): (266, 200),
    (True, True, True): (200, 164),
}


def venn_of(overlap: Overlap) -> Venn | None:
    """None for more than three: nobody could read it."""
    if len(overlap.segments) > MOST:
        return None
    width, height, circles = LAYOUTS[len(overlap.segments)]
    return Venn(
        width,
        height,
        [
            Circle(x, y, RADIUS, letter, name_x, name_y)
            for letter, (x, y, name_x, name_y) in zip("ABC", circles, strict=False)
        ],
        [
            Number(*PLACES[one.inside], one.count, percent(one.share))
            for one in overlap.combinations
        ],
    )


def percent(share: float) -> str:
    """Never 0 for some, never 100 for less than all."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.0f} %" if share in (0, 1) else f"{100 * share:.1f} %"
