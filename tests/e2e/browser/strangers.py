"""Payloads in every text that a person can write; where each is shown, and to whom."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import cycle, islice
from typing import Final
from urllib.parse import quote

from bottin.accounts.models import Account, ApiToken, SignIn, SignInAttempt
from bottin.accounts.viewer import Viewer, viewer_for
from bottin.catalog import gathering
from bottin.catalog.gathering import EditionFields, WorkFields
from bottin.catalog.models import Release, WebSeed
from bottin.community import actions as community
from bottin.community.actions import Wanted
from bottin.community.models import Hook
from bottin.moderation import actions
from bottin.pictures import store
from bottin.pictures.models import Picture, PictureFile, TextFile
from bottin.search.models import SynonymGroup
from bottin.uploads import actions as uploads
from bottin.uploads.fields import ReleaseFields
from tests.data.payloads import PAYLOADS, as_names, packed
from tests.factories import cases
from tests.factories import catalog as make
from tests.factories.catalog import NOON
from tests.factories.pictures import picture_file

_IN_TITLE: Final = 190
_IN_STATEMENT: Final = 1_900
_IN_REMARK: Final = 1_500
_IN_ALT: Final = 290
_FILES_EACH: Final = 60
_WORKS: Final = 12
# What an address may hold: one word, ASCII.
_WORDS: Final = tuple(
    payload
    for payload in PAYLOADS
    if payload.isascii() and not any(sign <= " " for sign in payload)
)


@dataclass(slots=True)
class Shown:
    """Paths of pages that show a payload: to who wrote it, to the team."""

    mine: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)


def releases_of(publisher: Account) -> list[Release]:
    """Publish every payload as title, also the original one, description, author, tag, file…"""
    by = viewer_for(publisher)
    titles = list(packed(PAYLOADS, _IN_TITLE))
    statements = list(packed(PAYLOADS, _IN_STATEMENT, "\n\n"))
    names, words = as_names(), cycle(_WORDS)
    releases = []
    for number, title in enumerate(titles):
        statement = statements[number % len(statements)]
        start = number * _FILES_EACH % len(names)
        files = [(f"{name}.txt", 10) for name in names[start : start + _FILES_EACH]]
        fields = ReleaseFields(
            title=title,
            category_id=make.MUSIC,
            licence_code="CC-BY-SA-4.0",
            provenance_url=f"https://example.org/?x={quote(title)[:300]}",
            provenance_statement=statement,
            description=statement,
            tags=(title[:30],),
            authors=(title[:150], title[-150:]),
            original_title=title,
            identifiers=tuple(f"10.1234/{word}"[:100] for word in islice(words, 3)),
        )
        given = {name: getattr(fields, name) for name in fields.__slots__}
        of = make.metainfo(f"{names[number]} {number}", files=files)
        releases.append(make.pending(by, of=of, **given))
    return releases


def pictures_and_texts(releases: list[Release], seen: Shown) -> None:
    """Put payloads beside releases, as what pictures show and as texts."""
    digest = store.put(picture_file("WEBP"), "webp")
    for number, alt in enumerate(packed(PAYLOADS, _IN_ALT)):
        release = releases[number % len(releases)]
        print_of = f"{number:064x}"
        picture = Picture.objects.create(
            release=release,
            alt=alt,
            position=number,
            width=300,
            height=450,
            source_digest=print_of,
            pixels_digest=print_of,
            look=print_of[:32],
        )
        PictureFile.objects.create(
            picture=picture, digest=digest, form="webp", width=300, height=450, size_bytes=1
        )
    for number, body in enumerate(packed(PAYLOADS, _IN_REMARK)):
        release = releases[number % len(releases)]
        name = f"{body[:60]}{number}.nfo"
        text = TextFile.objects.create(
            release=release, name=name, body=body, encoding="utf-8", size_bytes=len(body)
        )
        seen.mine.append(f"/torrents/{release.pk}/texts/{text.pk}")
    seen.mine += [f"/torrents/{release.pk}/pictures" for release in releases[::8]]


def remarks(releases: list[Release], team: Viewer, seen: Shown) -> None:
    """Have the team ask for changes, and take one down, in payloads."""
    told = list(packed(PAYLOADS, _IN_REMARK))
    for release, remark in zip(releases, told, strict=False):
        actions.request_changes(release.pk, by=team, at=NOON, reason=remark, reason_code="other")
        seen.mine.append(f"/publish/{release.pk}")
    gone = releases[-1].pk
    actions.take_down_release(
        gone, by=team, at=NOON, reason=told[0], reason_code="other", is_legal=False
    )
    seen.theirs.append(f"/torrents/{gone}")


def works_and_versions(releases: list[Release], team: Viewer, seen: Shown) -> None:
    """Gather published releases in works, merge with a reason, edit, give addresses of seeds."""
    lines = cycle(packed(PAYLOADS, _IN_TITLE))
    words = cycle(_WORDS)
    pairs = zip(releases[: 2 * _WORKS : 2], releases[1 : 2 * _WORKS : 2], strict=True)
    for one, other in pairs:
        made = []
        for release in (one, other):
            said = WorkFields(
                title=next(lines),
                original_title=next(lines),
                authors=(next(lines)[:150], next(lines)[:150]),
                identifiers=tuple(f"10.1234/{word}"[:100] for word in islice(words, 3)),
            )
            work = gathering.create_work(said, by=team, at=NOON)
            edition = EditionFields(next(lines)[:80], "fr", next(lines)[:40])
            gathering.attach_release(release.pk, work.pk, edition, by=team, at=NOON)
            url = f"https://archive.org/{next(words)}"
            WebSeed.objects.create(release=release, url=url[:500], is_of_torrent=True)
            was = ReleaseFields.of(Release.objects.get(pk=release.pk))
            uploads.edit_release(
                release.pk,
                replace(was, description=was.description[::-1]),
                by=viewer_for(release.publisher),
                at=NOON + timedelta(hours=2),
            )
            made.append(work.pk)
        gathering.merge_works(made[0], made[1], by=team, at=NOON, reason=next(lines))
        seen.theirs += [f"/works/{made[1]}", f"/works/{made[1]}/curate"]
        seen.mine += [f"/torrents/{one.pk}/{page}" for page in ("versions/1", "work", "seeds")]
    seen.theirs += ["/works", "/tags", "/moderation/tags"]


def kept_things(publisher: Account, seen: Shown) -> None:
    """Keep searches with webhooks, tokens and browsers of these names, and an odd address."""
    by, words = viewer_for(publisher), cycle(_WORDS)
    for number, text in enumerate(packed(PAYLOADS, 480)):
        wanted = Wanted(text[:80], text, f"q={quote(text)[:900]}&n={number}")
        search = community.save_search(wanted, by=by, at=NOON)
        url = f"https://example.org:8443/{next(words)}?{next(words)}"
        Hook.objects.create(search=search, url=url[:500], nonce=bytes(16), answer="<svg onload=1>")
    for number, name in enumerate(PAYLOADS[::9]):
        digest = number.to_bytes(32)
        ApiToken.objects.create(
            account=publisher,
            name=name[:64],
            digest=digest,
            last_four="abcd",
            scopes=["read"],
            expires_at=NOON + timedelta(days=9_000),
        )
        SignIn.objects.create(account=publisher, digest=digest, device=name[:64], network=name[:50])
        SignInAttempt.objects.create(
            account=publisher, is_success=False, device=name[:64], network=name[:50]
        )
    Account.objects.filter(pk=publisher.pk).update(email=f'"{_WORDS[2]}"@example.org')
    seen.mine += ["/me/searches", "/me/tokens", "/me/sessions", "/me/settings", "/account/email"]


def of_the_team(releases: list[Release], team: Viewer, seen: Shown) -> None:
    """Recommend in payloads, keep synonyms, and remark on what a member's clients did."""
    lines = cycle(packed(PAYLOADS, 150))
    for release in releases[:20]:
        community.pick_release(
            release.pk, sentence_fr=next(lines), sentence_en=next(lines), by=team, at=NOON
        )
    for group in range(0, len(PAYLOADS), 9):
        SynonymGroup.objects.create(words=[one[:60] for one in PAYLOADS[group : group + 9]])
    member = make.account()
    for number, remark in enumerate(islice(packed(PAYLOADS, _IN_REMARK), 8)):
        cases.flag(
            member.pk,
            releases[number].pk,
            remark=remark,
            resolved_at=NOON,
            resolved_by=team.user_id,
            is_fault=True,
            detail={"uploaded": "9", "client": "<svg/x>'", "times": 2},
        )
    waits = cases.flag(member.pk, releases[0].pk)
    seen.theirs += ["/moderation/picks", "/moderation/synonyms", "/moderation/ledger"]
    seen.theirs.append(f"/moderation/ledger/flags/{waits.pk}")


def asked_back(releases: list[Release]) -> list[str]:
    """Return addresses whose page says again what was asked, or may."""
    text = "".join(PAYLOADS[number] for number in (41, 80, 156, 200, 260, 310))
    places = (
        *("/works?q=", "/tags?q=", "/lookup?hash=", "/search?category=", "/search?sort=1&q="),
        *("/search?licence=", "/search?cursor=", "/rescue?category=", "/rescue?sort="),
        *("/rescue/plan?gigabytes=", "/top?span=", "/me/ledger?before=", "/me/downloads?cursor="),
        *(f"/torrents/{releases[0].pk}/folder?q=", f"/torrents/{releases[0].pk}/folder?path="),
        *(f"/torrents/{releases[0].pk}/work?q=", "/moderation/ledger?member=", "/?lang="),
        *("/moderation/picks?release=", "/works/1/curate?q=", "/account/sign-in?next="),
        *("/no/such/", "/publishers/", "/tags/", "/c/x?", "/design?theme=", "/browse?"),
    )
    return [f"{place}{quote(text, safe='')}" for place in places] + [
        "/account/sign-in?next=javascript:alert(1)",
        "/account/again?next=javascript:alert(1)",
    ]
