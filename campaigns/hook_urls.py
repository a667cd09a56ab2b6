"""Addresses at which those who deliver messages tell what became of them, below /m/hooks/."""

from __future__ import annotations

from django.urls import path

from campaigns.views.hooks import email_hook, sms_hook

urlpatterns = [
    path("email/<str:provider>/<str:secret>", email_hook, name="email_hook"),
    path("sms/<str:secret>", sms_hook, name="sms_hook"),
]
