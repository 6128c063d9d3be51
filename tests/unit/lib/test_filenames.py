"""Names of downloads (META-12, DL-4)."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.lib.filenames import content_disposition, safe_stem


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Debian 13 (amd64)", "Debian 13 (amd64)"),
        ("Été à Nîmes", "Été à Nîmes"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x", "C__x"),
        ('a"; filename="b.exe', "a__ filename=_b.exe"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie_ x"),
        ("cod\u202efdp", "codfdp"),
        ("...", "torrent"),
        ("", "torrent"),
        (" x. ", "x"),
    ],
)
def test_meta_12_a_download_name_is_safe_everywhere(title: str, stem: str) -> None:
    assert safe_stem(title) == stem


def test_meta_12_a_long_title_is_cut_between_characters() -> None:
    assert safe_stem("é" * 500) == "é" * 90


def test_dl_4_both_forms_of_the_name_are_given() -> None:
    header = content_disposition("Été", ".torrent")

    assert header == "attachment; filename=\"Ete.torrent\"; filename*=UTF-8''%C3%89t%C3%A9.torrent"


def test_dl_4_a_title_without_latin_letters_still_has_a_plain_name() -> None:
    assert 'filename="torrent.torrent"' in content_disposition("攻殻機動隊", ".torrent")


@given(st.text(max_size=300))
def test_dl_4_any_title_gives_one_well_formed_header(title: str) -> None:
    header = content_disposition(title, ".torrent")

    form = r"attachment; filename=\"[^\"\\]+\.torrent\"; filename\*=UTF-8''([A-Za-z0-9%._~-]+)"
    whole = re.fullmatch(form, header)
    assert whole is not None
    assert unquote(whole[1]) == safe_stem(title) + ".torrent"
