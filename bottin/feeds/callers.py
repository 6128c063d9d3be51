"""Who reads a feed: the owner of the key in the address, or nobody in particular."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from bottin.accounts import feed_keys, throttle
from bottin.accounts.errors import BadToken, NotAllowed
from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import ANONYMOUS, Viewer
from bottin.feeds.errors import PlainFeed


@dataclass(frozen=True, slots=True)
class Caller:
    """The viewer, and the key that showed it; "" for a stranger."""

    viewer: Viewer
    key: str = ""


def split_key(name: str, request: HttpRequest) -> tuple[str, str]:
    """Part what follows the last dot of a path, or `?key=`, from the name before it.

    What stands after the dot of a name that has none of its own is a key, right
    or wrong; names of people may hold dots, and then only 39 characters are one.
    """
    name = name.rstrip("/")
    stem, dot, tail = name.rpartition(".")
    if dot and (feed_keys.SHAPE.fullmatch(tail) or "/" not in name):
        return stem, tail
    return name, request.GET.get("key", "")


def caller_of(request: HttpRequest, key: str) -> Caller:
    """Recognise the key, and count the call.

    Raises BadToken, TooManyTries, PlainFeed, and NotAllowed for a stranger at a private site.
    """
    if settings.BOTTIN.is_https and not request.is_secure():
        raise PlainFeed
    if not key:
        _count(throttle.by_address("feed", _address(request)))
        if settings.BOTTIN_ACCESS == "private":
            raise NotAllowed(permission=Permission.BROWSE.value, role=ANONYMOUS.role.value)
        return Caller(ANONYMOUS)
    try:
        viewer = feed_keys.authenticate(key)
    except BadToken:
        _count(throttle.by_address("feed", _address(request)))
        raise
    _count(throttle.key_of("feed", str(viewer.user_id)))
    return Caller(viewer, key)


def _count(bucket: str) -> None:
    throttle.require(bucket, settings.BOTTIN_THROTTLE_FEED)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
