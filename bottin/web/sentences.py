"""The words of the pages that stand for a status: a title, and what to do."""

from typing import Final

from django.utils.translation import gettext_noop as _

# status: (title of the page, what to do)
PAGES: Final[dict[int, tuple[str, str]]] = {
    400: (
        _("This request cannot be read"),
        _("Go back, reload the page and try again. Nothing was changed."),
    ),
    403: (
        _("This is not open to you"),
        _("If you think it should be, sign in with another account or write to the team."),
    ),
    404: (
        _("There is nothing at this address"),
        _("The address may be misspelt, or the release withdrawn. Search for it by its title."),
    ),
    405: (_("This page does not work that way"), _("Go back and use its buttons.")),
    409: (
        _("Something changed in the meantime"),
        _("What you typed was not applied. Reload to see the present state."),
    ),
    410: (
        _("This release was removed"),
        _("It broke the terms of the site. It is no longer listed nor announced."),
    ),
    413: (
        _("This is too large"),
        _("Nothing was kept. Send a smaller file: larger pieces make a smaller torrent file."),
    ),
    415: (_("This is not the right kind of file"), _("Send the .torrent file itself.")),
    422: (_("This cannot be accepted as it is"), _("Go back, correct it and send it again.")),
    429: (
        _("Too many requests"),
        _("Wait a moment before the next try. Nothing is lost."),
    ),
    451: (
        _("This release was removed for legal reasons"),
        _("It is no longer listed nor announced, and cannot be published again."),
    ),
    500: (
        _("Something broke on our side"),
        _("It was written down for the team. Try again in a minute."),
    ),
    503: (
        _("The directory is not available at the moment"),
        _("Try again in a minute. Clients go on sharing meanwhile."),
    ),
}
