"""Paths of feeds and of the `.torrent` files in them; a key may follow the last dot."""

from django.urls import URLPattern, path

from bottin.feeds import dumps, views

app_name = "feeds"

urlpatterns: list[URLPattern] = [
    path("rss/<path:feed>", views.rss, name="rss"),
    path("atom/<path:feed>", views.atom, name="atom"),
    path("dumps/changes", dumps.changes, name="changes"),
    path("dumps/<str:day>/<str:name>", dumps.dump_file, name="dump_file"),
    path("torrent/download/<path:name>", views.torrent, name="torrent"),
]
