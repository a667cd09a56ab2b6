"""What the libraries of Segment and RudderStack send, as contacts and events."""

from __future__ import annotations
