"""`bottin publish` of whole folders, told by a file or by what they hold, against a live server."""

import json
from pathlib import Path
from typing import Any

import pytest

from bottin.accounts.permissions import Role
from bottin.catalog.models import Release
from tests.factories import catalog
from tests.factories.api import caller_for
from tests.integration.publish.desk import DESCRIBED, Desk

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.django_db(transaction=True),
]

SIDECAR = """\
category = "distributions-linux"
licence = "GPL-3.0-or-later"
provenance_url = "https://example.org/images"
tags = ["image"]
[releases.un]
title = "Le premier"
authors = ["Léa"]
year = 2019
"""


@pytest.fixture
def trusted(live_server: Any, tmp_path: Path) -> Desk:
    """Someone whose releases are published at once."""
    return Desk(tmp_path, live_server.url, caller_for(catalog.account(Role.TRUSTED_PUBLISHER)))


@pytest.fixture
def images(trusted: Desk) -> Path:
    """A folder of two folders, told in one file above them."""
    above = trusted.folder / "images"
    for name in ("un", "deux"):
        (above / name).mkdir(parents=True)
        (above / name / "image.iso").write_bytes(trusted.content(name).read_bytes())
    (above / "bottin.toml").write_text(SIDECAR)
    return above


def test_each_subfolder_is_a_release_and_a_second_run_changes_nothing(
    trusted: Desk, images: Path
) -> None:
    first = trusted.run("--each", images, "--json")
    second = trusted.run("--each", images, "--json")

    assert first.exit_code == second.exit_code == 0, first.output + second.output
    rows = {release.title: release for release in Release.objects.all()}
    assert sorted(rows) == ["Le premier", "deux"]
    assert (rows["Le premier"].authors, rows["Le premier"].year) == (["Léa"], 2019)
    assert [row["id"] for row in json.loads(first.stdout)["published"]] == [
        row["id"] for row in json.loads(second.stdout)["published"]
    ]


def test_a_run_elsewhere_finds_what_this_account_published(trusted: Desk, images: Path) -> None:
    trusted.run(images / "deux", *DESCRIBED)

    again = trusted.run(
        images / "deux", *DESCRIBED, "--json", XDG_STATE_HOME=str(trusted.folder / "other machine")
    )

    assert again.exit_code == 0, again.output
    [row] = json.loads(again.stdout)["published"]
    assert row["id"] == str(Release.objects.get().pk)
    assert "before" in row["notes"][0]


def test_a_dry_run_sends_nothing_and_shows_where_each_field_is_from(
    trusted: Desk, images: Path
) -> None:
    trusted.site = "http://127.0.0.1:9"

    result = trusted.run("--each", images, "--dry-run", "--json", "--language", "fr")

    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)["would_publish"]
    assert [row["fields"]["title"] for row in shown] == [
        {"value": "deux", "from": "name"},
        {"value": "Le premier", "from": "bottin.toml"},
    ]
    assert shown[0]["fields"]["language"] == {"value": "fr", "from": "--language"}
    assert shown[0]["content"] == {
        "size_bytes": 200_000,
        "files": 1,
        "piece_length": 16_384,
        "pieces": 13,
    }
    assert not (trusted.folder / "state").exists()
    assert Release.objects.count() == 0


def test_a_dry_run_names_what_is_missing(trusted: Desk) -> None:
    result = trusted.run(trusted.content(), "--dry-run", "--author", "Zoé\x1b[2J")

    assert result.exit_code == 3
    assert "nothing says: category, licence, provenance_url" in result.output
    assert "\x1b[2J" not in result.output


def test_nothing_is_hashed_while_something_is_missing(trusted: Desk) -> None:
    result = trusted.run(trusted.content(), "--json")

    assert result.exit_code == 3
    [refused] = json.loads(result.stdout)["refused"]
    assert (refused["code"], refused["exit_code"]) == ("publish.bad_metadata", 3)
    assert "category, licence, provenance_url" in refused["detail"]
    assert not (trusted.folder / "state").exists()


def test_a_template_fills_what_nothing_else_says(trusted: Desk, images: Path) -> None:
    settings = trusted.folder / "config" / "bottin" / "publish.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        'template = "usual"\n[templates.usual]\nlanguage = "fr"\nlicence = "MIT"\n'
        '[templates.usual.torrent]\nversion = "v1"\n'
    )

    result = trusted.run("--each", images)

    assert result.exit_code == 0, result.output
    release = Release.objects.get(title="deux")
    assert (release.language, release.licence_id, release.version) == (
        "fr",
        "GPL-3.0-or-later",
        "v1",
    )
    assert trusted.run(images, "--template", "rien").exit_code == 2


def test_failures_of_several_kinds_are_1(trusted: Desk, images: Path) -> None:
    (images / "deux" / "bottin.toml").write_text("category = 'rien'")
    (images / "un" / "bottin.toml").write_text("rien = 1")

    result = trusted.run("--each", images, "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == told["exit_code"] == 1
    assert [row["exit_code"] for row in told["refused"]] == [4, 3]


@pytest.mark.parametrize("option", ["--title", "--sidecar"])
def test_what_tells_one_release_tells_not_each(trusted: Desk, images: Path, option: str) -> None:
    value = images / "bottin.toml"

    assert trusted.run("--each", images, option, value).exit_code == 2


def test_a_token_that_nobody_has_is_5(trusted: Desk) -> None:
    trusted.caller.token = "bottin_" + "x" * 40

    assert trusted.run(trusted.content(), *DESCRIBED).exit_code == 5
