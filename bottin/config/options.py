"""Every setting of the site: type, default, meaning; `docs/settings.md` is made from it."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

from bottin.config.limits import (
    Days,
    Limits,
    PictureLimits,
    Retention,
    Throttles,
    TrackerLimits,
    Webhooks,
)
from bottin.config.values import Address, Addresses, Bool, Origin, Secret, Texts


def _time_zone(given: object) -> str:
    try:
        return str(ZoneInfo(str(given)))
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{given!r} is not a time zone such as Europe/Paris") from error


class Site(BaseModel):
    """What the site is and who may do what."""

    data_dir: Path = Field(
        Path("./var"),
        json_schema_extra={"shown": "`./var`"},
        description="Everything the site writes: database, index, journal, secrets.",
    )
    site_url: Origin | None = Field(
        None,
        description="The address people type, without a path. Links, e-mails and `.torrent` files"
        " carry it. Absent: `http://` and `BOTTIN_WEB_LISTEN`.",
    )
    aliases: Texts = Field((), description="Other host names that answer, separated by commas.")
    site_name: Annotated[str, Field(min_length=1, max_length=60)] = Field(
        "Bottin", description="The name in titles and e-mails."
    )
    contact_email: str = Field(
        "", description="Where people reach the operator; shown in the legal pages."
    )
    source_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = Field(
        "",
        description="Where people get the source of the program as it runs here, which the AGPL"
        " grants them; the footer links to it. Absent: the contact page says to ask.",
    )
    language: Literal["fr", "en"] = Field(
        "fr", description="Language for a visitor whose browser asks for neither."
    )
    time_zone: Annotated[str, BeforeValidator(_time_zone)] = Field(
        "Europe/Paris", description="The time zone of dates on pages; the database keeps UTC."
    )
    access: Literal["public", "semi-private", "private"] = Field(
        "semi-private",
        description="`public`: every release is open. `semi-private`: anyone browses, members"
        " download; a release marked open is for all. `private`: nothing without an account.",
    )
    registration: Literal["open", "application", "invite", "closed"] = Field(
        "open", description="How a person becomes a member."
    )
    terms_version: Annotated[str, Field(min_length=1, max_length=20)] = Field(
        "1",
        description="The version of the rules that people accept when they register; kept with"
        " each account, with the date. Raise it when the rules change.",
    )
    demo: Bool = Field(
        default=False,
        description="Demonstration content and sign-in; e-mails go to files. Loopback only.",
    )
    demo_clients: Annotated[int, Field(ge=0, le=8)] = Field(
        6, description="Real clients that share demonstration content while the demo runs."
    )
    web_seed_hosts: Texts = Field(
        ("archive.org", "debian.org", "gutenberg.org", "kernel.org", "wikimedia.org", "zenodo.org"),
        description="Hosts whose web seeds (BEP 19) stay in a downloaded `.torrent`, with their"
        " sub-domains, separated by commas.",
    )
    web_seed_checks: Bool = Field(
        default=False,
        description="Whether the worker asks web seeds on those hosts for a few pieces, weekly, and"
        " hands out only those that hold them. Off, it calls no web seed.",
    )
    dumps: Bool = Field(
        default=True,
        description="Whether the public releases are given out as a nightly dump and a feed of"
        " changes; never on a private site.",
    )
    dumps_kept: Annotated[int, Field(ge=1, le=366)] = Field(
        7, description="How many nightly dumps are kept."
    )
    secret: Secret | None = Field(
        None,
        description="The secret that every other key is derived from, at least 32 characters."
        " Absent: made at the first start, in `site-secret` of the data directory. Several"
        " machines of one site share it.",
    )


class Web(BaseModel):
    """The web part, and what it trusts."""

    web_listen: Address = Field(
        Address("127.0.0.1", 8411), description="Where the web part listens (HTTP)."
    )
    web_workers: Annotated[int, Field(ge=1, le=64)] = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 8),
        description="Processes that make pages. Default: one for each core, 8 at most.",
        json_schema_extra={"shown": "one for each core"},
    )
    web_threads: Annotated[int, Field(ge=1, le=64)] = Field(
        4, description="Threads in each of those processes."
    )
    web_statement_timeout_s: Annotated[int, Field(ge=1, le=600)] = Field(
        15, description="A query of a page that takes longer is stopped."
    )
    search_counts_age_s: Annotated[int, Field(ge=0, le=30)] = Field(
        10,
        description="How old the counts beside a search may be, in seconds, when more than 20,000"
        " releases match; what is found is always of the last change, and fewer are counted anew.",
    )
    trusted_proxies: Texts = Field(
        (),
        description="Addresses or networks of the proxies whose X-Forwarded-For and"
        " X-Forwarded-Proto are believed, separated by commas. From others they are ignored.",
    )
    metrics_listen: Address = Field(
        Address("127.0.0.1", 9411),
        description="Where Prometheus reads figures. Keep it away from the public.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least serious line that is written."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="`auto`: for people on a terminal, JSON lines elsewhere."
    )


class Database(BaseModel):
    """PostgreSQL: the site's own by default, or yours."""

    database_url: Secret | None = Field(
        None,
        description="`postgresql://user:password@host:5432/name` of your own server. The variable"
        " is `DATABASE_URL`. Absent: PostgreSQL runs inside the data directory.",
    )
    database_pool: Annotated[int, Field(ge=1, le=100)] = Field(
        6, description="Connections that each web process keeps at most."
    )
    database_unsafe: Bool = Field(
        default=False,
        description="Start although the server may lose confirmed writes (fsync,"
        " full_page_writes or synchronous_commit off, or a version known to lose data).",
    )


class Mail(BaseModel):
    """E-mail. Without a host, messages are written as files under the data directory."""

    email_host: str = Field("", description="The SMTP server.")
    email_port: Annotated[int, Field(ge=1, le=65_535)] = Field(587, description="Its port.")
    email_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is protected."
    )
    email_user: str = Field("", description="The name to sign in with, if any.")
    email_password: Secret | None = Field(None, description="The password to sign in with.")
    email_from: str = Field("", description="The sender. Absent: `bottin@` and the site's host.")
    email_timeout_s: Annotated[int, Field(ge=1, le=120)] = Field(
        10, description="How long to wait for the server."
    )


class Tracker(BaseModel):
    """The tracker: addresses and intervals."""

    tracker_listen: Addresses = Field(
        (Address("127.0.0.1", 6969), Address("::1", 6969)),
        description="Where peers announce, over UDP and TCP, separated by commas.",
    )
    tracker_host: str = Field(
        "",
        description="The host (and port) written in `.torrent` files. Absent: the host of the"
        " site's address and the port of the first listen address.",
    )
    tracker_https_url: Annotated[str, Field(pattern=r"^((https://[^/\s]+)?|off)$")] = Field(
        "",
        description="Where clients announce over HTTPS, as written in `.torrent` files before"
        " plain HTTP: `https://` and a host. Absent: the host of the others and the port of"
        " `BOTTIN_TRACKER_TLS_LISTEN`, nothing without it. `off`: not written.",
    )
    tracker_ws_url: Annotated[str, Field(pattern=r"^((wss?://[^/\s]+)?|off)$")] = Field(
        "",
        description="Where browsers announce (WebTorrent), as written in `.torrent` files:"
        " `wss://` and a host behind TLS, without which pages under https cannot reach it."
        " Absent: `wss://` and the port of `BOTTIN_TRACKER_TLS_LISTEN`, or without it `ws://`"
        " and the address of the others. `off`: not written.",
    )
    tracker_node: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = Field(
        "main", description="The name of this tracker among those of the site."
    )
    tracker_threads: Annotated[int, Field(ge=0, le=256)] = Field(
        0, description="Threads that answer peers. 0: one for each core."
    )
    tracker_trusted_proxies: Texts = Field(
        (), description="Proxies in front of the tracker's HTTP whose X-Forwarded-For is believed."
    )
    tracker_tls_listen: Addresses = Field(
        (), description="Where peers announce over HTTPS, separated by commas."
    )
    tracker_tls_cert: Path | None = Field(
        None,
        description="The certificate chain shown there, a PEM file. Read again on SIGHUP: open"
        " connections go on, and a bad file changes nothing.",
    )
    tracker_tls_key: Path | None = Field(None, description="Its private key, a PEM file.")
    tracker_unix_listen: Texts = Field(
        (),
        description="Paths of Unix sockets that answer HTTP, for a proxy on this machine; its"
        " X-Forwarded-For is believed. Owner and group may connect.",
    )
    tracker_proxy_protocol: Texts = Field(
        (),
        description="Proxies whose connections to the tracker begin with a header of the PROXY"
        " protocol, version 2; from others it is refused.",
    )
    tracker_proxy_protocol_udp: Bool = Field(
        default=False, description="Whether each datagram of those proxies begins with one, too."
    )
    announce_interval_s: Annotated[int, Field(ge=60, le=86_400)] = Field(
        1800, description="How long a client waits between two announces."
    )
    announce_min_interval_s: Annotated[int, Field(ge=0, le=86_400)] = Field(
        900, description="Sooner than that, an announce gets no peers."
    )
    announce_jitter_s: Annotated[int, Field(ge=0, le=3600)] = Field(
        180, description="A random share added to each interval, against herds."
    )
    peer_expiry_s: Annotated[int, Field(ge=120, le=172_800)] = Field(
        2700, description="A peer unheard for that long leaves its swarm."
    )
    key_grace_s: Annotated[int, Field(ge=0, le=2_592_000)] = Field(
        604_800, description="How long a replaced announce key still works."
    )


class Worker(BaseModel):
    """Background work."""

    worker_threads: Annotated[int, Field(ge=1, le=32)] = Field(
        1, description="Tasks run at the same time by one worker."
    )
    journal_keep_h: Annotated[int, Field(ge=0, le=8_784)] = Field(
        26,
        description="How long applied segments of the journal are kept: longer than the time"
        " between two backups, for a restored database takes their facts again.",
    )
    ledger_holds: bool = Field(
        True,  # noqa: FBT003 - a default
        description="Whether the credit of bytes that members of a release together sent beyond"
        " what they received is held until a moderator decides.",
    )
    task_max_s: Annotated[int, Field(ge=10, le=86_400)] = Field(
        900, description="A task running for longer lost its worker and is run again."
    )
    keep_swarm_history_d: Days = Field(
        90,
        description="How long the plots of swarms and of the site go back: a row for each day"
        " on which somebody shared a release.",
    )


class Options(
    Site,
    Web,
    Database,
    Mail,
    Tracker,
    TrackerLimits,
    Worker,
    Limits,
    PictureLimits,
    Webhooks,
    Throttles,
    Retention,
):
    """All settings, frozen, with the pairs that cannot be refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    @property
    def origin(self) -> str:
        """The address people type, such as `https://bottin.example`."""
        return self.site_url or f"http://{self.web_listen}"

    @property
    def host(self) -> str:
        """The host name of that address, without a port."""
        return urlsplit(self.origin).hostname or "localhost"

    @property
    def is_https(self) -> bool:
        """Whether people reach the site over TLS."""
        return self.origin.startswith("https://")

    @property
    def is_embedded(self) -> bool:
        """Whether PostgreSQL runs inside the data directory."""
        return self.database_url is None

    @model_validator(mode="after")
    def validate_pairs(self) -> Self:
        """Refuse settings that contradict each other."""
        for is_wrong, sentence in self._wrong_places() + self._wrong_policies():
            if is_wrong:
                raise ValueError(sentence)
        return self

    def _wrong_places(self) -> list[tuple[bool, str]]:
        local = {"127.0.0.1", "::1", "localhost"}
        secret = self.secret.reveal() if self.secret else "-" * 32
        listens = [self.web_listen, self.metrics_listen]
        url = self.database_url.reveal() if self.database_url else "postgresql://"
        return [
            (
                not url.startswith(("postgres://", "postgresql://")),
                "DATABASE_URL: Bottin needs postgresql://user:password@host/name",
            ),
            (len(secret) < 32, "BOTTIN_SECRET: must have at least 32 characters"),  # noqa: PLR2004
            (
                self.demo
                and not {a.host for a in (self.web_listen, *self.tracker_listen)} <= local,
                "BOTTIN_DEMO: has a known password: leave it out, or listen on loopback only",
            ),
            (
                len({str(a) for a in listens}) < len(listens),
                "BOTTIN_METRICS_LISTEN: is the same address as BOTTIN_WEB_LISTEN",
            ),
            (
                any(a in self.tracker_listen for a in listens),
                "BOTTIN_TRACKER_LISTEN: holds an address of the web part or of the metrics",
            ),
            (not self.tracker_listen, "BOTTIN_TRACKER_LISTEN: names no address"),
            (
                bool(self.tracker_tls_listen)
                and not (self.tracker_tls_cert and self.tracker_tls_key),
                "BOTTIN_TRACKER_TLS_LISTEN: needs BOTTIN_TRACKER_TLS_CERT and _KEY",
            ),
            (
                any(a in self.tracker_tls_listen for a in (*listens, *self.tracker_listen)),
                "BOTTIN_TRACKER_TLS_LISTEN: holds an address that something else listens on",
            ),
        ]

    def _wrong_policies(self) -> list[tuple[bool, str]]:
        return [
            (
                self.announce_min_interval_s > self.announce_interval_s,
                "BOTTIN_ANNOUNCE_MIN_INTERVAL_S: is above BOTTIN_ANNOUNCE_INTERVAL_S",
            ),
            (
                self.peer_expiry_s <= self.announce_interval_s + self.announce_jitter_s,
                "BOTTIN_PEER_EXPIRY_S: must exceed BOTTIN_ANNOUNCE_INTERVAL_S and its jitter",
            ),
            (
                bool(self.email_user) != bool(self.email_password),
                "BOTTIN_EMAIL_USER: goes with BOTTIN_EMAIL_PASSWORD",
            ),
            (
                bool(self.email_user) and self.email_security == "none",
                "BOTTIN_EMAIL_SECURITY: a password is never sent without TLS",
            ),
            (
                self.registration in {"open", "application"} and self.access == "private",
                "BOTTIN_REGISTRATION: a private site takes invitations or nobody",
            ),
            (
                self.torrent_max_size > self.torrent_max_size_trusted,
                "BOTTIN_TORRENT_MAX_SIZE: is above BOTTIN_TORRENT_MAX_SIZE_TRUSTED",
            ),
            (
                self.piece_min_size > self.piece_max_size,
                "BOTTIN_PIECE_MIN_SIZE: is above BOTTIN_PIECE_MAX_SIZE",
            ),
        ]


def sections() -> list[tuple[type[BaseModel], dict[str, FieldInfo]]]:
    """List the groups of settings, in the order of the page, each with its fields."""
    bases = [base for base in Options.__bases__ if issubclass(base, BaseModel)]
    return [(base, dict(base.model_fields)) for base in bases]
