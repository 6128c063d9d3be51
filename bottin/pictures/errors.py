"""Refusals of pictures and of texts."""

from bottin.lib.errors import DomainError


class PictureRefusal(DomainError):
    """The file itself is at fault: base of what reading one may say."""


class PictureTooLarge(PictureRefusal):
    """The file is too large. Context: `size_bytes`, `limit_bytes`."""

    code = "pictures.too_large"


class WrongType(PictureRefusal):
    """It is no JPEG, PNG or WebP, whatever its name says."""

    code = "pictures.wrong_type"


class AnimatedPicture(PictureRefusal):
    """It moves: several frames."""

    code = "pictures.animated"


class TooManyPixels(PictureRefusal):
    """It would be too large once decoded. Context: `width`, `height`, `limit`, `side`."""

    code = "pictures.too_many_pixels"


class TooFewPixels(PictureRefusal):
    """It is too small to see something. Context: `width`, `height`, `limit`."""

    code = "pictures.too_few_pixels"


class UnreadablePicture(PictureRefusal):
    """It is cut short, damaged or made to do harm."""

    code = "pictures.unreadable"


class CoderFailed(PictureRefusal):
    """The process that reads it died, was too slow or made no sense. Context: `reason`."""

    code = "pictures.coder_failed"


class AltMissing(DomainError):
    """A picture says in words what it shows. Context: `limit`, in characters."""

    code = "pictures.alt_missing"


class TooManyPictures(DomainError):
    """There are as many as there may be. Context: `limit`."""

    code = "pictures.too_many"


class SamePicture(DomainError):
    """This very picture is there already."""

    code = "pictures.same"


class PictureStaysDown(DomainError):
    """The team removed this picture and it stays down. Context: `reason`."""

    code = "pictures.stays_down"


class PictureNotFound(DomainError):
    """No such picture, or none that this viewer may see or change."""

    code = "pictures.not_found"


class PicturesLocked(DomainError):
    """What is published takes new pictures and texts of the trusted only. Context: `state`."""

    code = "pictures.locked"


class TextTooLarge(DomainError):
    """The file is too large. Context: `size_bytes`, `limit_bytes`."""

    code = "pictures.text_too_large"


class NotAText(DomainError):
    """It is no text in UTF-8 (nor, for a `.nfo`, in the letters of DOS), or empty."""

    code = "pictures.not_a_text"


class TooManyTexts(DomainError):
    """There are as many as there may be. Context: `limit`."""

    code = "pictures.too_many_texts"


class TextNotFound(DomainError):
    """No such text, or none that this viewer may see or change."""

    code = "pictures.text_not_found"
