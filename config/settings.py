"""The one settings module: everything comes from the environment (docs/settings.md) or has a default that works."""

import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.csp import CSP

from config import env, programs, reports, sign_on
from config.backends import database, huey, mailers, storages, with_password
from studio import VERSION

BASE_DIR = Path(__file__).resolve().parent.parent

# State: secrets, SQLite files, pictures, spool. Everything that must survive lies here unless it is moved elsewhere.
STATE_DIR = Path(env.text("STUDIO_STATE", str(BASE_DIR / "var"))).resolve()
STATE_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

MACHINE = env.text("STUDIO_MACHINE") or socket.gethostname()

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.secret("SECRET_KEY", state=STATE_DIR, make=get_random_secret_key)
FIELD_KEYS = env.secret("FIELD_KEYS", state=STATE_DIR, make=lambda: Fernet.generate_key().decode()).split(",")
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, least=1)
STUDIO_URL = env.text("STUDIO_URL", f"http://{'127.0.0.1' if HOST == '0.0.0.0' else HOST}:{PORT}").rstrip("/")  # noqa: S104
HTTPS = urlsplit(STUDIO_URL).scheme == "https"
BEHIND_PROXY = env.flag("BEHIND_PROXY")
PROXY_COUNT = env.number("PROXY_COUNT", 1, least=1)

_public_host = urlsplit(STUDIO_URL).hostname or "127.0.0.1"
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", ",".join(dict.fromkeys([_public_host, "127.0.0.1", "localhost", "[::1]"]))
)
CSRF_TRUSTED_ORIGINS = [STUDIO_URL] if HTTPS else []

INSTALLED_APPS = [
    "studio.apps.StudioConfig",
    "django.contrib.admin.apps.SimpleAdminConfig",  # studio.admin has a site of its own
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "huey.contrib.djhuey",
]

MIDDLEWARE = [
    "studio.middleware.request_id",
    "studio.middleware.say_what_was_asked",
    "corsheaders.middleware.CorsMiddleware",
    "studio.middleware.live",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "studio.middleware.CompressPages",
    "studio.middleware.ContentPolicy",
    "studio.middleware.small_bodies",
    "studio.middleware.UpToDate",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "studio.middleware.no_store",
    "studio.middleware.seen",
    "studio.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "studio.middleware.SecondFactor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "studio.middleware.StudioErrors",
]

API_MIDDLEWARE = [  # of the process for programs: none of them may hold a thread while a caller waits
    "studio.api.door.ProgramsDoor",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "django.template.context_processors.csp",
                "studio.context.studio",
            ],
            "builtins": [
                "studio.templatetags.studio",
                "studio.templatetags.stencil",
                "django.templatetags.static",
            ],
        },
    }
]

# Database
DATABASE_PASSWORD = env.text("DATABASE_PASSWORD")
DATABASE_URL = with_password(
    env.text("DATABASE_URL", f"sqlite:///{STATE_DIR / 'studio.sqlite3'}"), DATABASE_PASSWORD
)
DATABASE_CONNECTIONS = env.number("DATABASE_CONNECTIONS", 16, least=2)
DATABASE_POOLER = env.flag("DATABASE_POOLER")
DATABASES = {"default": database(DATABASE_URL, connections=DATABASE_CONNECTIONS, pooler=DATABASE_POOLER)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Tickets: the row decides, the task engine only wakes workers.
WORKER_THREADS = env.number("WORKER_THREADS", 200, least=1)
TASK_URL = with_password(env.text("TASK_URL", f"sqlite:///{STATE_DIR / 'tasks.sqlite3'}"), DATABASE_PASSWORD)
STOP_GRACE = env.seconds("STOP_GRACE", 630)
TASK_BACKEND = env.text("TASK_BACKEND", "huey.contrib.djhuey.tasks_backend.HueyBackend")
_huey_url = TASK_URL if TASK_BACKEND.startswith("huey.") else f"sqlite:///{STATE_DIR / 'tasks.sqlite3'}"
HUEY = huey(_huey_url, grace=STOP_GRACE, secret=SECRET_KEY)
ONE_MACHINE = TASK_URL.startswith("sqlite:")  # then the bell reaches every worker, and no ticket is needed
TASKS = {
    "default": {
        "BACKEND": TASK_BACKEND,
        "ENQUEUE_ON_COMMIT": True,
    }
}

# Storage
STORAGE_URL = env.text("STORAGE_URL", f"file://{STATE_DIR / 'media'}")
S3_PUBLIC_ENDPOINT = env.text("S3_PUBLIC_ENDPOINT")
STORAGES = {
    "default": storages(STORAGE_URL),
    "staticfiles": {"BACKEND": "studio.staticfiles.BundledManifestStorage"},
}
SPOOL_DIR = Path(env.text("SPOOL_DIR", str(STATE_DIR / "spool")))
FILE_UPLOAD_PERMISSIONS = 0o600
IMPORT_MAX_MB = env.number("STUDIO_IMPORT_MAX_MB", 2048, least=1)

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STUDIO_STATIC", str(STATE_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "studio.staticfiles.BundleFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

# Moderation
REVIEW_PICTURES = env.choice("STUDIO_REVIEW_PICTURES", "off", ["off", "new", "everybody"])
REVIEW_DAYS = env.number("STUDIO_REVIEW_DAYS", 14, least=1)
STRIKE_DAYS = env.number("STUDIO_STRIKE_DAYS", 180, least=1)
STRIKES_SUSPEND = env.number("STUDIO_STRIKES_SUSPEND", 0)
STRIKE_SUSPENSION_DAYS = env.number("STUDIO_STRIKE_SUSPENSION_DAYS", 7, least=1)

# Links to the outside
OUTSIDE_LINKS = env.flag("STUDIO_OUTSIDE_LINKS", True)

# Drawing
DEFAULT_SHARED = env.flag("STUDIO_DEFAULT_SHARED", True)
MONTHLY_IMAGES = env.number("STUDIO_MONTHLY_IMAGES", 1000)
QUEUE_PER_PERSON = env.number("STUDIO_QUEUE_PER_PERSON", 20, least=1)
RELAY_DEADLINE = env.seconds("RELAY_DEADLINE", 660)
RELAY_PRIVATE_ALLOW = frozenset(env.words("RELAY_PRIVATE_ALLOW"))
LEASE_SECONDS = env.number("LEASE_SECONDS", 30, least=2)
DARKROOM_CHILDREN = env.number("DARKROOM_CHILDREN", 1, least=1)
FAILPOINT = env.text("STUDIO_FAILPOINT")

# Webhooks
WEBHOOK_PRIVATE_ALLOW = frozenset(env.words("WEBHOOK_PRIVATE_ALLOW"))

# The built-in sandbox relay
RELAY_KEYS = {
    dialect: env.text(f"{dialect.upper()}_API_KEY")
    for dialect in ("routeway", "routmy", "relayrouter", "openai")
}
SANDBOX_IS_FIXED = bool(env.text("STUDIO_SANDBOX"))  # else an administrator may switch it off
HAS_PAINTER = find_spec("numpy") is not None  # a production install comes without (requirements.txt alone)
SANDBOX = env.flag("STUDIO_SANDBOX", HAS_PAINTER and not any(RELAY_KEYS.values()))
if SANDBOX and not HAS_PAINTER:
    raise ImproperlyConfigured(
        "The sandbox paints with NumPy: install requirements-sandbox.txt, or unset STUDIO_SANDBOX"
    )
SANDBOX_KEY = env.secret("SANDBOX_KEY", state=STATE_DIR, make=get_random_secret_key)
SANDBOX_DIR = STATE_DIR / "sandbox"
SANDBOX_URL = env.text("SANDBOX_URL", f"http://127.0.0.1:{PORT}/sandbox").rstrip("/")
SANDBOX_URL_LIFETIME = env.number("SANDBOX_URL_LIFETIME", 3600, least=1)
SANDBOX_DELAY = env.seconds("SANDBOX_DELAY", 0)
if SANDBOX:
    RELAY_PRIVATE_ALLOW |= {urlsplit(SANDBOX_URL).netloc}

# People
AUTH_USER_MODEL = "studio.User"
AUTHENTICATION_BACKENDS = [
    "studio.accounts.Door",
    "allauth.account.auth_backends.AuthenticationBackend",  # named by sessions of earlier releases
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ADMIN_EMAIL = env.text("STUDIO_ADMIN_EMAIL")
ADMIN_PASSWORD = env.text("STUDIO_ADMIN_PASSWORD")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "generations.index"
ACCOUNT_ADAPTER = "studio.accounts.ClosedDoor"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_FORMS = {"reauthenticate": "studio.two_factor.PasswordAgainForm"}
REQUIRE_2FA = env.choice("STUDIO_REQUIRE_2FA", "", ["", "administrators", "everyone"])
MFA_ADAPTER = "studio.two_factor.TwoFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Lightfast"
MFA_TOTP_TOLERANCE = 1  # the step before and the one after, for clocks that are not quite right
MFA_RATE_LIMITS = False  # codes are counted by studio.services.limits; of a passkey nothing can be guessed
MFA_FORMS = {
    "authenticate": "studio.two_factor.CodeForm",
    "reauthenticate": "studio.two_factor.CodeAgainForm",
    "activate_totp": "studio.two_factor.AppForm",
}
SSO = sign_on.services(env.text("STUDIO_SSO"))
SOCIALACCOUNT_ADAPTER = "studio.sign_on.SingleSignOn"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [sign_on.app(service) for service in SSO]}}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT if BEHIND_PROXY else 0
ACCOUNT_RATE_LIMITS = False  # studio.services.limits counts, in the database
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
SESSION_ENGINE = "studio.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
EMAIL_URL = env.text("EMAIL_URL")
HAS_MAIL = bool(EMAIL_URL)
MAILERS, DEFAULT_FROM_EMAIL = mailers(EMAIL_URL)

# Programs: browsers elsewhere may call /v1/ from these origins, never with cookies
CORS_ALLOWED_ORIGINS = programs.origins(env.words("LIGHTFAST_API_ORIGINS"))
CORS_URLS_REGEX = programs.ADDRESSES
CORS_ALLOW_METHODS = programs.METHODS
CORS_ALLOW_HEADERS = programs.ASKED_WITH
CORS_EXPOSE_HEADERS = programs.TOLD_IN
API_PORT = env.number("LIGHTFAST_API_PORT", 0)  # 0: programs are answered by the web processes alone
API_URL = env.text("LIGHTFAST_API_URL", STUDIO_URL).rstrip("/")
MCP = env.flag("LIGHTFAST_MCP")
if MCP and find_spec("mcp") is None:
    raise ImproperlyConfigured("LIGHTFAST_MCP: install requirements-mcp.txt, or unset it")
API_AT_ONCE = 8  # callers that may wait in one web process: pages need its other threads
API_THREADS = 16  # of the process for programs (config/asgi.py)
API_BODY_MB = env.number("LIGHTFAST_API_BODY_MB", 4, least=1)

# Answers to browsers (SAFETY §4)
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "style-src-attr": [CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],  # and the bucket: studio.middleware.ContentPolicy
    "connect-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF, *map(sign_on.origin, SSO)],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
CSRF_FAILURE_VIEW = "studio.views.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576  # of a whole body: studio.middleware.small_bodies
FILE_UPLOAD_HANDLERS: list[str] = []  # nobody uploads files; a view that takes some names its own handlers
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "UTC")

LOG_FORMAT = env.choice("LOG_FORMAT", "plain", ["plain", "json"])
SPOKEN = "INFO" if LOG_FORMAT == "json" else "WARNING"  # each request and relay call, for machines that read
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "bare": {"format": "%(message)s"},
        "json": {"()": "studio.logs.JsonLines"},
    },
    "filters": {
        "belonging": {"()": "studio.logs.Belonging"},
        "once": {"()": "studio.outages.OncePerMinute"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["once", "belonging"],
        },
        "json": {"class": "logging.StreamHandler", "formatter": "bare"},  # its messages are JSON already
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "studio": {"level": "INFO"},
        **{f"studio.{name}": {"level": SPOKEN} for name in ("asked", "drawn", "done")},
        "studio.security": {"handlers": ["json"], "propagate": False},
        "huey": {"level": "WARNING", "handlers": ["console"], "propagate": False},
        "django.security": {"level": "ERROR"},
        "django.request": {"level": "ERROR"},  # refusals have their own line, without a traceback
        "django.tasks": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # the redirect to https belongs to the proxy in front
    "mail.W001",  # without EMAIL_URL no mailer is named
]

# Whoever watches over it
METRICS_TOKEN = env.text("METRICS_TOKEN")
reports.start(env.text("SENTRY_DSN"), release=VERSION)

VARIABLES = env.told()  # what administrators see of all this; last, when everything has been read
