"""What was counted of the members that segments share, so that it need not be counted again."""

from __future__ import annotations

from django.db import models


class SharedMembers(models.Model):
    """One row: how many members any two segments shared at an instant (overlap/matrix.py)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    counted_at = models.DateTimeField()
    numbers = models.JSONField()
    """{"ids": of the segments, "sizes", "rows": for each, what it shares with those before it,
    "every": one block of contacts of so many was looked at}."""

    class Meta:
        verbose_name_plural = "shared members"
        default_permissions = ()  # counted by the program alone
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_shared_members")]

    def __str__(self) -> str:
        return f"counted at {self.counted_at}"
