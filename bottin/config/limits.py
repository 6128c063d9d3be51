"""Settings that bound what a stranger, a member or time can make grow."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from bottin.config.values import KIB, MIB, Bool, ClientFamilies, Rate, Rates, Size

Days = Annotated[int, Field(ge=1, le=36_500)]
Count = Annotated[int, Field(ge=1, le=2_000_000_000)]


class TrackerLimits(BaseModel):
    """The tracker: what peers may take."""

    tracker_max_peers: Count = Field(12_000_000, description="Peers held at once, all swarms.")
    tracker_max_peers_per_torrent: Count = Field(100_000, description="Peers held in one swarm.")
    tracker_max_torrents: Count = Field(
        2_000_000, description="Torrents held at once by an open tracker (`--standalone --open`)."
    )
    tracker_new_torrents: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        1_000,
        description="Torrents new to an open tracker that one IPv4 /24 or IPv6 /64 may bring in an"
        " hour. 0: any number.",
    )
    tracker_peers_default: Annotated[int, Field(ge=1, le=200)] = Field(
        50, description="Peers in an answer when the client does not say how many it wants."
    )
    tracker_peers_max: Annotated[int, Field(ge=1, le=200)] = Field(
        80, description="Peers in an answer at most."
    )
    tracker_allowed_clients: ClientFamilies = Field(
        (),
        description="The only clients that are served, by the first characters of their peer ids,"
        " separated by commas: `-qB,-TR4`. Absent: all that are not denied.",
    )
    tracker_warned_clients: ClientFamilies = Field(
        (), description="Clients that are served, and told to be updated (over HTTP)."
    )
    tracker_denied_clients: ClientFamilies = Field(
        (),
        description="Clients that are refused. Where several of these lists name a client, the"
        " longest characters hold, so that one version can be told from its family.",
    )
    tracker_clients_file: Path | None = Field(
        None,
        description="A file of more such rules, one a line: `allow -qB`, `warn -TR2`, `deny -XL`,"
        " `#` comments. Read again on SIGHUP; a file with a fault changes nothing. These lists"
        " and the rules of the site's team hold both, the stricter first.",
    )
    tracker_list_quotas: Annotated[Rates, Field(max_length=3)] = Field(
        (Rate(500, 60), Rate(3_000, 3_600), Rate(20_000, 86_400)),
        description="Answers with peers that one account is given; older ones fade. Over it an"
        " answer holds no peers and a longer interval. Empty: any number.",
    )
    tracker_lists_in_vain: Annotated[int, Field(ge=0)] = Field(
        200,
        description="Answers with peers, within a day or so, that an account is given while it"
        " lacks pieces and none of its clients ever moved a byte; further ones hold three peers."
        " 0: any number.",
    )
    tracker_networks_per_hour: Annotated[int, Field(ge=0, le=8)] = Field(
        4,
        description="Networks (IPv4 /24, IPv6 /48, each family for itself) from which an account"
        " may announce within an hour; one more is told to the team. 0: any number.",
    )
    tracker_sheds_load: Bool = Field(
        default=True,
        description="Whether, when more comes than can be answered, scrapes and unlisted torrents"
        " wait first, then peers in answers, with intervals up to twice as long.",
    )
    tracker_http_connections: Count = Field(10_000, description="TCP connections held at once.")
    tracker_connections_per_host: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        256,
        description="TCP connections held at once by one IPv4 address or IPv6 /64, WebSocket"
        " included; trusted proxies and Unix sockets are not counted. 0: any number.",
    )
    tracker_request_timeout_s: Annotated[int, Field(ge=1, le=120)] = Field(
        10, description="A request over TCP that is not whole by then is dropped."
    )
    tracker_ws_connections: Annotated[int, Field(ge=0)] = Field(
        10_000, description="WebSocket connections held at once; 0 serves no browsers (WebTorrent)."
    )
    tracker_ws_swarms: Count = Field(1_000, description="Swarms that one of them takes part in.")
    tracker_ws_interval_s: Annotated[int, Field(ge=10, le=3_600)] = Field(
        120, description="Time between two announces of a browser; up to a tenth is added."
    )
    tracker_ws_peer_expiry_s: Annotated[int, Field(ge=11, le=7_200)] = Field(
        180, description="A browser that has not announced for that long leaves its swarm."
    )
    tracker_ws_offer_expiry_s: Annotated[int, Field(ge=5, le=3_600)] = Field(
        120, description="How long an offer may be answered."
    )
    tracker_ws_idle_s: Annotated[int, Field(ge=11, le=7_200)] = Field(
        180, description="A WebSocket connection without a message for that long is closed."
    )
    tracker_ws_message: Size = Field(64 * KIB, description="A message over WebSocket.")
    tracker_ws_offers: Count = Field(10, description="Offers of one announce that are passed on.")
    tracker_ws_scrape: Count = Field(255, description="Info-hashes of one scrape over WebSocket.")


class Limits(BaseModel):
    """Uploads and passwords: what one request may cost (META-2 to META-5, META-11, SEC-9)."""

    torrent_max_size: Size = Field(4 * MIB, description="A `.torrent` handed in by a member.")
    torrent_max_size_trusted: Size = Field(
        10 * MIB, description="A `.torrent` handed in by a trusted publisher."
    )
    metainfo_depth: Annotated[int, Field(ge=4, le=100)] = Field(
        32, description="How deep its bencoding nests."
    )
    metainfo_tokens: Count = Field(500_000, description="How many values it holds.")
    piece_min_size: Size = Field(16 * KIB, description="The smallest piece.")
    piece_max_size: Size = Field(64 * MIB, description="The largest piece.")
    pieces_max: Count = Field(262_144, description="How many pieces.")
    files_max: Count = Field(50_000, description="How many files.")
    path_depth: Annotated[int, Field(ge=1, le=255)] = Field(32, description="Folders in a path.")
    path_component_size: Annotated[int, Field(ge=16, le=255)] = Field(
        255, description="Bytes of UTF-8 in one name of a path."
    )
    parse_memory: Size = Field(512 * MIB, description="Memory of the process that reads it.")
    parse_cpu_s: Annotated[int, Field(ge=1, le=60)] = Field(5, description="Its processor time.")
    request_max_size: Size = Field(
        1 * MIB, description="The body of any other request, files left out."
    )
    argon2_memory: Size = Field(46 * MIB, description="Memory of one password hash (Argon2id).")
    argon2_time: Annotated[int, Field(ge=1, le=20)] = Field(1, description="Its passes.")
    argon2_parallelism: Annotated[int, Field(ge=1, le=16)] = Field(1, description="Its lanes.")
    argon2_concurrent: Annotated[int, Field(ge=1, le=64)] = Field(
        4, description="Password hashes computed at the same time in a process; others wait."
    )


class Webhooks(BaseModel):
    """Webhooks of kept searches: what the worker sends to addresses that members give."""

    hooks_max: Annotated[int, Field(ge=0, le=100)] = Field(
        10,
        description="Webhooks of one account: https addresses of the public Internet, which learn"
        " the worker's own. 0: nobody has one, and nothing is sent.",
    )
    hook_tries: Annotated[int, Field(ge=1, le=12)] = Field(
        7,
        description="How often a document is sent until it is taken: after 1, 5, 25 minutes, then"
        " 2, 10, 12 hours. Then the webhook is switched off and its owner is told.",
    )
    hook_timeout_s: Annotated[int, Field(ge=1, le=30)] = Field(
        5, description="An address that has not answered by then counts as silent."
    )


class PictureLimits(BaseModel):
    """Pictures and texts beside a release (SEC-16)."""

    picture_max_size: Size = Field(2 * MIB, description="The file of a cover or a picture.")
    picture_max_pixels: Annotated[int, Field(ge=10_000, le=100_000_000)] = Field(
        16_000_000, description="Its width times its height, read before it is decoded."
    )
    picture_memory: Size = Field(384 * MIB, description="Memory of the process that decodes it.")
    picture_cpu_s: Annotated[int, Field(ge=1, le=60)] = Field(10, description="Its processor time.")
    pictures_max: Annotated[int, Field(ge=0, le=50)] = Field(
        8, description="Pictures of a release or a work, its cover left out. 0: a cover at most."
    )
    throttle_picture: Rate = Field(Rate(120, 3600), description="Pictures added by one account.")
    text_max_size: Size = Field(128 * KIB, description="A README, NFO or licence file.")
    texts_max: Annotated[int, Field(ge=0, le=20)] = Field(
        5, description="Such files of a release. 0: none."
    )


class Throttles(BaseModel):
    """How often (SEC-10). `10/5m` is ten times in five minutes; units s, m, h, d."""

    throttle_login: Rate = Field(
        Rate(10, 300), description="Sign-in attempts of one account, and of one address."
    )
    throttle_login_site: Rate = Field(Rate(1000, 300), description="Sign-in attempts, all.")
    throttle_password_reset: Rate = Field(Rate(5, 86_400), description="Password resets asked.")
    throttle_email_change: Rate = Field(Rate(2, 86_400), description="E-mail addresses added.")
    throttle_sign_up: Rate = Field(
        Rate(20, 3600), description="Registration forms sent by one address."
    )
    throttle_sign_up_address: Rate = Field(
        Rate(3, 86_400), description="Accounts made from one IPv4 address or IPv6 /64 (ACC-9)."
    )
    throttle_sign_up_network: Rate = Field(
        Rate(10, 86_400), description="Accounts made from one IPv4 /24 or IPv6 /48."
    )
    throttle_sign_up_slow: Rate = Field(
        Rate(1, 86_400), description="Accounts made without JavaScript from one address."
    )
    throttle_sign_up_slow_site: Rate = Field(
        Rate(30, 3600), description="Accounts made without JavaScript, all."
    )
    throttle_mail: Rate = Field(
        Rate(6, 86_400),
        description="Messages of one kind that strangers make us send to an address.",
    )
    throttle_api_account: Rate = Field(Rate(1500, 300), description="API calls of one account.")
    throttle_api_address: Rate = Field(Rate(300, 300), description="API calls of one address.")
    throttle_search: Rate = Field(Rate(120, 60), description="Searches of one address.")
    throttle_suggest: Rate = Field(
        Rate(600, 60), description="Suggestions while one types, to one address."
    )
    throttle_feed: Rate = Field(
        Rate(300, 300),
        description="Feeds and `.torrent` files fetched with one feed key, or from one address.",
    )
    throttle_lookup: Rate = Field(Rate(60, 300), description="Look-ups on pages, of one address.")
    throttle_dump: Rate = Field(
        Rate(120, 300), description="Dumps, and pages of the feed of changes, of one address."
    )
    throttle_upload: Rate = Field(Rate(60, 3600), description="Uploads of one account.")


class Retention(BaseModel):
    """How long personal data is kept (PRIV-1 to PRIV-11), and how long a session lasts (SEC-8)."""

    session_idle_d: Days = Field(14, description="A session unused for that long ends.")
    session_max_d: Days = Field(90, description="A session ends after that, used or not.")
    staff_session_idle_m: Annotated[int, Field(ge=1, le=1440)] = Field(
        30, description="The same for the team: unused."
    )
    staff_session_max_h: Annotated[int, Field(ge=1, le=168)] = Field(
        12, description="The same for the team: used or not."
    )
    reauthentication_m: Annotated[int, Field(ge=1, le=60)] = Field(
        15, description="A password typed longer ago is asked again for a sensitive change."
    )
    keep_sessions_d: Days = Field(30, description="The trace of a session after its end.")
    keep_unused_keys_d: Days = Field(365, description="An API token unused for that long stops.")
