"""Addresses of the libraries' calls, below /v1/."""

from __future__ import annotations

from django.urls import re_path

from events.tracking.messages import KINDS
from events.tracking.views import BATCHES, tracked

urlpatterns = [
    re_path(rf"^(?P<call>{'|'.join((*KINDS, *BATCHES))})/?$", tracked, name="tracked"),
]
