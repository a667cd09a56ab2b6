"""The pages of contacts and of their fields."""

from __future__ import annotations
