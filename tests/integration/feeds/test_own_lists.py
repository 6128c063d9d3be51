"""Feeds of what is a member's own: bookmarks, pledges, kept searches; and of what needs seeds."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from bottin.accounts.feed_keys import feed_key
from bottin.accounts.models import Account
from bottin.accounts.viewer import viewer_for
from bottin.community import actions, pledges, ranks
from bottin.community.actions import Wanted
from bottin.community.models import Match
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db


def titles(answer: Any) -> list[str | None]:
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    return [item.findtext("title") for item in root.findall("channel/item")]


def test_bookmarks_and_pledges_are_read_with_the_key(
    reader: Client, member: Account, key: str
) -> None:
    kept, promised = make.published(title="gardée"), make.published(title="promise")
    actions.add_bookmark(kept.pk, by=viewer_for(member), at=NOON)
    pledges.make_pledges([promised.pk], by=viewer_for(member), at=NOON)

    assert titles(reader.get(f"/rss/bookmarks.{key}")) == ["gardée"]
    assert titles(reader.get(f"/rss/pledges.{key}")) == ["promise"]


def test_a_kept_search_is_a_feed_of_what_it_found(
    reader: Client, member: Account, key: str
) -> None:
    search = actions.save_search(Wanted("jazz", "jazz", "q=jazz"), by=viewer_for(member), at=NOON)
    Match.objects.create(search=search, release=make.published(title="Jazz"), at=NOON)

    assert titles(reader.get(f"/rss/kept/{search.pk}.{key}")) == ["Jazz"]


@pytest.mark.parametrize("feed", ["bookmarks", "pledges", "kept/1"])
def test_strangers_are_asked_for_a_key(reader: Client, feed: str) -> None:
    assert reader.get(f"/rss/{feed}").status_code == 403


def test_the_search_of_another_is_unknown(reader: Client, key: str) -> None:
    search = actions.save_search(Wanted("jazz", "jazz", "q=jazz"), by=make.viewer(), at=NOON)

    assert reader.get(f"/rss/kept/{search.pk}.{key}").status_code == 404
    assert reader.get(f"/rss/kept/abc.{key}").status_code == 404


def test_what_needs_seeds_is_a_feed_for_everybody(reader: Client) -> None:
    make.published(title="menacée", at=NOON - timedelta(days=300))
    ranks.refresh_needs(at=NOON)

    assert titles(reader.get("/rss/rescue")) == ["menacée"]
    assert reader.get("/atom/rescue").status_code == 200


def test_two_members_lists_are_not_confused(reader: Client, member: Account, key: str) -> None:
    other = make.account()
    for account, title in ((member, "mienne"), (other, "sienne")):
        release = make.published(title=title)
        actions.add_bookmark(release.pk, by=viewer_for(account), at=NOON)

    assert titles(reader.get(f"/rss/bookmarks.{key}")) == ["mienne"]
    assert titles(reader.get(f"/rss/bookmarks.{feed_key(other)}")) == ["sienne"]
