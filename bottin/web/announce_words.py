"""What the tracker told clients, in sentences: what happened, what to do, and which page helps."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Advice:
    """Two sentences to translate; `door` is one of DOORS, "" where no page helps.

    A warning travels with an answer: the announce was taken.
    """

    says: str
    do: str
    door: str = ""
    is_warning: bool = False


# door: (URL name, words of the link); the release's own page needs its number.
DOORS: Final[dict[str, tuple[str, str]]] = {
    "release": ("web:permalink", _("Download it again")),
    "downloads": ("web:me_downloads", _("My downloads")),
    "contact": ("web:contact", _("Write to the team")),
    "status": ("web:status", _("How the tracker is doing")),
}

RELEASES: Final[dict[str, Advice]] = {
    "unlisted": Advice(
        _("This torrent is not in the directory."),
        _(
            "It comes from elsewhere, or was made again since: download the .torrent here and"
            " replace the one in your client. One that was published this minute is known soon."
        ),
        "downloads",
    ),
    "pending": Advice(
        _("The release waits for review by the team."),
        _(
            "Nothing to do: your client asks again by itself, and counting begins once the"
            " release is published."
        ),
        is_warning=True,
    ),
    "quarantined": Advice(
        _("The release is suspended while the team examines it."),
        _(
            "Leave it in your client, which asks again each hour: counting goes on if the"
            " release comes back."
        ),
    ),
    "withdrawn": Advice(
        _("Its publisher withdrew the release."),
        _("Remove the torrent from your client. What was credited stays yours."),
    ),
    "removed": Advice(
        _("The team removed the release."),
        _("Remove the torrent from your client. What was credited stays yours."),
    ),
}

KEYS: Final[dict[str, Advice]] = {
    "key_missing": Advice(
        _("The announce came without a key."),
        _(
            "Magnet links and files from elsewhere carry no key: download the .torrent here while"
            " signed in, and replace the one in your client."
        ),
        "release",
    ),
    "key_wrong": Advice(
        _("The key of the announce is not known."),
        _(
            "Each .torrent has a key of its own: download it again and replace the one in your"
            " client, rather than copy an address from another torrent."
        ),
        "release",
    ),
    "key_revoked": Advice(
        _("The key in this .torrent is no longer good."),
        _(
            "The announce key was renewed since you downloaded it: download the .torrent again"
            " and replace the one in your client."
        ),
        "release",
    ),
    "key_renewed": Advice(
        _("This .torrent still carries the former key."),
        _(
            "It counts for now: download the .torrent again and replace the one in your client"
            " before the former key ends."
        ),
        "release",
        is_warning=True,
    ),
}

ACCOUNTS: Final[dict[str, Advice]] = {
    "suspended": Advice(
        _("The account is suspended."),
        _("Clients are let in again when the suspension ends. The team can tell you why it began."),
        "contact",
    ),
    "closed": Advice(
        _("The account is closed."),
        _("Nothing counts for a closed account: remove its torrents from your client."),
    ),
    "may_not_announce": Advice(
        _("The account may not announce."),
        _("The team can tell you why, and until when."),
        "contact",
    ),
    "may_not_leech": Advice(
        _("The account may not download this release."),
        _(
            "What you have complete you can go on seeding, and it counts. The team can tell you"
            " why you may not download."
        ),
        "contact",
    ),
}

CLIENTS: Final[dict[str, Advice]] = {
    "too_many_locations": Advice(
        _("Too many clients were on this torrent at once with the same key."),
        _(
            "Stop the torrent in one of them. A client that vanished without a word is forgotten"
            " after a while."
        ),
    ),
    "client_denied": Advice(
        _("This client is not accepted here."),
        _("Install another one, or a newer version. The team can tell you which are accepted."),
        "contact",
    ),
    "client_warned": Advice(
        _("This client will soon be refused."),
        _("It counts for now: update it, or install another one."),
        is_warning=True,
    ),
    "many_networks": Advice(
        _("The key was used from many networks within an hour."),
        _(
            "If that was you, there is nothing to do. If not, somebody has your key: renew it, and"
            " download your .torrent files again."
        ),
        is_warning=True,
    ),
    "port_denied": Advice(
        _("The client listens on a port that is refused."),
        _(
            "Choose another port in the settings of your client, above 49152 for instance, and"
            " let your router open it."
        ),
    ),
    "malformed": Advice(
        _("The announce could not be read."),
        _("Update your client. If that does not help, tell the team which one it is."),
        "contact",
    ),
    "hash_missing": Advice(
        _("The client asked for the counts of every torrent at once."),
        _("Nothing of yours is lost. Have your client ask for its own torrents only."),
    ),
    "peer_id_taken": Advice(
        _("Another connection goes by the same peer id."),
        _("Close one of the two pages or clients, or restart it: it takes a new name then."),
    ),
    "too_many_swarms": Advice(
        _("There are too many torrents on one connection."),
        _("Close some of the torrents of that page, or open them in another one."),
    ),
}

LIMITS: Final[dict[str, Advice]] = {
    "too_many_requests": Advice(
        _("Too many announces came from one network."),
        _(
            "Leave the interval to the tracker and do not force announces: the client is let in"
            " again within minutes."
        ),
    ),
    "over_quota": Advice(
        _("The account asked for too many lists of peers."),
        _("It counts all the same. Do not force announces: lists come again within the hour."),
        is_warning=True,
    ),
    "overloaded": Advice(
        _("The tracker was overloaded."),
        _("Nothing to do: your client asks again by itself."),
        "status",
    ),
    "too_many_new_torrents": Advice(
        _("Too many new torrents came from one network within an hour."),
        _("Wait an hour: your client announces the others by itself."),
    ),
    "tracker_full": Advice(
        _("The tracker had no room for one more torrent."),
        _("Your client asks again by itself. If it lasts, tell the team."),
        "status",
    ),
    "starting": Advice(
        _("The tracker was starting."),
        _("Nothing to do: your client asks again within a minute or two."),
        "status",
    ),
    "out_of_touch": Advice(
        _("The tracker had lost touch with the site."),
        _("Nothing to do: your client asks again within minutes. What ran already went on."),
        "status",
    ),
}

ADVICE: Final = RELEASES | KEYS | ACCOUNTS | CLIENTS | LIMITS
# For a code of a tracker that is newer than these pages.
OTHER: Final = Advice(
    _("The tracker refused the announce."),
    _("Your client shows its words beside the tracker's address; the team can explain them."),
    "contact",
)


def advice_on(code: str) -> Advice:
    """Return the sentences for a code of the tracker; general ones for a code unknown here."""
    return ADVICE.get(code, OTHER)
