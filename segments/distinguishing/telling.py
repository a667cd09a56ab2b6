"""Which traits tell members from others, and not by chance. Plain numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log2, sqrt
from statistics import NormalDist
from typing import Final

from segments.distinguishing.traits import Trait

CHANCE: Final = 0.05
"""How often anything at all is said although there is nothing, at most."""
LEAST_SHARE: Final = 0.05
"""Of the members: what fewer of them have does not describe them."""
LEAST: Final = 5
"""Members who have it."""
LEAST_LIFT: Final = 1.2
MOST_OF_SUBJECT: Final = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of the members and of the others who were looked at have a trait."""

    trait: Trait
    members_with: int
    members: int
    others_with: int
    others: int

    @property
    def share(self) -> float:
        return self.members_with / self.members if self.members else 0.0

    @property
    def share_of_others(self) -> float:
        return self.others_with / self.others if self.others else 0.0

    @property
    def lift(self) -> float | None:
        """How many times as frequent among members; None: nobody else has it."""
        return self.share / self.share_of_others if self.others_with else None


def wilson(with_it: int, of: int, z: float) -> tuple[float, float]:
    """Between which shares the true one lies (E. B. Wilson, 1927), z standard deviations wide."""
    if not of:
        return 0.0, 1.0
    share, square = with_it / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def counted(
    here: Counter[Trait], members: int, there: Counter[Trait], others: int
) -> list[Counted]:
    """Of all traits that enough people have to say anything."""
    return [
        Counted(trait, here[trait], members, there[trait], others)
        for trait in here.keys() | there.keys()
        if here[trait] + there[trait] >= LEAST
    ]


def telling(found: Iterable[Counted]) -> list[Counted]:
    """Those that distinguish members, the most telling first.

    The more traits there are to look at, the wider chance has to be thought (Bonferroni): the
    lower bound for members is above the upper one for others for none of them, in 95 of 100
    cases in which there is no difference.
    """
    frequent = list(found)
    if not frequent:
        return []
    z = NormalDist().inv_cdf(1 - CHANCE / len(frequent))
    scores = {one: score for one in frequent if (score := _score(one, z)) > 0}
    best = sorted(scores, key=lambda one: (-scores[one], tuple(map(str, one.trait))))
    return _few_of_each(best)


def _score(one: Counted, z: float) -> float:
    """What it says about members, in bits, when both shares are thought of unfavourably.

    A summand of the Kullback-Leibler divergence: much more frequent, and frequent at all.
    """
    if one.members_with < LEAST or one.share < LEAST_SHARE:
        return 0.0
    if one.lift is not None and one.lift < LEAST_LIFT:
        return 0.0
    low, high = (
        wilson(one.members_with, one.members, z)[0],
        wilson(one.others_with, one.others, z)[1],
    )
    return low * log2(low / high) if low > high else 0.0


def _few_of_each(best: Iterable[Counted]) -> list[Counted]:
    """Of amounts the best one, of values some."""
    taken: Mapping[object, list[Counted]] = defaultdict(list)
    found = []
    for one in best:
        trait = one.trait
        is_amount = trait.kind == "event" or trait.operator in ("at_least", "less_than", "in_last")
        same = taken[trait.subject]
        most = 1 if is_amount else MOST_OF_SUBJECT
        if len(same) < most and not any(_says_as_much(other, one) for other in same):
            same.append(one)
            found.append(one)
    return found


def _says_as_much(better: Counted, one: Counted) -> bool:
    """That a field is set goes without saying where a value is told."""
    return one.trait.operator == "is_set" and better.members_with <= one.members_with
