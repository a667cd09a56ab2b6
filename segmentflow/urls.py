"""Every address of the site."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from campaigns.push.views import push_script, push_subscription, push_worker
from campaigns.tracking.short_pages import short_link
from campaigns.views.pictures import picture_file
from events.tracking.script import tracking_script
from outbound.exports.views.pages import export_list
from segmentflow import views
from segmentflow.documentation.views import without_slash
from segmentflow.pages.account import account
from segmentflow.pages.home import freshness, home
from segmentflow.pages.passkeys import BeginSigningIn, FinishSigningIn
from segmentflow.pages.search import search
from segmentflow.pages.sign_in import SignIn, sign_in_code
from segmentflow.pages.theme import theme

handler400 = "segmentflow.views.bad_request"
handler403 = "segmentflow.views.permission_denied"
handler404 = "segmentflow.views.page_not_found"
handler500 = "segmentflow.outage.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("favicon.ico", views.favicon),
    path("search", search, name="search"),
    path("freshness", freshness, name="freshness"),
    path("theme", theme, name="theme"),
    path("sign-in", SignIn.as_view(), name="login"),
    path("sign-in/code", sign_in_code, name="sign_in_code"),
    path("sign-in/passkey", BeginSigningIn.as_view(), name="passkey_asked"),
    path("sign-in/passkey/answer", FinishSigningIn.as_view(), name="passkey_shown"),
    path("sign-out", LogoutView.as_view(), name="logout"),
    path("api/", include("segmentflow.api.urls")),
    path("v1/push", push_subscription, name="push_subscription"),
    path("v1/", include("events.tracking.urls")),
    path("t.js", tracking_script),
    path("push.js", push_script, name="push_script"),
    path("push-worker.js", push_worker, name="push_worker"),
    path("s/<str:code>", short_link, name="short_link"),
    path("m/i/<slug:token>.<slug:extension>", picture_file, name="picture_file"),
    path("contacts", include("contacts.urls")),
    path("events", include("events.urls")),
    path("segments/<slug:key>", include("outbound.segment_urls")),
    path("segments", include("segments.urls")),
    path("exports", include("outbound.exports.urls")),
    path("campaigns", include("campaigns.urls")),
    path("m/hooks/", include("campaigns.hook_urls")),
    path("m/", include("campaigns.tracking.urls")),
    path("docs", without_slash),
    path("docs/", include("segmentflow.documentation.urls")),
    path("settings/webhooks", include("outbound.webhooks.urls")),
    path("settings/exports", export_list, name="export_list"),
    path("settings", include("segmentflow.pages.settings_urls")),
    path("account", account, name="account"),
    path("account/", include("segmentflow.pages.account_urls")),
    path("admin/login/", views.admin_sign_in),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    from segmentflow import development

    urlpatterns += development.urlpatterns
