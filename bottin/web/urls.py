"""Paths of the pages. Those of accounts are in urls_accounts.py."""

from django.urls import URLPattern, path

from bottin.web import urls_accounts, urls_community, urls_search
from bottin.web.views import (
    about,
    announces,
    cases,
    design,
    dumps,
    errors,
    folders,
    home,
    lists,
    lookup,
    me,
    moderation,
    my_downloads,
    publish,
    releases,
)

app_name = "web"

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("search", lists.search, name="search"),
    path("c/<slug:slug>", lists.category, name="category"),
    path("publishers/<str:name>", lists.publisher, name="publisher"),
    path("torrents/<int:pk>-<slug:slug>", releases.release, name="release"),
    path("torrents/<int:pk>", releases.permalink, name="permalink"),
    path("torrents/<int:pk>/files", releases.release_files, name="release_files"),
    path("torrents/<int:pk>/folder", folders.folder, name="release_folder"),
    path("torrents/<int:pk>/download", releases.release_download, name="release_download"),
    path("torrents/<int:pk>/withdraw", publish.withdraw, name="withdraw"),
    path("publish", publish.publish, name="publish"),
    path("publish/preview", publish.publish_preview, name="publish_preview"),
    path("publish/<int:pk>", publish.publish_draft, name="publish_draft"),
    path("publish/<int:pk>/discard", publish.discard, name="discard"),
    path("moderation", moderation.queue, name="moderation"),
    path("moderation/<int:pk>", moderation.item, name="moderation_release"),
    path("moderation/<int:pk>/leave", moderation.leave, name="moderation_leave"),
    path("moderation/ledger", cases.waiting, name="moderation_ledger"),
    path("moderation/ledger/holds/<int:pk>", cases.hold, name="moderation_hold"),
    path("moderation/ledger/flags/<int:pk>", cases.flag, name="moderation_flag"),
    path("moderation/announces", announces.announces, name="moderation_announces"),
    path("me", me.me, name="me"),
    path("me/downloads", my_downloads.my_downloads, name="me_downloads"),
    path("me/downloads/<int:pk>", my_downloads.my_download, name="me_download"),
    path("me/announces", announces.me_announces, name="me_announces"),
    path("me/ledger", me.me_ledger, name="me_ledger"),
    path("legal/licences", about.licences, name="licences"),
    path("legal/contact", about.contact, name="contact"),
    path("dumps", dumps.dumps, name="dumps"),
    path("lookup", lookup.lookup, name="lookup"),
    path("status", about.status, name="status"),
    path("design", design.design, name="design"),
    path("design/error/<int:status>", errors.preview, name="error_preview"),
    path("robots.txt", about.robots, name="robots"),
    *urls_accounts.urlpatterns,
    *urls_search.urlpatterns,
    *urls_community.urlpatterns,
]
