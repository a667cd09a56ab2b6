"""Addresses of the settings, below /settings."""

from __future__ import annotations

from django.urls import path

from campaigns.views.settings import (
    sending,
    sending_rules,
    suppression_remove,
    way_edit,
    way_test,
    way_try,
)
from segmentflow.pages.audit import audit_csv, audit_log
from segmentflow.pages.audit_retention import audit_retention
from segmentflow.pages.key_detail import key_detail, key_edit, key_revoke, key_rotate
from segmentflow.pages.keys import key_list, key_new
from segmentflow.pages.moves_retention import moves_retention, moves_retention_pause
from segmentflow.pages.retention import retention_edit, retention_list, retention_pause
from segmentflow.pages.settings_tabs import settings
from segmentflow.pages.status import (
    failure_again,
    failure_dismiss,
    failures_dismiss,
    status,
)
from segmentflow.pages.user_security import user_reset_factor, user_sign_out, user_unlock
from segmentflow.pages.users import user_edit, user_list, user_new, user_password
from segmentflow.pages.websites import (
    website_detail,
    website_edit,
    website_list,
    website_new,
    website_revoke,
)
from segmentflow.pages.workspace import (
    demo_load,
    demo_remove,
    demo_stream,
    second_factor_for,
    unknown_types,
    workspace,
)

urlpatterns = [
    path("", settings, name="settings"),
    path("/keys", key_list, name="key_list"),
    path("/keys/new", key_new, name="key_new"),
    path("/keys/<int:pk>", key_detail, name="key_detail"),
    path("/keys/<int:pk>/edit", key_edit, name="key_edit"),
    path("/keys/<int:pk>/rotate", key_rotate, name="key_rotate"),
    path("/keys/<int:pk>/revoke", key_revoke, name="key_revoke"),
    path("/websites", website_list, name="website_list"),
    path("/websites/new", website_new, name="website_new"),
    path("/websites/<int:pk>", website_detail, name="website_detail"),
    path("/websites/<int:pk>/edit", website_edit, name="website_edit"),
    path("/websites/<int:pk>/revoke", website_revoke, name="website_revoke"),
    path("/users", user_list, name="user_list"),
    path("/users/new", user_new, name="user_new"),
    path("/users/<int:pk>", user_edit, name="user_edit"),
    path("/users/<int:pk>/password", user_password, name="user_password"),
    path("/users/<int:pk>/unlock", user_unlock, name="user_unlock"),
    path("/users/<int:pk>/sign-out", user_sign_out, name="user_sign_out"),
    path("/users/<int:pk>/reset", user_reset_factor, name="user_reset_factor"),
    path("/sending", sending, name="sending"),
    path("/sending/rules", sending_rules, name="sending_rules"),
    path("/sending/<str:channel>", way_edit, name="way_edit"),
    path("/sending/<str:channel>/test", way_test, name="way_test"),
    path("/sending/<str:channel>/try", way_try, name="way_try"),
    path("/sending/<str:channel>/allow", suppression_remove, name="suppression_remove"),
    path("/retention", retention_list, name="retention_list"),
    path("/retention/moves", moves_retention, name="moves_retention"),
    path("/retention/moves/pause", moves_retention_pause, name="moves_retention_pause"),
    path("/retention/<int:pk>", retention_edit, name="retention_edit"),
    path("/retention/<int:pk>/pause", retention_pause, name="retention_pause"),
    path("/audit", audit_log, name="audit_log"),
    path("/audit.csv", audit_csv, name="audit_csv"),
    path("/audit/retention", audit_retention, name="audit_retention"),
    path("/status", status, name="status"),
    path("/status/failures/dismiss", failures_dismiss, name="failures_dismiss"),
    path("/status/failures/<slug:pk>/again", failure_again, name="failure_again"),
    path("/status/failures/<slug:pk>/dismiss", failure_dismiss, name="failure_dismiss"),
    path("/workspace", workspace, name="workspace"),
    path("/workspace/unknown-types", unknown_types, name="unknown_types"),
    path("/workspace/second-factor", second_factor_for, name="second_factor_for"),
    path("/workspace/demo/load", demo_load, name="demo_load"),
    path("/workspace/demo/stream", demo_stream, name="demo_stream"),
    path("/workspace/demo/remove", demo_remove, name="demo_remove"),
]
