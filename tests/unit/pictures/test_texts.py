"""A README or an NFO is text and nothing else (META-15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.pictures.errors import NotAText
from bottin.pictures.texts import read_text


@pytest.mark.parametrize(
    ("raw", "is_nfo", "body", "encoding"),
    [
        (b"Bonjour", False, "Bonjour", "utf-8"),
        ("œuvre\r\nlibre\r".encode(), False, "œuvre\nlibre", "utf-8"),
        ("\ufeffavec marque".encode(), False, "avec marque", "utf-8"),
        ("deux octets".encode("utf-16"), False, "deux octets", "utf-16"),
        (b"\xc9\xcd\xbb \xb0\xb1\xb2 d\x82j\x85", True, "╔═╗ ░▒▓ déjà", "cp437"),
        ("╔═╗".encode(), True, "╔═╗", "utf-8"),
        (b"art\x1aSAUCE00", True, "art", "utf-8"),
        (
            b"\x1b[31mrouge\x1b[0m \x1b]0;titre\x07fin" + b"." * 60,
            False,
            "rouge 0;titrefin" + "." * 60,
            "utf-8",
        ),
        ("a\u202eb\u2066c\u200fd\u00ade".encode(), False, "abcde", "utf-8"),
        (b"a\tb\x0cc\x00d" + b"x" * 60, False, "a\tbcd" + "x" * 60, "utf-8"),
        (b"\n\n  x  \n\n", False, "  x", "utf-8"),
    ],
)
def test_meta_15_text_is_read_in_its_own_letters_without_what_controls_or_hides(
    raw: bytes, *, is_nfo: bool, body: str, encoding: str
) -> None:
    read = read_text(raw, is_nfo=is_nfo)

    assert (read.body, read.encoding) == (body, encoding)


@pytest.mark.parametrize(
    ("raw", "is_nfo"),
    [
        (b"", False),
        (b"  \n \x00", True),
        (b"d\x82j\x85", False),
        (b"\xff\xfe\x00\xd8", False),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), False),
        (bytes(range(1, 32)) * 9, False),
    ],
)
def test_meta_15_what_is_no_text_is_refused(raw: bytes, *, is_nfo: bool) -> None:
    with pytest.raises(NotAText):
        read_text(raw, is_nfo=is_nfo)


@given(raw=st.binary(max_size=600), is_nfo=st.booleans())
def test_any_bytes_are_read_or_refused_and_nothing_of_it_controls_a_page(
    raw: bytes, *, is_nfo: bool
) -> None:
    try:
        body = read_text(raw, is_nfo=is_nfo).body
    except NotAText:
        return
    assert not ({chr(code) for code in range(32)} - {"\n", "\t"}) & set(body)
