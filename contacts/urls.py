"""Addresses of the contacts' pages, below /contacts."""

from __future__ import annotations

from django.urls import path

from contacts.views.bulk import contact_bulk
from contacts.views.columns import contact_columns
from contacts.views.editing import contact_consent, contact_name_remove, contact_value
from contacts.views.exports import contact_everything, contact_export
from contacts.views.fields import field_delete, field_edit, field_list, field_move, field_new
from contacts.views.imports import import_cancel, import_detail, import_list, import_refused
from contacts.views.listing import contact_count, contact_list
from contacts.views.merging import merge_ask, merge_choose
from contacts.views.profile import contact_detail, contact_edit, contact_erase
from contacts.views.retyping import field_type, field_type_values

urlpatterns = [
    path("", contact_list, name="contact_list"),
    path("/<int:pk>", contact_detail, name="contact_detail"),
    path("/<int:pk>/edit", contact_edit, name="contact_edit"),
    path("/<int:pk>/erase", contact_erase, name="contact_erase"),
    path("/<int:pk>/values/<str:name>", contact_value, name="contact_value"),
    path("/<int:pk>/consents/<str:channel>", contact_consent, name="contact_consent"),
    path("/<int:pk>/names/remove", contact_name_remove, name="contact_name_remove"),
    path("/<int:pk>/everything.json", contact_everything, name="contact_everything"),
    path("/export", contact_export, name="contact_export"),
    path("/columns", contact_columns, name="contact_columns"),
    path("/count", contact_count, name="contact_count"),
    path("/bulk", contact_bulk, name="contact_bulk"),
    path("/imports", import_list, name="import_list"),
    path("/imports/<int:pk>", import_detail, name="import_detail"),
    path("/imports/<int:pk>/cancel", import_cancel, name="import_cancel"),
    path("/imports/<int:pk>/refused.csv", import_refused, name="import_refused"),
    path("/<int:pk>/merge", merge_choose, name="contact_merge"),
    path("/<int:keep>/merge/<int:lose>", merge_ask, name="contact_merge_with"),
    path("/fields", field_list, name="field_list"),
    path("/fields/new", field_new, name="field_new"),
    path("/fields/<slug:key>", field_edit, name="field_edit"),
    # A field may have this key, too.
    path("/fields/new/edit", field_edit, {"key": "new"}, name="field_edit"),
    path("/fields/<slug:key>/type", field_type, name="field_type"),
    path("/fields/<slug:key>/type/<int:pk>.csv", field_type_values, name="field_type_values"),
    path("/fields/<slug:key>/delete", field_delete, name="field_delete"),
    path("/fields/<slug:key>/move", field_move, name="field_move"),
]
