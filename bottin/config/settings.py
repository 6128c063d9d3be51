"""Django settings, all derived from the typed settings of `env.py`."""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC

from bottin.config import connections, env, keys, logs

BOTTIN = env.load()
# Domain code reads `settings.BOTTIN_<NAME>`: it sits below this package.
globals().update({f"BOTTIN_{name.upper()}": value for name, value in BOTTIN})
PART = os.environ.get("BOTTIN_PART", "command")
BASE_DIR = Path(__file__).resolve().parent.parent

SITE_SECRET = keys.site_secret(BOTTIN)
SECRET_KEY = keys.derive(SITE_SECRET, keys.DJANGO).hex()
# 32 bytes each, for the data plane.
BOTTIN_ANNOUNCE_SECRET = keys.derive(SITE_SECRET, keys.ANNOUNCE)
BOTTIN_CONNECTION_SECRET = keys.derive(SITE_SECRET, keys.CONNECTION)
BOTTIN_SESSION_SECRET = keys.derive(SITE_SECRET, keys.SESSION)
BOTTIN_AUDIT_SECRET = keys.derive(SITE_SECRET, keys.AUDIT)
BOTTIN_FEED_SECRET = keys.derive(SITE_SECRET, keys.FEED)
BOTTIN_HOOK_SECRET = keys.derive(SITE_SECRET, keys.HOOK)
BOTTIN_SITE_MARK = keys.site_mark(SITE_SECRET)

DEBUG = False
ALLOWED_HOSTS = [BOTTIN.host, *BOTTIN.aliases]
if BOTTIN.host in {"127.0.0.1", "localhost", "::1"}:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"]

# --- applications ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "django_cotton",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "bottin.accounts",
    "bottin.audit",
    "bottin.tracker",
    "bottin.ledger",
    "bottin.catalog",
    "bottin.search",
    "bottin.uploads",
    "bottin.pictures",
    "bottin.community",
    "bottin.moderation",
    "bottin.exchange",
    "bottin.web",
    "bottin.api",
    "bottin.feeds",
]
MIDDLEWARE = [
    "bottin.config.middleware.TrustedProxies",  # first: the others trust REMOTE_ADDR
    "bottin.config.middleware.RequestFigures",
    "bottin.web.middleware.CompressedPages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bottin.config.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bottin.web.signed_in.SignedIn",  # ends what was revoked, before anyone asks for the user
    "bottin.web.middleware.AskedLanguage",  # `?lang=en`, as `hreflang` says; over the account's
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "bottin.web.middleware.Refusals",  # last: a refusal of a view becomes its page
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "bottin.web.context.site",
            ],
        },
    }
]
ROOT_URLCONF = "bottin.config.urls"
WSGI_APPLICATION = "bottin.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database, cache, background work --------------------------------------------------------

DATABASES = {"default": connections.django_database(BOTTIN, PART)}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # For what all processes must agree on; slower, its table comes with `bottin migrate`.
    "shared": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
}
TASKS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- people ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["bottin.config.sign_in.EvenBackend"]
PASSWORD_HASHERS = [
    "bottin.config.hashers.BoundedArgon2Hasher",
    "bottin.config.hashers.FormerBcryptHasher",  # accounts that were imported, once
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email"), "max_similarity": 0.62},
    },
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": "bottin.accounts.passwords.RegularPasswordValidator"},
    {"NAME": "bottin.accounts.passwords.DressedUpPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "bottin.web.account_adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "bottin.web.forms.accounts.SignInForm",
    "signup": "bottin.web.forms.accounts.SignUpForm",
    "add_email": "bottin.web.forms.accounts.ChangeEmailForm",
    "reset_password": "bottin.web.forms.accounts.AskResetForm",
    "reset_password_from_key": "bottin.web.forms.accounts.ResetPasswordForm",
    "change_password": "bottin.web.forms.accounts.ChangePasswordForm",
    "reauthenticate": "bottin.web.forms.accounts.ReauthenticateForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "name"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{BOTTIN.site_name}] "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to whoever a stranger names
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = BOTTIN.reauthentication_m * 60
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BOTTIN.is_https else "http"
ACCOUNT_RATE_LIMITS = False  # ours are exact across processes: bottin/accounts/throttle.py
# Names are unique without regard to case, by a constraint that this check cannot see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

# --- language and time -----------------------------------------------------------------------

LANGUAGE_CODE = BOTTIN.language
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["bottin.web.dates"]
USE_TZ = True
TIME_ZONE = BOTTIN.time_zone

# --- files -----------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BOTTIN.data_dir / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Hashed names are served as immutable, and compressed once, when collected.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = BOTTIN.data_dir / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = BOTTIN.request_max_size
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- e-mail ----------------------------------------------------------------------------------

_IS_SENT = bool(BOTTIN.email_host) and not BOTTIN.demo
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _IS_SENT else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = str(BOTTIN.data_dir / "mail")
EMAIL_HOST = BOTTIN.email_host
EMAIL_PORT = BOTTIN.email_port
EMAIL_HOST_USER = BOTTIN.email_user
EMAIL_HOST_PASSWORD = BOTTIN.email_password.reveal() if BOTTIN.email_password else ""
EMAIL_USE_TLS = BOTTIN.email_security == "starttls"
EMAIL_USE_SSL = BOTTIN.email_security == "tls"
EMAIL_TIMEOUT = BOTTIN.email_timeout_s
DEFAULT_FROM_EMAIL = SERVER_EMAIL = BOTTIN.email_from or f"bottin@{BOTTIN.host}"

# --- browsers (SEC-6 to SEC-8) ---------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE, STRICT_DYNAMIC],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "require-trusted-types-for": ["'script'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "bottin.web.views.errors.forged"
CSRF_TRUSTED_ORIGINS = [BOTTIN.origin]
# TrustedProxies drops this header from anyone who is not a proxy of ours.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = BOTTIN.is_https
# The API refuses plain HTTP itself: a redirect would hide that a token went over the wire.
SECURE_REDIRECT_EXEMPT = [
    *(r"^healthz$", r"^readyz$", r"^api/(?!v1/docs$)"),
    r"^(rss|atom|torrent/download)/",  # so do feeds (KEY-4)
]
SECURE_HSTS_SECONDS = 2 * 365 * 86_400 if BOTTIN.is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BOTTIN.is_https

_HOST_ONLY = "__Host-" if BOTTIN.is_https else ""
SESSION_COOKIE_NAME = f"{_HOST_ONLY}sessionid"
CSRF_COOKIE_NAME = f"{_HOST_ONLY}csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BOTTIN.is_https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = BOTTIN.session_idle_d * 86_400

# --- logs ------------------------------------------------------------------------------------

logs.configure(BOTTIN, PART)
LOGGING_CONFIG = None
