"""Addresses of the segments' pages, below /segments."""

from __future__ import annotations

from django.urls import include, path

from segments.views.actions import (
    segment_archive,
    segment_delete,
    segment_duplicate,
    segment_pause,
    segment_restore,
    segment_resume,
)
from segments.views.activity import activity_csv, activity_list, segment_activity
from segments.views.breakdown import segment_breakdown
from segments.views.comparing import segment_compare
from segments.views.creating import segment_begin, segment_from_template, segment_new
from segments.views.detail import segment_csv, segment_detail
from segments.views.editing import segment_edit_details
from segments.views.explaining import explain_choose, segment_explain, segment_move
from segments.views.filtering import filter_choose, filter_edit, filter_values
from segments.views.listing import segment_list
from segments.views.overlap import overlap_compare, overlap_matrix, segment_overlap
from segments.views.suggestions import segment_suggestions
from segments.views.templates import (
    template_count,
    template_delete,
    template_edit,
    template_file,
    template_save,
    template_upload,
)
from segments.views.versions import segment_restore_version, segment_versions, version_compare

urlpatterns = [
    path("", segment_list, name="segment_list"),
    # No key begins with a dash.
    path("/-new", segment_new, name="segment_new"),
    path("/-new/<slug:template>", segment_from_template, name="segment_from_template"),
    path("/-new/<slug:template>/count", template_count, name="template_count"),
    path("/-new/<slug:template>/file", template_file, name="template_file"),
    path("/-new/<slug:template>/edit", template_edit, name="template_edit"),
    path("/-new/<slug:template>/delete", template_delete, name="template_delete"),
    path("/-import-template", template_upload, name="template_upload"),
    path("/-activity", activity_list, name="activity_list"),
    path("/-activity.csv", activity_csv, name="activity_csv"),
    path("/-compare", segment_compare, name="segment_compare"),
    path("/-begin", segment_begin, name="segment_begin"),
    path("/-overlap", overlap_compare, name="overlap_compare"),
    path("/-overlap/matrix", overlap_matrix, name="overlap_matrix"),
    path("/-filter", filter_choose, name="filter_choose"),
    path("/-filter/edit", filter_edit, name="filter_edit"),
    path("/-filter/values", filter_values, name="filter_values"),
    path("/-explain/<int:contact_id>", explain_choose, name="explain_choose"),
    path("/<slug:key>", segment_detail, name="segment_detail"),
    path("/<slug:key>/members.csv", segment_csv, name="segment_csv"),
    path("/<slug:key>/activity", segment_activity, name="segment_activity"),
    path("/<slug:key>/activity.csv", activity_csv, name="segment_activity_csv"),
    path("/<slug:key>/breakdown", segment_breakdown, name="segment_breakdown"),
    path("/<slug:key>/explain", segment_explain, name="segment_explain"),
    path("/<slug:key>/explain/<int:contact_id>", segment_explain, name="segment_explain"),
    path("/<slug:key>/explain/<int:contact_id>/moves/<int:seq>", segment_move, name="segment_move"),
    path("/<slug:key>/overlap", segment_overlap, name="segment_overlap"),
    path("/<slug:key>/suggestions", segment_suggestions, name="segment_suggestions"),
    path("/<slug:key>/versions", segment_versions, name="segment_versions"),
    path("/<slug:key>/versions/compare", version_compare, name="version_compare"),
    path(
        "/<slug:key>/versions/<int:number>/restore",
        segment_restore_version,
        name="segment_restore_version",
    ),
    path("/<slug:key>/template", template_save, name="template_save"),
    path("/<slug:key>/builder", include("segments.builder.urls")),
    path("/<slug:key>/details", segment_edit_details, name="segment_edit_details"),
    path("/<slug:key>/pause", segment_pause, name="segment_pause"),
    path("/<slug:key>/resume", segment_resume, name="segment_resume"),
    path("/<slug:key>/restore", segment_restore, name="segment_restore"),
    path("/<slug:key>/duplicate", segment_duplicate, name="segment_duplicate"),
    path("/<slug:key>/archive", segment_archive, name="segment_archive"),
    path("/<slug:key>/delete", segment_delete, name="segment_delete"),
]
