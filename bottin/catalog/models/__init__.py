"""What the catalogue keeps. Visibility has one home: `releases.ReleaseQuerySet.visible_to`."""

from bottin.catalog.models.facts import CategoryFact, FactChoice, FactKind, FactType
from bottin.catalog.models.releases import (
    FileRoot,
    Release,
    ReleaseChange,
    ReleaseQuerySet,
    StateChange,
    StateChoice,
    StoredMetainfo,
)
from bottin.catalog.models.shelves import Category, Licence, LicenceFamily, Named
from bottin.catalog.models.tags import Tag, TagVote
from bottin.catalog.models.versions import ReleaseVersion
from bottin.catalog.models.web_seeds import SeedState, WebSeed
from bottin.catalog.models.works import Edition, Work, WorkChange, WorkChangeKind, WorkKind

__all__ = [
    "Category",
    "CategoryFact",
    "Edition",
    "FactChoice",
    "FactKind",
    "FactType",
    "FileRoot",
    "Licence",
    "LicenceFamily",
    "Named",
    "Release",
    "ReleaseChange",
    "ReleaseQuerySet",
    "ReleaseVersion",
    "SeedState",
    "StateChange",
    "StateChoice",
    "StoredMetainfo",
    "Tag",
    "TagVote",
    "WebSeed",
    "Work",
    "WorkChange",
    "WorkChangeKind",
    "WorkKind",
]
