"""No picture harms: what is refused, what is left of what is taken, and at what cost (SEC-16)."""

import random
import subprocess
import sys
import zipfile
from io import BytesIO
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bottin.pictures import sandbox
from bottin.pictures.errors import CoderFailed, PictureRefusal, PictureTooLarge, TooManyPixels
from bottin.pictures.gate import MIB, Limits, look
from bottin.pictures.sandbox import Rendered, render_in_worker
from tests.factories.pictures import drawing, picture_file
from tests.unit.pictures import hostile

LIMITS: Final = Limits()
KINDS: Final = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"RIFF\0\0\0\0WEBPVP8X",
    b"RIFF\0\0\0\0WEBPVP8 ",
)


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_sec_16_what_is_no_still_picture_of_ours_is_refused(name: str) -> None:
    raw, code = hostile.REFUSED[name]

    with pytest.raises(PictureRefusal) as refused:
        render_in_worker(raw, LIMITS)

    assert refused.value.code == code


def test_a_file_past_its_size_is_refused_before_a_child_is_started() -> None:
    with pytest.raises(PictureTooLarge):
        render_in_worker(bytes(LIMITS.file_bytes + 1), LIMITS)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK", "YCbCr"])
def test_every_mode_of_a_picture_becomes_one_we_show(mode: str) -> None:
    form = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    drawn = drawing((64, 48)).convert("L").convert(mode) if mode != "RGBA" else drawing((64, 48))

    made = render_in_worker(picture_file(form, drawn), LIMITS)

    assert [(size.form, size.width, size.height) for size in made.sizes] == [
        ("webp", 64, 48),
        ("avif", 64, 48),
    ]
    assert all(Image.open(BytesIO(size.content)).size == (64, 48) for size in made.sizes)


def test_where_and_with_what_it_was_taken_does_not_come_along() -> None:
    drawn = drawing((300, 200))
    exif = Image.Exif()
    exif[0x010F] = "MAKER-OF-CAMERAS"
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 3.0)}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    raw = picture_file(
        "JPEG", drawn, exif=exif, icc_profile=profile, comment=b"SECRET-REMARK", quality=95
    )
    assert b"MAKER-OF-CAMERAS" in raw
    assert b"SECRET-REMARK" in raw

    made = render_in_worker(raw, LIMITS)

    for size in made.sizes:
        shown = Image.open(BytesIO(size.content))
        assert not shown.getexif()
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(shown.info)
        assert b"MAKER" not in size.content
        assert b"SECRET" not in size.content


def test_a_picture_is_turned_as_its_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    made = render_in_worker(picture_file("JPEG", drawing((300, 200)), exif=exif), LIMITS)

    assert (made.width, made.height) == (200, 300)


@pytest.mark.parametrize(
    "raw",
    [
        hostile.PHOTO + hostile.SCRIPT,
        hostile.WHOLE + hostile.SCRIPT,
        hostile.jpeg((0xFE, hostile.SCRIPT))[:2]
        + hostile.jpeg((0xFE, hostile.SCRIPT))[2 : 4 + 2 + len(hostile.SCRIPT)]
        + hostile.PHOTO[2:],
    ],
    ids=["jpeg and script", "png and script", "script in a remark"],
)
def test_what_hides_beside_the_pixels_is_gone(raw: bytes) -> None:
    assert hostile.SCRIPT in raw

    made = render_in_worker(raw, LIMITS)

    assert not any(b"script" in size.content for size in made.sizes)


def test_a_jpeg_that_is_a_zip_too_is_a_picture_only_afterwards() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("index.html", hostile.SCRIPT)
    raw = hostile.PHOTO + archive.getvalue()
    assert zipfile.is_zipfile(BytesIO(raw))

    made = render_in_worker(raw, LIMITS)

    assert not any(zipfile.is_zipfile(BytesIO(size.content)) for size in made.sizes)


@pytest.mark.parametrize(("form", "mode"), [("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGB")])
def test_the_largest_picture_allowed_fits_in_the_memory_given(form: str, mode: str) -> None:
    raw = picture_file(form, drawing((4000, 4000), mode))
    assert len(raw) < LIMITS.file_bytes

    made = render_in_worker(raw, LIMITS)

    assert made.sizes[0].width == 1600


def test_a_child_that_needs_more_than_its_memory_ends_and_we_say_so() -> None:
    tight = Limits(memory_bytes=96 * MIB)

    with pytest.raises(CoderFailed):
        render_in_worker(picture_file("PNG", drawing((4000, 4000), "RGBA")), tight)


def test_a_child_opens_no_file_and_is_the_one_that_lib_confines() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from bottin.pictures import worker\n"
        "from bottin.lib import confined; confined.confine(400 * 2**20, 5)\n"
        "open('/etc/hostname')\n"
    )
    root = sandbox.__file__.split("/bottin/pictures/", maxsplit=1)[0]

    ended = subprocess.run(
        [sys.executable, "-I", "-c", program, root], capture_output=True, check=False, env={}
    )

    assert ended.returncode
    assert b"Too many open files" in ended.stderr


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"P",
        b"P{}\n",
        b"Pnull\n",
        b'P{"sizes": []}\n',
        b'R["pictures.nothing", {}]',
        b'P{"width":1,"height":1,"pixels":"0","look":"0","sizes":[["webp",1,1,3]]}\nabc',
        b'P{"width":1,"height":1,"pixels":"0","look":"0","sizes":[["html",1,1,3]]}\nabc',
        b'P{"width":9,"height":9,"pixels":"../../x","look":"0","sizes":[["webp",9,9,4]]}\nRIFF',
    ],
)
def test_an_answer_that_makes_no_sense_is_not_believed(answer: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        sandbox._rendered_in(answer)


def test_the_same_picture_looks_the_same_compressed_and_scaled_and_another_does_not() -> None:
    drawn = drawing((400, 300), seed=3)

    first = _made(picture_file("PNG", drawn))
    again = _made(picture_file("JPEG", drawn.resize((320, 240)), quality=60))
    other = _made(picture_file("PNG", drawing((400, 300), seed=11)))

    assert first.pixels != again.pixels
    assert _apart(first, again) <= 6
    assert _apart(first, other) > 20


@given(st.sampled_from(KINDS), st.binary(max_size=400))
def test_the_gate_answers_for_any_bytes(mark: bytes, rest: bytes) -> None:
    _looks(mark + rest)


@given(st.integers(0, 2**32 - 1))
def test_the_gate_answers_for_whole_files_with_a_few_bytes_changed(seed: int) -> None:
    dice = random.Random(seed)
    base = dice.choice((hostile.WHOLE, hostile.PHOTO, *_some()))
    changed = bytearray(base)
    for _ in range(dice.randint(1, 8)):
        changed[dice.randrange(min(len(changed), 200))] = dice.randrange(256)
    _looks(bytes(changed[: dice.randint(1, len(changed))]))


def _looks(raw: bytes) -> None:
    try:
        header = look(raw, LIMITS)
    except PictureRefusal:
        return
    assert header.width * header.height <= LIMITS.pixels
    assert LIMITS.least_side <= min(header.width, header.height)
    with pytest.raises(TooManyPixels):
        look(raw, Limits(pixels=1, least_side=1))


def _some() -> tuple[bytes, ...]:
    return tuple(raw for raw, _code in hostile.REFUSED.values() if 20 < len(raw) < 50_000)


def _made(raw: bytes) -> Rendered:
    return render_in_worker(raw, LIMITS)


def _apart(one: Rendered, other: Rendered) -> int:
    return (int(one.look, 16) ^ int(other.look, 16)).bit_count()
