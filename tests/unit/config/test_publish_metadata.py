"""What `bottin publish` reads of a folder: each field with its origin, nothing lost in silence."""

from pathlib import Path

import pytest

from bottin.config.publishing import citation, datapackage, found, licences, sidecar
from bottin.config.publishing.gather import Asked, left_out, plan_of, releases_of
from bottin.config.publishing.said import BadMetadata, Found, Said, form_of
from bottin.config.publishing.tables import Table, read_table

CITATION = """\
cff-version: 1.2.0
message: Please cite it.
title: 1.10
authors:
  - given-names: Léa
    name-particle: de
    family-names: Ville
  - name: Atelier des ondes
abstract: Des relevés.
date-released: 2019-03-04
doi: 10.5281/zenodo.1234
keywords: [météo, yes]
license: CC-BY-4.0
repository-code: https://example.org/code
url: https://example.org/page
"""
PACKAGE = """\
{"name": "releves", "title": "Relevés", "description": "Dix ans de relevés.",
 "homepage": "https://example.org/releves", "created": "2020-05-06T00:00:00Z",
 "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
 "keywords": ["pluie"], "id": "https://doi.org/10.5281/zenodo.77",
 "contributors": [{"title": "Léa", "role": "author"}, {"title": "Zoé", "role": "publisher"}],
 "resources": []}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of content."""
    made = tmp_path / "releves"
    made.mkdir()
    (made / "2019.csv").write_text("a,b\n1,2\n")
    return made


def said(given: Found, name: str) -> object:
    return given.fields[name].value


def test_a_citation_gives_its_fields_as_they_are_written() -> None:
    given, stated = citation.read(CITATION)

    assert said(given, "title") == "1.10"
    assert said(given, "authors") == ("Léa de Ville", "Atelier des ondes")
    assert said(given, "year") == "2019"
    assert said(given, "identifiers") == ("doi:10.5281/zenodo.1234",)
    assert said(given, "tags") == ("météo", "yes")
    assert said(given, "provenance_url") == "https://example.org/page"
    assert stated == [("CITATION.cff", "CC-BY-4.0")]


def test_a_data_package_gives_its_fields() -> None:
    given, stated = datapackage.read(PACKAGE)

    assert {name: one.value for name, one in given.fields.items()} == {
        "title": "Relevés",
        "description": "Dix ans de relevés.",
        "year": "2020",
        "authors": ("Léa",),
        "tags": ("pluie",),
        "identifiers": ("doi:10.5281/zenodo.77",),
        "provenance_url": "https://example.org/releves",
    }
    assert stated == [("datapackage.json", "CC-BY-4.0")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "line 1, column 5"),
        ("a: 1\na: 2", "'a' comes twice"),
        ("- a list", "holds no table"),
        ("a: !!python/object/apply:os.system [ls]", "line 1"),
        ("[" * 3000, "not YAML"),
        ("a: " + "x" * 300_000, "larger than"),
    ],
)
def test_a_citation_that_cannot_be_read_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(BadMetadata, match=r"CITATION\.cff: ") as refusal:
        citation.read(text)

    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1,}', "line 1 column"),
        ('{"title": "un", "title": "deux"}', "'title' comes twice"),
        ("[]", "holds no table"),
        ('{"a": NaN}', "NaN"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_data_package_that_cannot_be_read_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(BadMetadata, match=r"datapackage\.json: ") as refusal:
        datapackage.read(text)

    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("stated", "form"),
    [
        ("gpl-3.0+", "GPL-3.0-or-later"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
        ("ODC-BY-1.0", "ODC-By-1.0"),
        ("https://creativecommons.org/licenses/by-nc-sa/3.0/fr/", "CC-BY-NC-SA-3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://spdx.org/licenses/MIT.html", "MIT"),
        ("MIT AND MIT", "MIT"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("free to use", None),
        ("MIT AND", None),
        ("", None),
        ("LicenseRef-ours", None),
    ],
)
def test_licences_have_one_form(stated: str, form: str | None) -> None:
    assert licences.normalised(stated) == form


def test_the_licence_of_reuse_is_found(folder: Path) -> None:
    (folder / "LICENSES").mkdir()
    (folder / "LICENSES" / "CC-BY-4.0.txt").write_text("…")
    (folder / "README.md").write_text("<!-- SPDX-License-Identifier: CC-BY-4.0 -->\n# Relevés\n")

    given = found.of_path(folder)

    assert given.fields["licence"] == Said("CC-BY-4.0", "LICENSES/CC-BY-4.0.txt, README.md")
    assert given.notes == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"LICENSES/MIT.txt": "", "LICENSES/CC0-1.0.txt": ""}, "CC0-1.0 (LICENSES/CC0-1.0.txt)"),
        ({"CITATION.cff": "license: [MIT, Apache-2.0]"}, "Apache-2.0 OR MIT (CITATION.cff)"),
        ({"CITATION.cff": "license: MIT", "LICENSES/ISC.txt": ""}, "ISC (LICENSES/ISC.txt)"),
        ({"datapackage.json": '{"licenses": [{"name": "ours"}]}'}, "“ours” is no SPDX identifier"),
        ({"REUSE.toml": '[[annotations]]\nSPDX-License-Identifier = "rien"'}, "REUSE.toml"),
    ],
)
def test_a_licence_in_doubt_is_not_taken_and_told(
    folder: Path, files: dict[str, str], words: str
) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    given = found.of_path(folder)

    assert "licence" not in given.fields
    assert words in " ".join(given.notes)


def test_a_readme_describes_when_nothing_else_does(folder: Path) -> None:
    (folder / "readme.MD").write_text("\ufeff# Relevés\n")
    assert found.of_path(folder).fields["description"] == Said("# Relevés", "readme.MD")

    (folder / "CITATION.cff").write_text(CITATION)
    assert found.of_path(folder).fields["description"].origin == "CITATION.cff"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 20_000])
def test_a_readme_that_cannot_serve_is_told(folder: Path, content: bytes) -> None:
    (folder / "README").write_bytes(content)

    given = found.of_path(folder)

    assert "description" not in given.fields
    assert "README" in given.notes[0]


@pytest.mark.parametrize("name", ["README.md", "CITATION.cff", "bottin.toml", "LICENSES"])
def test_links_are_not_followed(folder: Path, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    if name == "LICENSES":
        secret.mkdir()
        (secret / "MIT.txt").touch()
    else:
        secret.write_text("title: volé")
    (folder / name).symlink_to(secret)

    plan = plan_of(folder, Asked(Table()))

    assert {field: one.origin for field, one in plan.described.items()} == {"title": "name"}


def test_what_is_too_much_is_cut_and_told() -> None:
    given, _stated = citation.read("keywords: [" + ",".join(f"k{n}" for n in range(30)) + "]")

    assert len(given.fields["tags"].value) == 20
    assert "20 of 30" in given.notes[0]


def test_each_layer_gives_way_to_the_one_above(folder: Path) -> None:
    (folder / "bottin.toml").write_text('category = 130100\ntags = ["un"]\n[facts]\ndepth = 24\n')
    (folder / "CITATION.cff").write_text(CITATION)
    given = read_table({"tags": ["deux"]}, "--tag")
    template = read_table({"language": "fr", "title": "gabarit"}, "template x")

    plan = plan_of(folder, Asked(given, template))

    assert {name: one.origin for name, one in plan.described.items()} == {
        "title": "CITATION.cff",
        "authors": "CITATION.cff",
        "year": "CITATION.cff",
        "category": "bottin.toml",
        "licence": "CITATION.cff",
        "provenance_url": "CITATION.cff",
        "language": "template x",
        "tags": "--tag",
        "identifiers": "CITATION.cff",
        "facts": "bottin.toml",
        "description": "CITATION.cff",
    }
    assert ("facts", "depth=24") in form_of(plan.described)


def test_what_the_folder_holds_may_be_left_unread(folder: Path) -> None:
    (folder / "CITATION.cff").write_text("not: [yaml")

    plan = plan_of(folder, Asked(Table(), is_found_read=False))

    assert list(plan.described) == ["title"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("titel = 'x'", "titel is no field"),
        ("tags = 'un'", "tags must be a list of texts"),
        ("year = '2019'", "year must be a whole number"),
        ("is_open = 'yes'", "is_open must be true or false"),
        ("facts = 3", "facts must be a table"),
        ("title = 3", "title must be a text"),
        ("torrent.version = 'v3'", "torrent.version must be v1, v2 or hybrid"),
        ("torrent.size = 3", "torrent.size is no field"),
        ("title = 'x'\ntitle = 'y'", "Cannot overwrite"),
        ("description_file = '../x'", "beside it or below"),
        ("description_file = '/etc/hostname'", "beside it or below"),
        ("description_file = 'rien.md'", "is not there"),
        ("description_file = 'a'\ndescription = 'b'", "say one of them"),
        ("[releases.a.releases.b]\n", "releases is no field"),
    ],
)
def test_a_sidecar_is_refused_by_the_name_of_its_key(folder: Path, text: str, words: str) -> None:
    (folder / "bottin.toml").write_text(text)

    with pytest.raises(BadMetadata, match=r"bottin\.toml: ") as refusal:
        plan_of(folder, Asked(Table()))

    assert words in str(refusal.value)


def test_toml_and_json_say_the_same() -> None:
    toml = sidecar.parse("title = 'x'\ntags = ['a']\n[torrent]\npiece_length = 65536", "a.toml")
    json = sidecar.parse(
        '{"title": "x", "tags": ["a"], "torrent": {"piece_length": 65536}}', "a.json"
    )

    assert form_of(toml.fields) == form_of(json.fields) == (("title", "x"), ("tags", "a"))
    assert toml.torrent["piece_length"].value == json.torrent["piece_length"].value == 65536


def test_a_file_is_described_beside_it(tmp_path: Path) -> None:
    image = tmp_path / "image.iso"
    image.write_bytes(b"x")
    (tmp_path / "image.iso.bottin.json").write_text('{"title": "Une image"}')
    (tmp_path / "image.iso.license").write_text("SPDX-License-Identifier: MIT\n")

    plan = plan_of(image, Asked(Table()))

    assert plan.described["title"] == Said("Une image", "image.iso.bottin.json")
    assert plan.described["licence"] == Said("MIT", "image.iso.license")


def test_two_sidecars_are_one_too_many(folder: Path) -> None:
    (folder / "bottin.toml").touch()
    folder.with_name("releves.bottin.json").write_text("{}")

    with pytest.raises(BadMetadata, match="keep one"):
        plan_of(folder, Asked(Table()))


def test_each_subfolder_inherits_what_is_said_above(tmp_path: Path) -> None:
    for name in ("a", "b", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "perdu.txt").touch()
    (tmp_path / "bottin.toml").write_text(
        'licence = "MIT"\ntitle = "tous"\n[releases.a]\ntitle = "le premier"\n'
    )
    (tmp_path / "b" / "bottin.json").write_text('{"licence": "ISC"}')
    asked = Asked(Table(), is_each=True)

    plans = [plan_of(path, asked) for path in releases_of(tmp_path, asked)]

    assert [form_of(plan.described) for plan in plans] == [
        (("title", "le premier"), ("licence", "MIT")),
        (("title", "tous"), ("licence", "ISC")),
    ]
    assert [note.split()[0] for note in left_out(tmp_path, asked)] == [".git", "perdu.txt"]


def test_a_table_for_a_subfolder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "bottin.toml").write_text("[releases.A]\n")
    asked = Asked(Table(), is_each=True)

    with pytest.raises(BadMetadata, match=r"releases\.A"):
        [plan_of(path, asked) for path in releases_of(tmp_path, asked)]


def test_a_folder_without_subfolders_has_no_releases(folder: Path) -> None:
    with pytest.raises(BadMetadata, match="no subfolder"):
        list(releases_of(folder, Asked(Table(), is_each=True)))


def test_the_sidecar_at_the_top_is_no_content_one_below_is(folder: Path) -> None:
    from bottin.metainfo.disk import collect

    (folder / "sous").mkdir()
    for place in (folder / "bottin.toml", folder / "sous" / "bottin.toml"):
        place.touch()
    options = plan_of(folder, Asked(Table())).options

    files, _cautions = collect(folder, options.exclude, options.limits)

    assert ["/".join(file.path) for file in files] == ["2019.csv", "sous/bottin.toml"]
