"""Whatever stands in a file that describes a release: fields, or a sentence that names the file."""

import json
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from bottin.config.publishing import citation, datapackage, licences, sidecar
from bottin.config.publishing.said import FIELDS, BadMetadata, Found, form_of
from bottin.config.publishing.tables import VERSIONS

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["MIT", "https://example.org/x", "2019-01-02", "10.5281/zenodo.1", "doi"]),
)
KEYS = st.sampled_from(
    [
        *("title", "name", "abstract", "description", "authors", "contributors", "keywords"),
        *("license", "licenses", "doi", "identifiers", "url", "homepage", "sources", "path"),
        *("date-released", "created", "id", "given-names", "family-names", "role", "roles"),
        *("type", "value", "tags", "year", "facts", "torrent", "releases", "is_open", "category"),
        *("version", "piece_length", "exclude", "licence", "language"),
    ]
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
TABLES = st.dictionaries(KEYS, TREES, max_size=8)
RUBBISH = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [*"{}[]:,-&*!|>'\"#%@`?=\n\t ", "a: ", "- ", "&a ", "*a", "<<: ", "!!", "[[", "]]"]
        ),
        max_size=80,
    ).map("".join),
)


def checked(found: Found) -> None:
    """A field is one of the form's, and its values are texts that say something."""
    assert found.fields.keys() <= set(FIELDS)
    for name, value in form_of(found.fields):
        assert value == value.strip() != "", name
        assert "\x00" not in value
    for said in found.fields.values():
        assert isinstance(said.value, str) or len(said.value) <= 20
        assert said.origin


def read_citation(text: str) -> None:
    try:
        found, stated = citation.read(text)
    except BadMetadata as error:
        assert_is_a_sentence(error, "CITATION.cff")
    else:
        checked(found)
        licences.settle(stated, found)


def read_package(text: str) -> None:
    try:
        found, stated = datapackage.read(text)
    except BadMetadata as error:
        assert_is_a_sentence(error, "datapackage.json")
    else:
        checked(found)
        licences.settle(stated, found)


def assert_is_a_sentence(error: BadMetadata, name: str) -> None:
    assert str(error).startswith(f"{name}: ")
    assert str(error).endswith(".")
    assert len(str(error)) < 500


@given(RUBBISH)
@example("<<: *a")
@example("&a [*a]")
@example("? {}\n: 1")
@example("a: !!binary x")
@example("title: \x85")
def test_any_text_is_a_citation_or_a_sentence(text: str) -> None:
    read_citation(text)


@given(TABLES)
def test_any_table_is_a_citation(table: dict[str, Any]) -> None:
    read_citation(yaml.safe_dump(table, allow_unicode=True))


@given(RUBBISH)
@example("\ud800")
@example('{"id": "\\ud800"}')
@example("9" * 5_000)
def test_any_text_is_a_data_package_or_a_sentence(text: str) -> None:
    read_package(text)


@given(TABLES)
def test_any_table_is_a_data_package(table: dict[str, Any]) -> None:
    read_package(json.dumps(table))


@given(RUBBISH, st.sampled_from(["bottin.toml", "bottin.json"]))
def test_any_text_is_a_sidecar_or_a_sentence(text: str, name: str) -> None:
    try:
        table = sidecar.parse(text, name)
    except BadMetadata as error:
        assert_is_a_sentence(error, name)
    else:
        assert table.fields.keys() <= set(FIELDS)


@given(TABLES)
def test_a_sidecar_says_all_that_stands_in_it_or_is_refused(table: dict[str, Any]) -> None:
    try:
        read = sidecar.parse(json.dumps(table, allow_nan=True), "bottin.json")
    except BadMetadata as error:
        assert_is_a_sentence(error, "bottin.json")
        return
    told = {*read.fields} | ({"torrent"} & table.keys()) | ({"releases"} & table.keys())
    assert told == table.keys()
    assert read.torrent.keys() == table.get("torrent", {}).keys()
    assert read.releases.keys() == table.get("releases", {}).keys()
    if "version" in read.torrent:
        assert read.torrent["version"].value in VERSIONS


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    "MIT",
                    "GPL-2.0+",
                    " AND ",
                    " OR ",
                    " WITH ",
                    "(",
                    ")",
                    "CC0-1.0",
                    "Classpath-exception-2.0",
                ]
            ),
            max_size=8,
        ).map("".join),
    )
)
@example("()")
@example("MIT WITH MIT")
@example("0 AND(AND 0")
@example("(" * 100 + "MIT" + ")" * 100)
def test_a_licence_has_one_form_that_is_its_own(stated: str) -> None:
    form = licences.normalised(stated)

    assert form is None or licences.normalised(form) == form


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.sampled_from(["MIT", "mit", "ISC", "MIT OR ISC", "rien", ""]),
        ),
        max_size=5,
    )
)
def test_no_statement_of_a_licence_is_lost(stated: list[tuple[str, str]]) -> None:
    found = Found()

    licences.settle(stated, found)

    told = " ".join([*found.notes, *(said.origin for said in found.fields.values())])
    assert ("licence" in found.fields) <= (
        {licences.normalised(w) for _o, w in stated} - {None} != set()
    )
    assert all(origin in told for origin, _words in stated)
