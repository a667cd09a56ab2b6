"""What is wrong with a template, for people."""

from __future__ import annotations


class TemplateProblem(Exception):
    """A sentence, and the line of the template that it is about."""

    def __init__(self, message: str, line: int | None = None, *, is_limit: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.is_limit = is_limit
        """It goes too far, whatever the values are."""

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}" if self.line else self.message


def line_at(source: str, index: int) -> int:
    return source.count("\n", 0, max(index, 0)) + 1
