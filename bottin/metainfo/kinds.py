"""What kind of content a file name promises."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """A family of file formats, told by the extension alone."""

    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    ARCHIVE = "archive"
    DOCUMENT = "document"
    PROGRAM = "program"
    SUBTITLE = "subtitle"
    OTHER = "other"


_EXTENSIONS: Final = {
    Kind.VIDEO: "3gp avi divx flv m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogm ogv rmvb ts vob webm"
    " wmv y4m",
    Kind.AUDIO: "aac aif aiff alac ape dff dsf flac it m3u m3u8 m4a m4b mid midi mka mod mp3 mpc"
    " oga ogg opus s3m tak tta wav wma wv xm",
    Kind.IMAGE: "ai avif bmp cr2 cr3 dng exr gif heic heif ico jp2 jpe jpeg jpg jxl nef orf png psd"
    " raf raw svg tga tif tiff webp xcf",
    Kind.ARCHIVE: "7z ace ar arj br bz2 cab cb7 cbr cbz cpio gz img iso lha lz lz4 lzh lzma mdf nrg"
    " qcow2 rar squashfs tar tbz2 tgz txz udf vdi vhd vhdx vmdk wim xz zip zpaq zst",
    Kind.DOCUMENT: "adoc azw azw3 bib cbt chm csv djvu doc docx eml epub fb2 geojson gpx htm html"
    " ics ipynb json jsonl kml log md mobi nc ndjson nfo odp ods odt parquet pdf ppt pptx ps rst"
    " rtf shp sql tex toml tsv txt xls xlsx xml yaml yml",
    Kind.PROGRAM: "apk app appimage bat bin cmd com cpl deb dll dmg dylib elf exe flatpak gba hta"
    " jar js jse lnk msi msix nes nsp pif pkg ps1 py rb reg rpm run scr sh smc snap so swf vbe vbs"
    " wasm wsf xpi",
    Kind.SUBTITLE: "ass idx mks sbv smi srt ssa stl sub sup ttml usf vtt",
}
_KIND_OF: Final = {
    extension: kind for kind, listed in _EXTENSIONS.items() for extension in listed.split()
}


def kind_of(name: str) -> Kind:
    """Return the kind of a file by the last extension of its name, any case."""
    dot = name.rfind(".")
    # A name that begins with its only dot, or ends with one, has no extension.
    extension = name[dot + 1 :].lower() if dot > 0 else ""
    return _KIND_OF.get(extension, Kind.OTHER)


def kinds_by_size(files: Iterable[tuple[str, int]]) -> tuple[Kind, ...]:
    """Return the kinds of (name, size in bytes) pairs, from the most bytes to the fewest."""
    sizes: dict[Kind, int] = {}
    for name, size_bytes in files:
        kind = kind_of(name)
        sizes[kind] = sizes.get(kind, 0) + size_bytes
    return tuple(sorted(sizes, key=lambda kind: (-sizes[kind], kind)))
