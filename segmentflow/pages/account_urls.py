"""Addresses of one's own account, below /account/."""

from __future__ import annotations

from django.urls import path

from segmentflow.htmx import needs
from segmentflow.pages.passkeys import BeginMaking, FinishMaking, passkey_edit, passkey_remove
from segmentflow.pages.second_factor import recovery_codes, second_factor, second_factor_off
from segmentflow.pages.security import account_password, security
from segmentflow.pages.sessions import session_end, session_list, sessions_end

urlpatterns = [
    path("security", security, name="security"),
    path("password", account_password, name="account_password"),
    path("second-factor", second_factor, name="second_factor"),
    path("second-factor/off", second_factor_off, name="second_factor_off"),
    path("second-factor/codes", recovery_codes, name="recovery_codes"),
    path("passkeys", needs()(BeginMaking.as_view()), name="passkey_begun"),
    path("passkeys/answer", needs()(FinishMaking.as_view()), name="passkey_made"),
    path("passkeys/<int:pk>", passkey_edit, name="passkey_edit"),
    path("passkeys/<int:pk>/remove", passkey_remove, name="passkey_remove"),
    path("sessions", session_list, name="session_list"),
    path("sessions/end", sessions_end, name="sessions_end"),
    path("sessions/<slug:ref>/end", session_end, name="session_end"),
]
