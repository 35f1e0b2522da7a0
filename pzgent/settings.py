"""All settings of the portal; every value that differs between hosts comes from the environment."""

import os
import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
# The version of this release, always increasing; `pzgent/operations/release.py` compares it with that of the database.
RELEASE = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]


def env(name: str, default: str = "") -> str:
    """Return the environment variable `name`, or the default if it is unset or empty."""
    return os.environ.get(name, "") or default


def env_flag(name: str) -> bool:
    """Return whether the variable is 1, true, yes or on."""
    return env(name).lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list without empty items."""
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


# --- What an operator sets ------------------------------------------------------------------------
# Everything that the site itself writes, uploads and copies included.
VAR_DIR = Path(env("VAR_DIR", str(BASE_DIR / "var")))
DEBUG = env_flag("DEBUG")
SECRET_KEY = env("SECRET_KEY", "insecure-for-debugging-only" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set the environment variable SECRET_KEY to a long random text, for example: "
        "export SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(50))'). "
        "`make run` makes one for a local run."
    )
BASE_URL = env("BASE_URL").rstrip("/")
# The folder with the content of the zone: `pzgent/data`, `organisation/data` and so on.
CONTENT_ROOT = Path(env("CONTENT_ROOT", str(BASE_DIR)))
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
if BASE_URL:
    ALLOWED_HOSTS.append(urlsplit(BASE_URL).hostname or "")
DATABASE_URL = env("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
CACHE_URL = env("CACHE_URL")
DB_STATEMENT_TIMEOUT_MS = int(env("DB_STATEMENT_TIMEOUT_MS", "10000"))

# --- Applications ---------------------------------------------------------------------------------
INSTALLED_APPS = [
    "pzgent.apps.PortalConfig",
    "organisation.apps.OrganisationConfig",
    "projects.apps.ProjectsConfig",
    "contact.apps.ContactConfig",
    "pzgent.admin.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django_prose_editor",
    "mptt",
    "rest_framework",
    "drf_spectacular",
]
OWN_APPS = ("pzgent", "organisation", "projects", "contact")
MIDDLEWARE = [
    "pzgent.kernel.rest.headers.OpenToAllMiddleware",
    "pzgent.kernel.door.middleware.SecurityHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "pzgent.kernel.rest.throttling.ThrottleMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pzgent.kernel.compression.CompressionMiddleware",
    "pzgent.kernel.door.middleware.ZoneMiddleware",
    "pzgent.kernel.door.middleware.PageConditionalGetMiddleware",
    "pzgent.kernel.door.middleware.PathLocaleMiddleware",
    "pzgent.kernel.door.middleware.RefuseMalformedRequestMiddleware",
    "pzgent.kernel.door.middleware.OneAddressMiddleware",
    "pzgent.kernel.door.middleware.EditorSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "pzgent.kernel.door.middleware.EditorAuthenticationMiddleware",
    "pzgent.kernel.door.middleware.EditorMessagesMiddleware",
]
ROOT_URLCONF = "pzgent.urls"
WSGI_APPLICATION = "pzgent.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
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
                "pzgent.pages.context.site",
            ],
            # Every page has breadcrumbs.
            "builtins": ["pzgent.templatetags.sharing_tags"],
        },
    }
]

# --- Data -----------------------------------------------------------------------------------------


def database(url: str) -> dict[str, Any]:
    """Return the connection settings of a database by its URL."""
    config: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)}
    if config["ENGINE"].endswith("sqlite3"):
        # Take the write lock at the start of a write transaction: a deferred one fails with "database is locked".
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            # One writes at a time: to write a file of ten thousand rows takes half a minute.
            "timeout": 60,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
        return config
    # With PostgreSQL's default work_mem of 4 MB, an organogram of 100,000 units would be sorted on disk. JIT
    # compilation took up to four seconds for queries that run in a tenth of a second.
    config["ENGINE"] = "pzgent.kernel.postgresql"
    config.setdefault("OPTIONS", {}).update(
        connect_timeout=2,
        options=f"-c statement_timeout={DB_STATEMENT_TIMEOUT_MS} -c lock_timeout=8000 -c work_mem=16MB -c jit=off",
    )
    # A visitor who disconnects in the middle of a large file would leave a cursor on a connection that others reuse.
    config["DISABLE_SERVER_SIDE_CURSORS"] = True
    return config


DATABASES = {"default": database(DATABASE_URL)}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Request counts of API clients; separate, so that many clients do not evict other entries.
    "counters": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "counters",
        "OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.2},
    }
    if CACHE_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "counters",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
}

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("fr", _("French")), ("en", _("English")), ("de", _("German"))]
FORMAT_MODULE_PATH = "pzgent.kernel.formats"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Brussels"
USE_I18N = True
USE_TZ = True

# --- Files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Uploaded files have no URL by name: `pzgent.kernel.files` serves each under the rules of its owner. A host that cannot
# exist (RFC 6761) keeps Django's development and test servers from serving the folder.
MEDIA_URL = "https://media.invalid/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", str(VAR_DIR / "media")))
# The internal nginx location that reads MEDIA_ROOT; if empty, the application sends the bytes itself.
FILES_ACCEL_ROOT = env("FILES_ACCEL_ROOT").rstrip("/")
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o640, "directory_permissions_mode": 0o750},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# Maximum size of one admin form including its files. No other form accepts uploads.
LARGEST_UPLOAD = 50 * 1024 * 1024

# The highest number of each change feed that this machine has served: see `pzgent/change_feed/witness.py`.
FEED_WITNESS = VAR_DIR / "feed.json"

# The bulk files of the API, each generated once per state of the data.
BULK_FOLDER = VAR_DIR / "bulk"

# The last good copy of each page, for database outages; with `COPIES_AHEAD=0` only requested pages are copied.
COPIES_AHEAD = env("COPIES_AHEAD", "1") == "1"
PAGES_FOLDER = Path(env("PAGES_FOLDER", str(VAR_DIR / "pages")))

# The page that the proxy shows when none of our processes respond: see `pzgent/operations/emergency.py`.
EMERGENCY_FOLDER = VAR_DIR / "emergency"
# The daily backups of `manage.py backup`.
BACKUPS_FOLDER = Path(env("BACKUPS_FOLDER", str(VAR_DIR / "backups")))
BACKUPS_KEPT_DAYS = int(env("BACKUPS_KEPT_DAYS", "30"))
# The notices shown on every page, readable without the database.
NOTICES_FOLDER = Path(env("NOTICES_FOLDER", str(VAR_DIR / "notices")))

# --- Security -------------------------------------------------------------------------------------
# In production the site is served over HTTPS behind a proxy: an https BASE_URL turns on all strict settings.
SERVED_OVER_HTTPS = BASE_URL.startswith("https://")
SECURE_SSL_REDIRECT = SERVED_OVER_HTTPS
SECURE_SSL_HOST = urlsplit(BASE_URL).netloc or None
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SERVED_OVER_HTTPS else None
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if SERVED_OVER_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SERVED_OVER_HTTPS
# Browsers ship the preload list for months: opting in is up to the operator, not to the portal.
SECURE_HSTS_PRELOAD = env_flag("HSTS_PRELOAD")
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED_OVER_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin"
CSRF_FAILURE_VIEW = "pzgent.admin.resuming.csrf_failed"
# A session ends after a working day, and after a pause.
SESSION_COOKIE_AGE = int(env("SESSION_HOURS", "10")) * 3600
SESSION_IDLE_MINUTES = int(env("SESSION_IDLE_MINUTES", "30"))
# Whether editors need a second step to sign in: in production, unless the operator says otherwise.
SECOND_FACTOR = env_flag("SECOND_FACTOR") if env("SECOND_FACTOR") else SERVED_OVER_HTTPS
# Sign-in through an OpenID Connect provider, beside that with a password: see `pzgent/admin/provider.py`.
OIDC_ISSUER = env("OIDC_ISSUER")
OIDC_CLIENT_ID, OIDC_CLIENT_SECRET = env("OIDC_CLIENT_ID"), env("OIDC_CLIENT_SECRET")
OIDC_NAME = env("OIDC_NAME", urlsplit(OIDC_ISSUER).hostname or "")
# True if the provider requires a second step of everybody; ours is then skipped.
OIDC_SECOND_FACTOR = env_flag("OIDC_SECOND_FACTOR")
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured(
        "OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, which the provider gives."
    )
if OIDC_ISSUER and SERVED_OVER_HTTPS and not OIDC_ISSUER.startswith("https://"):
    raise ImproperlyConfigured("OIDC_ISSUER has to begin with https://, as BASE_URL does.")
# As the privacy page says.
SIGN_IN_LOG_DAYS = 90
CSRF_TRUSTED_ORIGINS = [BASE_URL] if SERVED_OVER_HTTPS else []
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "pzgent.admin.passwords.GuessingValidator"},
]

# --- Mail -----------------------------------------------------------------------------------------
# For example `smtps://user:password@mail.example.be`. Without it, a local run writes mail to its own output, and a site
# in production sends none.
_mail = urlsplit(env("EMAIL_URL"))
SENDS_MAIL = bool(_mail.scheme) or not SERVED_OVER_HTTPS
_backend = "smtp" if _mail.scheme else "console" if SENDS_MAIL else "dummy"
EMAIL_BACKEND = f"django.core.mail.backends.{_backend}.EmailBackend"
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = _mail.scheme == "smtp" and bool(_mail.username)
EMAIL_HOST = _mail.hostname or "localhost"
EMAIL_PORT = _mail.port or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", "webmaster@localhost")

# --- API ------------------------------------------------------------------------------------------
# Per client; 0: no limit. Behind proxies the client is the one that the proxies name; PROXIES is the number of our own.
API_REQUESTS_PER_MINUTE = int(env("API_REQUESTS_PER_MINUTE", "600"))
PROXIES = int(env("PROXIES", "1" if SERVED_OVER_HTTPS else "0"))
# The addresses of those proxies: `X-Forwarded-…` headers from any other address, in any spelling, are ignored.
PROXY_NETWORKS = [ip_network(text, strict=False) for text in env_list("PROXY_ADDRESSES", "127.0.0.1,::1")]
# WSGI servers read `X_Forwarded_For` as `X-Forwarded-For`: a name without a hyphen cannot be spoofed this way.
CLIENT_HEADER = env("CLIENT_HEADER", "X-Forwarded-For")
# Maximum size in bytes of one response before compression; bulk files are not limited. 0: no limit.
API_LARGEST_ANSWER = int(env("API_LARGEST_ANSWER", "5000000"))
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["pzgent.kernel.rest.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "pzgent.kernel.rest.schema.ResourceSchema",
    "EXCEPTION_HANDLER": "pzgent.kernel.rest.problem_response",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Open API",
    "DESCRIPTION": (
        "The organisation, projects, staffing and contact channels of a Belgian police zone. Read only, no key. "
        "Follows the REST guide of the Belgian government (BelGIF). Texts are Dutch, names are English, and what is "
        "not known is left out."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.0.3",
    "CONTACT": {"name": "", "url": "/over"},
    "EXTERNAL_DOCS": {"description": "Open data: what there is, with examples", "url": "/open-data"},
    "TAGS": [
        {"name": "Organisation", "description": "Units, and the structure they form on any day."},
        {"name": "Contact", "description": "How to reach the police, where, and what is open at any moment."},
        {"name": "Projects", "description": "Safety plans, their projects, and the objectives these serve."},
        {"name": "Staff", "description": "How many posts and people there are, per grade."},
        {"name": "Policies", "description": "What the organisation has decided to do, per subject."},
        {"name": "Facts", "description": "Key figures, statements, documents and the words they use."},
        {"name": "Bulk", "description": "Everything at once, and everything that changed."},
        {"name": "About", "description": "The API itself: its parts, its codes, its health; and the search."},
    ],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "pzgent.api.docs.complete_description",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {"FeedAction": "pzgent.api.changes.ACTIONS"},
}

# --- Logging: problems only, to the process's own output; no visitor data ------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "pzgent.operations.logs.JsonFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            **({"formatter": "json"} if env("LOG_FORMAT") == "json" else {}),
        }
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "WARNING")},
    "loggers": {"django.request": {"level": "ERROR"}},
}
