"""What a typed query means."""

import pytest

from bottin.search.errors import BadQuery
from bottin.search.language import AllOf, AnyOf, Filter, Node, Not, Phrase, Word, parse, written


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("", []),
        ("   ", []),
        ("debian linux", [Word("debian"), Word("linux", is_prefix=True)]),
        ('"deux mots"', [Phrase("deux mots")]),
        ("« deux mots »", [Phrase("deux mots")]),
        ('"jamais fermé', [Phrase("jamais fermé")]),
        ('""', []),
        ("chat -chien", [Word("chat"), Not(Word("chien"))]),
        ("chat not chien", [Word("chat"), Not(Word("chien"))]),
        ('-"deux mots"', [Not(Phrase("deux mots"))]),
        ("--chat", [Word("chat", is_prefix=True)]),
        ("-", []),
        ("chat or chien", [AnyOf((Word("chat"), Word("chien")))]),
        ("a or b or c", [AnyOf((Word("a"), Word("b"), Word("c")))]),
        ("or chat or", [Word("chat", is_prefix=True)]),
        ("a (b or c)", [Word("a"), AnyOf((Word("b"), Word("c")))]),
        ("a -(b c)", [Word("a"), Not(AllOf((Word("b"), Word("c"))))]),
        ("a) b", [Word("a"), Word("b", is_prefix=True)]),
        ("((a", [Word("a", is_prefix=True)]),
        ("deb* chat", [Word("deb", is_prefix=True), Word("chat", is_prefix=True)]),
        ("licence:CC-BY", [Filter("licence", "=", "cc-by")]),
        ("-tag:vieux", [Not(Filter("tag", "=", "vieux"))]),
        ('par:"Jean Paul"', [Filter("publisher", "=", "jean paul")]),
        ("taille>700Mo", [Filter("size", ">", 700_000_000)]),
        ("size:>=1,5go", [Filter("size", ">=", 1_500_000_000)]),
        ("size<=4GiB", [Filter("size", "<=", 4 * 1024**3)]),
        ("seeders>2", [Filter("seeders", ">", 2)]),
        (
            "year:1900..1950",
            [AllOf((Filter("year", ">=", 1900), Filter("year", "<=", 1950)))],
        ),
        ("size:1G..", [Filter("size", ">=", 10**9)]),
        ("année:..1900", [Filter("year", "<=", 1900)]),
        ("added:<30d", [Filter("age", "<", 30 * 86_400)]),
        ("ajouté:2sem", [Filter("age", "<=", 14 * 86_400)]),
        ("added:>2026-05", [Filter("added", ">", 1_780_271_999)]),
        (
            "added:2026-05-31",
            [AllOf((Filter("added", ">=", 1_780_185_600), Filter("added", "<=", 1_780_271_999)))],
        ),
        ("seeders:>0 état:mort", [Filter("seeders", ">", 0), Filter("status", "=", "dormant")]),
        ("titre:Mer", [Filter("title", "=", "Mer")]),
        ("isbn:9782070409228", [Filter("isbn", "=", "9782070409228")]),
        ("--tag:a", [Filter("tag", "=", "a")]),
        ("10:30", [Word("10:30", is_prefix=True)]),
        ("Re:Zero http://x.y", [Word("Re:Zero"), Word("http://x.y", is_prefix=True)]),
        ("l’arbre", [Word("l'arbre", is_prefix=True)]),
    ],
)
def test_a_query_is_understood(text: str, nodes: list[Node]) -> None:
    found = parse(text).nodes

    assert list(found) == nodes


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a" * 501, "too_long"),
        ("a " * 65, "too_many_words"),
        ("(" * 9 + "a", "too_deep"),
        ("size>beaucoup", "bad_value"),
        ("size:10elephants", "bad_value"),
        ("seeders:-1", "bad_value"),
        ("category>5", "bad_comparison"),
        ("licence<=mit", "bad_comparison"),
        ('tag:""', "bad_value"),
        ("version:v3", "unknown_value"),
        ("open:peut-être", "unknown_value"),
        ("status:undead", "unknown_value"),
        ("added:bientôt", "bad_value"),
        ("added:2026-13", "bad_value"),
        ("hash:abc", "bad_value"),
        ("size:", "bad_value"),
        ("year:..", "bad_value"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(BadQuery) as refused:
        parse(text)

    assert refused.value.context["reason"] == reason
    assert isinstance(refused.value.context["at"], int)


def test_the_place_of_the_fault_is_told() -> None:
    with pytest.raises(BadQuery) as refused:
        parse("chat size>beaucoup")

    assert refused.value.context["at"] == 10


@pytest.mark.parametrize(
    ("text", "at", "understood"),
    [
        ("chat -chien size:12patates vent", 17, "chat -chien"),
        ("size:1..x", 8, ""),
        ('a or b licence:cc0 (c added:"hier soir")', 29, "a or b licence:cc0 c"),
        ("status:undead", 7, ""),
    ],
)
def test_a_fault_is_pointed_at_and_what_stands_before_is_told(
    text: str, at: int, understood: str
) -> None:
    with pytest.raises(BadQuery) as refused:
        parse(text)

    assert refused.value.context["at"] == at
    assert refused.value.context["understood"] == understood


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("chat  ET chien", "chat chien*"),
        ("a ou b", "a ou b*"),
        ("a OU (b c)", "a or (b c)"),
        ("taille:700Mo..4Go", "(size>=700M size<=4G)"),
        ("!(x | y) open:oui", "-(x or y) open:yes"),
        ("date:<12h", "added<12h"),
    ],
)
def test_a_query_has_one_form(text: str, form: str) -> None:
    assert written(parse(text)) == form


def test_the_largest_query_is_answered() -> None:
    assert len(parse("a " * 64).nodes) == 64
    assert len(parse("-" * 499 + "a").nodes) == 1
    assert parse("not " * 63 + "a").nodes
