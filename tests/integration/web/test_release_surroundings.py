"""Versions, works, tags, citations and web seeds, as people use them."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import viewer_for
from bottin.catalog import gathering, replacing
from bottin.catalog.gathering import EditionFields, WorkFields
from bottin.catalog.models import CategoryFact, Release, Tag, Work
from bottin.catalog.states import ReleaseState
from bottin.uploads import actions as uploads
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


def page_of(client: Client, release: Release) -> str:
    return client.get(f"/torrents/{release.pk}", follow=True).text


def test_the_page_says_who_made_it_what_it_is_and_how_to_cite_it(browser: Browser) -> None:
    release = make.published(
        authors=("Louise Michel",),
        year=1888,
        identifiers=("Q216092",),
        facts={"audio_codec": ["flac"], "sample_rate": 48_000},
    )

    page = page_of(browser(), release)

    assert "Louise Michel" in page
    assert "https://www.wikidata.org/wiki/Q216092" in page
    assert "FLAC" in page
    assert re.search(r"48,000 Hz", page)
    assert f"/torrents/{release.pk}/cite.bib" in page
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert block
    assert json.loads(block[1])["@graph"][0]["name"] == release.title


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ("bib", "application/x-bibtex"),
        ("ris", "application/x-research-info-systems"),
        ("json", "application/vnd.citationstyles.csl+json"),
    ],
)
def test_work_09_citations_are_files(browser: Browser, end: str, kind: str) -> None:
    release = make.published()

    answer = browser().get(f"/torrents/{release.pk}/cite.{end}")

    assert answer.status_code == 200
    assert answer["Content-Type"] == f"{kind}; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="chansons-libres.{end}"'
    assert "Chansons libres" in answer.text


def test_an_unknown_citation_and_a_hidden_release_are_not_found(browser: Browser) -> None:
    assert browser().get(f"/torrents/{make.published().pk}/cite.docx").status_code == 404
    assert browser().get(f"/torrents/{make.pending().pk}/cite.bib").status_code == 404


def test_a_hostile_title_does_nothing_on_the_page(browser: Browser) -> None:
    release = make.published(
        title='</script><script>alert(1)</script> "x"', authors=("<img src=x onerror=alert(1)>",)
    )

    page = page_of(browser(), release)

    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.MODERATOR])
def test_a_full_page_takes_few_queries(
    browser: Browser, role: Role | None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    release = _in_a_work(
        "12", is_open=True, facts={"audio_codec": ["flac"], "bit_depth": 24}, identifiers=("Q1",)
    )
    _in_a_work("13", Work.objects.get())
    reader = browser(role)
    reader.get("/legal/contact")

    with django_assert_max_num_queries(12):
        answer = reader.get(f"/torrents/{release.pk}-chansons-libres")

    assert answer.status_code == 200
    assert "A newer version is here" in answer.text


def test_tor_04_versions_are_listed_compared_and_brought_back(browser: Browser) -> None:
    owner = make.account()
    release = make.published(viewer_for(owner))
    uploads.edit_release(
        release.pk, make.fields(description="Neuf", tags=()), by=viewer_for(owner), at=NOON
    )
    reader, mine = browser(), browser(owner)

    listed = reader.get(f"/torrents/{release.pk}/versions").text
    second = reader.get(f"/torrents/{release.pk}/versions/2").text

    assert "Changed: Description, Tags" in listed
    assert "<ins><bdi>Neuf</bdi></ins>" in second
    assert "chanson, guitare" in second
    assert "Bring this version back" not in reader.get(f"/torrents/{release.pk}/versions/1").text
    assert "Bring this version back" in mine.get(f"/torrents/{release.pk}/versions/1").text

    answer = mine.post(f"/torrents/{release.pk}/versions/1/restore", follow=True)

    assert "The version is back" in answer.text
    release.refresh_from_db()
    assert release.description == "Des chansons **libres**."


def test_strangers_bring_nothing_back_and_the_team_hides_a_version(browser: Browser) -> None:
    owner = viewer_for(make.account())
    release = make.published(owner)
    uploads.edit_release(release.pk, make.fields(description="Neuf"), by=owner, at=NOON)

    stranger = browser(Role.MEMBER)
    assert stranger.post(f"/torrents/{release.pk}/versions/1/restore").status_code == 404
    assert stranger.post(f"/torrents/{release.pk}/versions/1/hide").status_code == 403

    team = browser(Role.MODERATOR)
    hidden = team.post(f"/torrents/{release.pk}/versions/1/hide", {"reason": "un nom"}, follow=True)

    assert "only the team reads it" in hidden.text
    assert stranger.get(f"/torrents/{release.pk}/versions/1").status_code == 404


def test_versions_of_what_is_not_public_are_not_public(browser: Browser) -> None:
    assert browser().get(f"/torrents/{make.pending().pk}/versions").status_code == 404


def test_a_publisher_makes_a_work_of_their_release_and_another_joins_it(browser: Browser) -> None:
    owner = make.account()
    first, second = (make.published(viewer_for(owner)) for _ in range(2))
    mine = browser(owner)

    mine.post(f"/torrents/{first.pk}/work", {"create": "1", "title": "Les chansons", "label": "1"})
    work = Work.objects.get()
    found = mine.get(f"/torrents/{second.pk}/work?q=chansons").text
    mine.post(f"/torrents/{second.pk}/work", {"work": work.pk, "label": "2"})

    assert "Les chansons" in found
    page = browser().get(f"/works/{work.pk}", follow=True).text
    assert page.index(">2 <") < page.index(">1 <") if ">2 <" in page else "2" in page
    assert page.count("Chansons libres") == 2
    assert "A newer version is here" in page_of(browser(), first)
    assert "Les chansons" in browser().get("/works?q=CHANSONS").text


def test_only_the_publisher_and_the_team_place_a_release(browser: Browser) -> None:
    release = make.published()

    assert browser(Role.MEMBER).get(f"/torrents/{release.pk}/work").status_code == 404
    assert browser(Role.MODERATOR).get(f"/torrents/{release.pk}/work").status_code == 200


def test_a_release_that_was_replaced_draws_attention_to_the_other(browser: Browser) -> None:
    owner = make.account()
    old, new = (make.published(viewer_for(owner), title=f"Titre {n}") for n in (1, 2))
    mine = browser(owner)

    mine.post(f"/torrents/{old.pk}/work", {"replaced": new.pk})
    answer = browser().get(f"/torrents/{old.pk}", follow=True)

    assert "Replaced by" in answer.text
    assert answer.redirect_chain[-1][0] == f"/torrents/{old.pk}-titre-1"
    wrong = mine.post(f"/torrents/{new.pk}/work", {"replaced": old.pk})
    assert wrong.status_code == 422
    make.change(new, ReleaseState.QUARANTINED)
    assert "Replaced by" not in browser().get(f"/torrents/{old.pk}", follow=True).text
    replacing.set_replacement(old.pk, None, by=viewer_for(owner), at=NOON)


def test_the_team_merges_splits_and_takes_back(browser: Browser) -> None:
    release = _in_a_work("1")
    other = _in_a_work("2", title="Une autre œuvre")
    one, two = Work.objects.order_by("pk")
    team = browser(Role.MODERATOR)

    found = team.get(f"/works/{one.pk}/curate?q=autre").text
    team.post(f"/works/{one.pk}/curate", {"merge": two.pk, "reason": "la même"})

    assert "Une autre" in found
    assert browser().get(f"/works/{one.pk}")["Location"].startswith(f"/works/{two.pk}-")
    change = two.changes.get(kind="merged")
    team.post(f"/works/{two.pk}/undo", {"change": change.pk})
    one.refresh_from_db()
    assert one.merged_into is None

    gathering.attach_release(
        release.pk, two.pk, EditionFields("3"), by=make.viewer(Role.MODERATOR), at=NOON
    )
    split = team.post(
        f"/works/{two.pk}/curate",
        {"split": "1", "release": [other.pk], "title": "Encore une", "reason": "x"},
        follow=True,
    )
    assert "Encore une" in split.text


def test_members_do_not_curate(browser: Browser) -> None:
    _in_a_work("1")
    work = Work.objects.get()

    assert browser(Role.MEMBER).get(f"/works/{work.pk}/curate").status_code == 403
    assert browser(Role.MEMBER).post(f"/works/{work.pk}/undo").status_code == 403
    assert browser(Role.MEMBER).get("/moderation/tags").status_code == 403


def test_a_work_that_cannot_be_is_refused_beside_what_was_typed(browser: Browser) -> None:
    _in_a_work("1")
    work = Work.objects.get()

    answer = browser(Role.MODERATOR).post(f"/works/{work.pk}/curate", {"edit": "1", "title": ""})

    assert answer.status_code == 422


def test_work_05_a_member_votes_on_a_tag(browser: Browser) -> None:
    release = make.published(tags=("jazz",))
    member = browser(Role.MEMBER)

    member.post(f"/torrents/{release.pk}/tags", {"tag": "jazz", "vote": "down"})
    page = page_of(member, release)

    assert re.search(r'<span class="num small">-1</span>', page)
    assert 'aria-pressed="true"' in page
    assert browser().post(f"/torrents/{release.pk}/tags", {"tag": "jazz"}).status_code == 302
    assert "It fits" not in page_of(browser(), release)


def test_tags_are_listed_and_an_alias_leads_on(browser: Browser) -> None:
    make.published(tags=("gnu-linux",))
    team = browser(Role.MODERATOR)
    team.post("/moderation/tags", {"tag": "gnu-linux", "alias": "linux"})
    team.post("/moderation/tags", {"tag": "linux", "approve": "1"})

    page = browser().get("/tags").text

    assert "linux" in page
    assert "gnu-linux" not in page
    assert Tag.objects.get(slug="linux").is_official
    assert browser().get("/tags/gnu-linux")["Location"] == "/search?q=tag%3Alinux"
    assert browser().get("/tags/rien").status_code == 404
    assert team.post("/moderation/tags", {"tag": "rien", "alias": "linux"}).status_code == 422


def test_a_publisher_gives_a_web_seed_on_a_host_of_the_list(browser: Browser) -> None:
    owner = make.account()
    release = make.published(viewer_for(owner))
    mine = browser(owner)
    path = f"/torrents/{release.pk}/seeds"

    wrong = mine.post(path, {"url": "https://example.org/x/"})
    right = mine.post(path, {"url": "https://archive.org/download/x/"}, follow=True)

    assert wrong.status_code == 422
    assert "https://archive.org/download/x/" in right.text
    assert "Web seed: archive.org" in page_of(browser(), release)
    mine.post(path, {"drop": release.web_seeds.get().pk})
    assert not release.web_seeds.exists()
    assert browser(Role.MEMBER).get(path).status_code == 404


def test_the_form_asks_what_the_shelf_asks_and_keeps_what_was_typed(browser: Browser) -> None:
    owner = make.account()
    release = make.published(viewer_for(owner), facts={"audio_codec": ["flac"]})
    mine = browser(owner)
    path = f"/publish/{release.pk}"

    form = mine.get(path).text
    typed = _typed(fact_audio_codec=["opus", "flac"], fact_sample_rate="44 100", year="1999")
    mine.post(path, typed)
    release.refresh_from_db()

    assert "Sampling (Hz)" in form
    assert 'value="flac" id="id_fact_audio_codec_0" checked' in form
    assert release.facts == {"audio_codec": ["opus", "flac"], "sample_rate": 44_100}
    assert (release.year, release.authors) == (1999, ["Louise Michel"])

    wrong = mine.post(path, _typed(fact_sample_rate="beaucoup", year="hier", identifiers="12"))
    assert wrong.status_code == 422
    assert wrong.text.count("a whole number is needed") == 4
    assert "is none that we know" in wrong.text


def test_another_shelf_asks_for_other_facts_with_and_without_scripts(browser: Browser) -> None:
    owner = make.account()
    release = make.published(viewer_for(owner), facts={"audio_codec": ["flac"]})
    mine = browser(owner)
    typed = _typed(category_id=make.LINUX, fact_audio_codec="flac")

    part = mine.post("/publish/facts", typed).text
    whole = mine.post(f"/publish/{release.pk}", typed | {"refresh": "1"}).text
    mine.post(f"/publish/{release.pk}", typed)
    release.refresh_from_db()

    assert "riscv64" in part
    assert "riscv64" in whole
    assert release.facts == {}


def test_a_shelf_can_insist_on_a_fact(browser: Browser) -> None:
    CategoryFact.objects.filter(kind_id="audio_codec", category_id=130000).update(is_required=True)
    owner = make.account()
    release = make.draft(viewer_for(owner))

    answer = browser(owner).post(f"/publish/{release.pk}", _typed())

    assert answer.status_code == 422
    assert "Audio codec: this is needed." in answer.text


@pytest.mark.parametrize(("span", "shown"), [("week", "seven days"), ("year", "in a year")])
def test_the_swarm_is_shown_over_a_week_a_month_or_a_year(
    browser: Browser, span: str, shown: str
) -> None:
    release = make.published(at=NOON - timedelta(days=300))
    make.swarm(release, seeders=3)

    page = browser().get(f"/torrents/{release.pk}-chansons-libres?span={span}").text

    assert f"The swarm {'in ' if span == 'week' else ''}{shown}" in page


def test_tor_11_files_are_filtered_among_fifty_thousand(browser: Browser) -> None:
    files = [(f"dossier {n % 50}/fichier {n}.flac", 20_000) for n in range(1_500)]
    release = make.published(of=make.metainfo(files=[*files, ("Été/Élan.txt", 10)]))

    page = browser().get(f"/torrents/{release.pk}/folder?q=elan").text
    many = browser().get(f"/torrents/{release.pk}/folder?q=FICHIER").text

    assert "Été/Élan.txt" in page
    assert "1 file" in page
    assert "1,500 files" in many
    assert "No file is called that" in browser().get(f"/torrents/{release.pk}/folder?q=zz").text


def _in_a_work(
    label: str, work: Work | None = None, title: str = "L’œuvre", **given: Any
) -> Release:
    owner = make.viewer()
    release = make.published(owner, **given)
    if work is None:
        work = gathering.create_work(WorkFields(title), by=owner, at=NOON)
    edition = EditionFields(label)
    gathering.attach_release(release.pk, work.pk, edition, by=owner, at=NOON)
    return release


def _typed(**given: object) -> dict[str, Any]:
    values: dict[str, Any] = {
        "title": "Chansons libres",
        "category_id": make.MUSIC,
        "licence_code": "CC-BY-SA-4.0",
        "provenance_url": "https://example.org/chansons",
        "authors": "Louise Michel\n",
        "submit": "1",
    }
    return values | given
