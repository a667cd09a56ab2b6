"""Settings; what differs between installations comes from the environment."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from segmentflow.database.connecting import database_settings
from segmentflow.database.location import installation
from segmentflow.logs.setup import logging_settings
from segmentflow.signin.relying_party import relying_party

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = installation()


def _listed(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _secret_key() -> str:
    """The one that `manage.py up` keeps; before it first ran, one that nobody can know."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    try:
        return DATA.secret_key.read_text().strip()
    except OSError:
        return secrets.token_urlsafe(50)


DEBUG = os.environ.get("DEBUG", "") == "1"
SECRET_KEY = _secret_key()
# Those of before: what they signed and encrypted is still read (docs/operations.md).
SECRET_KEY_FALLBACKS = _listed("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = _listed("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _listed("CSRF_TRUSTED_ORIGINS")

# HTTPS=1: a proxy before us speaks HTTPS and sets X-Forwarded-Proto (docs/operations.md).
if os.environ.get("HTTPS", "") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = int(os.environ.get("HSTS_SECONDS", "31536000"))
    SECURE_HSTS_INCLUDE_SUBDOMAINS = os.environ.get("HSTS_SUBDOMAINS", "") == "1"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # With this name browsers take them from this host alone, over HTTPS, for all of it.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
# What lies below our host, and a list built into browsers, is for its owner to decide on.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# Addresses and networks of proxies of our own: what they say about where a request came from holds
# (segmentflow/client_address.py).
TRUSTED_PROXIES = _listed("TRUSTED_PROXIES", "127.0.0.1,::1")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "segmentflow.views.csrf_failure"

# Only what we serve ourselves runs here; no inline script or style, no eval.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # Tabler's arrows and ticks
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

INSTALLED_APPS = [
    "segmentflow",
    "contacts",
    "events",
    "segments",
    "campaigns",
    "outbound",
    "segmentflow.admin_site.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp_webauthn",
    "django_q",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "template_partials",
]

MIDDLEWARE = [
    "segmentflow.logs.access.AccessMiddleware",
    # Before whatever asks for a name or for HTTPS: probes know neither.
    "segmentflow.operations.probes.ProbesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "segmentflow.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "segmentflow.outage.OutageMiddleware",
    "segmentflow.local_time.LocalTimeMiddleware",
    "segmentflow.audit.acting.ActingMiddleware",
    "segmentflow.signin.middleware.SignedInMiddleware",
    "segmentflow.impossible.ImpossibleAddressMiddleware",
    "segmentflow.api.slashes.TrailingSlashMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "segmentflow.urls"
WSGI_APPLICATION = "segmentflow.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {
    "default": database_settings(os.environ.get("DATABASE_URL", ""), embedded_url=DATA.url)
}
if test_database := os.environ.get("TEST_DATABASE_NAME"):
    DATABASES["default"]["TEST"] = {"NAME": test_database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "segmentflow.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # refuses whoever tried too often
    "django.contrib.auth.backends.ModelBackend",
]
_VALIDATORS: dict[str, dict[str, int]] = {
    "UserAttributeSimilarityValidator": {},
    "MinimumLengthValidator": {"min_length": 10},
    "CommonPasswordValidator": {},
    "NumericPasswordValidator": {},
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in _VALIDATORS.items()
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Whoever is signed in: until nobody came for a while, and in any case for some days.
SESSION_ENGINE = "segmentflow.signin.store"
SESSION_IDLE = timedelta(hours=float(os.environ.get("SESSION_IDLE_HOURS", "24")))
SESSION_WHOLE = timedelta(days=float(os.environ.get("SESSION_DAYS", "14")))
SESSION_COOKIE_AGE = int(SESSION_WHOLE.total_seconds())

# Whoever fails to sign in so often is kept out for a while (signin/lockout.py).
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_HANDLER = "segmentflow.signin.lockout.Handler"
AXES_LOCKOUT_CALLABLE = "segmentflow.signin.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "segmentflow.visitors.network_of"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = [
    *("username", "ip_address", "csrfmiddlewaretoken", "next", "code"),
    *("current_password", "old_password", "new_password1", "new_password2"),
]

OTP_TOTP_ISSUER = "SegmentFlow"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
"""Until admins choose another one in the settings of the workspace (segmentflow/clock.py)."""

STATIC_URL = "/static/"
# Pictures of the documents at /docs/ (segmentflow/documentation/pictures.py).
STATICFILES_DIRS = [BASE_DIR / "static", ("docs", BASE_DIR / "docs" / "pictures" / "guide")]
# `manage.py up` collects the files; tests and single commands read them where they lie.
STATIC_IS_COLLECTED = os.environ.get("SEGMENTFLOW_STATIC") == "collected"
STATIC_ROOT = DATA.static if STATIC_IS_COLLECTED else None
WHITENOISE_USE_FINDERS = not STATIC_IS_COLLECTED
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "segmentflow.static_files.HashedStaticFiles"
        if STATIC_IS_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Strict: an event of a type nobody registered is an error instead of a new type.
EVENT_TYPES_STRICT = os.environ.get("EVENT_TYPES", "") == "strict"
MAX_BODY_BYTES = 10 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
# Of one form: for each of a thousand columns of an import three, and some more.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000

# Files of contacts that people import (contacts/imports).
IMPORTS_DIR = Path(os.environ.get("IMPORT_DIR") or DATA.imports).expanduser().absolute()
MAX_IMPORT_BYTES = int(os.environ.get("SEGMENTFLOW_IMPORT_MB", "2048")) * 1024 * 1024

# Files of scheduled exports: into no other folder, and what is on its way to an address.
EXPORTS_DIR = Path(os.environ.get("EXPORT_DIR") or DATA.exports).expanduser().absolute()
EXPORT_SPOOL = DATA.spool

# False: nobody sends the demonstration's events (`manage.py up --no-demo`), so it cannot be loaded.
DEMO = os.environ.get("SEGMENTFLOW_DEMO", "1") == "1"

# Where people reach this installation: in links of messages. Set it where a proxy stands before us;
# else `manage.py up` sets where it serves.
PUBLIC_URL = (os.environ.get("PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/")
# Whoever gets a message comes by this name.
if (_host := urlsplit(PUBLIC_URL).hostname) and _host not in ALLOWED_HOSTS and ":" not in _host:
    ALLOWED_HOSTS.append(_host)

# Passkeys belong to that address (signin/passkeys.py).
OTP_WEBAUTHN_HELPER_CLASS = "segmentflow.signin.passkeys.Helper"
OTP_WEBAUTHN_RP_NAME = "SegmentFlow"
OTP_WEBAUTHN_RP_ID = relying_party(PUBLIC_URL).id
OTP_WEBAUTHN_ALLOWED_ORIGINS = [relying_party(PUBLIC_URL).origin]
OTP_WEBAUTHN_EXCEPTION_LOGGER_NAME = ""  # what browsers or strangers send is no mistake of ours

# Such as smtp://user:password@host:587/?tls=1: sends email by it, whatever the settings' page says.
EMAIL_URL = os.environ.get("EMAIL_URL", "").strip()

# Push services besides those of the usual browsers, such as push.example.com, *.example.com or *
# (campaigns/push/services.py).
PUSH_SERVICES = _listed("PUSH_SERVICES")
PUSH_ALLOW_PRIVATE = False  # only tests have one on their own machine

# Hosts and networks of our own that webhooks may lead to, such as hooks.lan, 10.1.0.0/16
# (outbound/webhooks/addressing.py).
OUTBOUND_PRIVATE_HOSTS = _listed("OUTBOUND_PRIVATE_HOSTS")

# False: nobody asks the cluster for anything, for tests that settle or deliver by themselves.
# `manage.py up` does not heed it: it has a cluster, which would look silent (processes/running.py).
WAKE_CLUSTER = os.environ.get("SEGMENTFLOW_WAKE", "1") == "1"

# Which start of `manage.py up` this process belongs to: several machines may share a database.
MACHINE = os.environ.get("SEGMENTFLOW_MACHINE", "")

WORKERS = int(os.environ.get("SEGMENTFLOW_WORKERS", "2"))
SENDING_WORKERS = max(1, WORKERS - 1)
"""At most so many send messages at a time: whoever comes into a segment must not wait for that."""

Q_CLUSTER = {
    "name": "segmentflow",
    "label": "Task queue",
    "workers": WORKERS,
    "orm": "default",
    "broker_class": "segmentflow.broker.NotifyBroker",
    "timeout": 3600,
    "retry": 4000,
    "max_attempts": 3,
    "save_limit": -1,  # successes are not kept: three times the throughput
    "recycle": 10_000,
    # Nothing is scheduled here: deadlines have a loop of their own (segments/engine/watch.py).
    "scheduler": False,
    "catch_up": False,
}

# LOG_FORMAT=json writes objects instead of lines; ACCESS_LOG=0 leaves out the line of each request.
ACCESS_LOG = os.environ.get("ACCESS_LOG", "1") == "1"
LOGGING = logging_settings(
    secrets=[
        SECRET_KEY,
        *SECRET_KEY_FALLBACKS,
        str(DATABASES["default"].get("PASSWORD") or ""),
        EMAIL_URL,
    ]
)
DEFAULT_EXCEPTION_REPORTER = "segmentflow.logs.reports.MaskingReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "segmentflow.logs.reports.MaskingReportFilter"

# Addresses of programs that may read /metrics without a key, such as 127.0.0.1/32, 10.1.0.0/16.
METRICS_ALLOW = [ip_network(one, strict=False) for one in _listed("METRICS_ALLOW")]

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "segmentflow.api.problems.answer_problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "SegmentFlow API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "ENUM_NAME_OVERRIDES": {
        "SegmentStatus": "segments.models.Segment.Status",
        "SegmentKind": "segments.models.Segment.Kind",
        "NewSegmentStatus": ["draft", "live"],
        "ExportKind": "outbound.exports.models.Export.Kind",
        "WebhookState": "outbound.webhooks.selectors.NAMES",
        "DeliveryState": "outbound.webhooks.selectors.DELIVERY_NAMES",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "segmentflow.api.schema_refusals.add_refusals",
        "segmentflow.api.schema.loosen_anything",
    ],
}
