"""What programs read on the page of a release: schema.org and DCAT, as JSON-LD (WORK-9)."""

import json
from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from bottin.catalog.downloads import page_url
from bottin.catalog.identifiers import read_all
from bottin.catalog.models import Release

_TYPES: Final = {
    110000: "SoftwareApplication",
    120000: "VideoObject",
    130000: "AudioObject",
    140000: "Book",
    150000: "Dataset",
    160000: "ImageObject",
    170000: "VideoGame",
}
_TORRENT: Final = "application/x-bittorrent"
_CONTEXT: Final = {
    "@vocab": "https://schema.org/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
}
# What could end the element or start another; JSON reads them back the same.
_ESCAPES: Final = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def linked_data(release: Release, tags: Sequence[str] = (), image: str = "") -> SafeString:
    """Return a release as JSON-LD to put inside `<script type="application/ld+json">`.

    A data block: the browser runs nothing of it, so that the CSP has nothing to allow.
    """
    page = page_url(release)
    both = (
        {**_schema(release, page), "keywords": list(tags), "image": image},
        {**_dcat(release, page), "dcat:keyword": list(tags)},
    )
    graph = [_kept(one) for one in both]
    text = json.dumps({"@context": _CONTEXT, "@graph": graph}, ensure_ascii=False)
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308 - nothing in it can end the element


def _schema(release: Release, page: str) -> dict[str, object]:
    family = (release.category_id or 0) // 10_000 * 10_000
    return {
        "@id": page,
        "@type": _TYPES.get(family, "CreativeWork"),
        "name": release.title,
        "alternateName": release.original_title,
        "url": page,
        "author": [{"@type": "Person", "name": name} for name in release.authors],
        "publisher": {"@type": "Person", "name": release.publisher.name},
        "datePublished": str(release.year) if release.year is not None else "",
        "inLanguage": release.language,
        "license": _licence(release),
        "isBasedOn": release.provenance_url,
        "identifier": [_identifier(one) for one in release.identifiers],
        "sameAs": [one.url for one in read_all(release.identifiers) if one.url],
        "encoding": {
            "@type": "MediaObject",
            "encodingFormat": _TORRENT,
            "contentUrl": _torrent(release),
            "contentSize": str(release.size_bytes),
        },
    }


def _dcat(release: Release, page: str) -> dict[str, object]:
    published = release.published_at
    return {
        "@id": f"{page}#dcat",
        "@type": "dcat:Dataset",
        "dct:title": release.title,
        "dct:identifier": list(release.identifiers) or [page],
        "dct:creator": list(release.authors),
        "dct:issued": published.isoformat() if published else "",
        "dct:language": release.language,
        "dct:license": _licence(release),
        "dct:source": release.provenance_url,
        "dcat:landingPage": {"@id": page},
        "dcat:distribution": {
            "@type": "dcat:Distribution",
            "dcat:downloadURL": {"@id": _torrent(release)},
            "dcat:mediaType": _TORRENT,
            "dcat:byteSize": release.size_bytes,
        },
    }


def _licence(release: Release) -> str:
    return (release.licence.url or release.licence.code) if release.licence else ""


def _identifier(written: str) -> dict[str, str]:
    scheme, _colon, value = written.partition(":")
    return {"@type": "PropertyValue", "propertyID": scheme, "value": value}


def _torrent(release: Release) -> str:
    return f"{settings.BOTTIN.origin}{reverse('web:release_download', args=[release.pk])}"


def _kept(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value not in ("", [], None)}
