"""Turns the URLs of a deployment (database, tickets, storage, mail) into Django's settings."""

from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config.drivers import import_huey

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA recursive_triggers=ON; PRAGMA busy_timeout=20000; PRAGMA mmap_size=0; PRAGMA cache_size=-1000; "
    "PRAGMA wal_autocheckpoint=10000;"
)

POOL = {"min_size": 1, "max_size": 16, "timeout": 20, "reconnect_timeout": 5}
"""A server that is back is found within seconds: the pool doubles its pauses between tries until it gives up."""


def with_password(url: str, password: str) -> str:
    """Return a postgresql:// URL that has no password with this one, which may come from a file of its own."""
    parts = urlsplit(url)
    if not password or parts.password or not parts.scheme.startswith("postgres"):
        return url
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user or 'lightfast'}:{quote(password, safe='')}@{place}").geturl()


def database(url: str, *, connections: int = POOL["max_size"], pooler: bool = False) -> dict[str, Any]:
    """Return Django's settings for a sqlite:// or postgresql:// URL (SAFETY §7); a process has so many connections."""
    config: dict[str, Any] = dict(dj_database_url.parse(url))
    if config["ENGINE"].endswith("sqlite3"):
        config |= {"ENGINE": "config.sqlite3", "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
        config["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
        config["TEST"] = {"NAME": f"{config['NAME']}.test"}  # a file: in memory, threads would share locks
    else:
        config |= {
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": True,  # a server that was away left dead ones behind
            # Rows that are fetched bit by bit would be asked for on a connection that knows nothing of them.
            "DISABLE_SERVER_SIDE_CURSORS": pooler,
        }
        config["OPTIONS"] = config.get("OPTIONS", {}) | {"pool": POOL | {"max_size": connections}}
    return config


def huey(url: str, *, grace: float, secret: str) -> dict[str, Any]:
    """Return Huey's settings for a sqlite://, postgresql:// or redis:// URL; `secret` signs its tickets."""
    parts = urlsplit(url)
    import_huey(parts.scheme)
    from config.tickets import SignedSerializer  # noqa: PLC0415 - it imports Huey

    config: dict[str, Any] = {
        "name": "studio",
        "immediate": False,
        "results": True,
        "serializer": SignedSerializer(secret),
        "consumer": _consumer(grace),
    }
    match parts.scheme:
        case "sqlite":
            return config | {
                "huey_class": "config.ticket_tables.Sqlite",
                "filename": unquote(parts.path[1:]),
                "cache_mb": 1,
                "fsync": False,  # a ticket that a power cut takes is replaced
            }
        case "postgresql" | "postgres":
            return config | {"huey_class": "config.ticket_tables.Postgres", "dsn": url, "blocking": False}
        case "redis" | "rediss":
            return config | {"huey_class": "huey.PriorityRedisHuey", "url": url}
    raise ImproperlyConfigured(
        f"TASK_URL must start with sqlite://, postgresql:// or redis://, not {parts.scheme!r}."
    )


def _consumer(grace: float) -> dict[str, Any]:
    return {
        "workers": 4,  # for tickets and the clock; those who draw are studio.services.drawing.crew
        "worker_type": "thread",
        "initial_delay": 0.02,
        "backoff": 1.3,
        "max_delay": 0.5,
        "graceful_signal": "TERM",
        "shutdown_timeout": grace,
        "check_worker_health": True,
    }


def storages(url: str) -> dict[str, Any]:
    """Return Django's storage settings for file:///folder or s3://KEY:SECRET@HOST[:PORT]/BUCKET[?region=…&tls=no].

    `s3:///BUCKET` without a host means Amazon's own endpoint with the credentials of the machine.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {"BACKEND": "studio.storages.FolderStorage", "OPTIONS": {"location": unquote(parts.path)}}
    if parts.scheme != "s3":
        raise ImproperlyConfigured(f"STORAGE_URL must start with file:// or s3://, not {parts.scheme!r}.")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    options: dict[str, Any] = {
        "bucket_name": parts.path.strip("/"),
        "region_name": query.get("region", "us-east-1"),
    }
    if parts.hostname:
        scheme = "http" if query.get("tls") == "no" else "https"
        port = f":{parts.port}" if parts.port else ""
        options["endpoint_url"] = f"{scheme}://{parts.hostname}{port}"
    if parts.username:
        options |= {"access_key": unquote(parts.username), "secret_key": unquote(parts.password or "")}
    return {"BACKEND": "studio.storages_s3.S3Storage", "OPTIONS": options}


def mailers(url: str) -> tuple[dict[str, Any], str]:
    """Return Django's mailers for an smtp:// or smtps:// URL, and who its mail is from; nothing for no URL."""
    parts = urlsplit(url)
    if not url:
        return {}, "studio@localhost"
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must be smtp://USER:PASSWORD@HOST:PORT or smtps://…")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    safe = parts.scheme == "smtps"
    user = unquote(parts.username or "")
    options = {
        "host": parts.hostname,
        "port": parts.port or (465 if safe else 587),
        "username": user,
        "password": unquote(parts.password or ""),
        "use_ssl": safe,
        "use_tls": not safe and query.get("tls", "yes") != "no",
        "timeout": 20,
    }
    name = user if "@" in user else f"studio@{parts.hostname}"
    backend = "django.core.mail.backends.smtp.EmailBackend"
    return {"default": {"BACKEND": backend, "OPTIONS": options}}, query.get("from", name)
