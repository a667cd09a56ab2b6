"""Addresses that stand in messages, below /m/."""

from __future__ import annotations

from django.urls import path

from campaigns.tracking import views

urlpatterns = [
    path("o/<str:token>.gif", views.message_pixel, name="message_pixel"),
    path("c/<str:token>", views.message_click, name="message_click"),
    path("u/<str:token>", views.message_unsubscribe, name="message_unsubscribe"),
    path("u/<str:token>/now", views.message_one_click, name="message_one_click"),
    path("u/<str:token>/choices", views.message_choices, name="message_choices"),
]
