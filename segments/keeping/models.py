"""For how long moves are kept, and how far erasing older ones has come."""

from __future__ import annotations

from django.db import models


class MoveRetention(models.Model):
    """One row, made when somebody first chooses. Without one, moves are kept for ever."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    months = models.PositiveSmallIntegerField(null=True)
    """None: for ever, from now on."""
    is_paused = models.BooleanField(default=False)
    erased_before = models.DateTimeField(null=True)
    """Of all that moved before it, only how those came in is left who were members then."""
    erasing_before = models.DateTimeField(null=True)
    """What is being erased; None when nothing is."""
    whole_from = models.DateTimeField(null=True)
    """The latest border of any pass that was begun: from there on the log has every move."""
    floor = models.BigIntegerField(default=0)
    """Number of a move up to which nothing is left to erase in any segment."""
    next_floor = models.BigIntegerField(null=True)
    """The same for the pass that is going on; None: no younger move was met yet."""
    segment_id = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    """The segment that the pass has come to, and the number of the move there."""
    erased = models.BigIntegerField(default=0)
    """Moves, ever."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_move_retention")]

    def __str__(self) -> str:
        return f"moves: {self.months or 'no'} months"
