"""Paths of what members keep, look for and promise, and of the ways in beside search."""

from django.urls import URLPattern, path

from bottin.web.views import bookmarks, discover, layouts, maps, picks, rescue, searches

urlpatterns: list[URLPattern] = [
    path("bookmarks", bookmarks.bookmark, name="bookmark"),
    path("me/bookmarks", bookmarks.me_bookmarks, name="me_bookmarks"),
    path("me/searches", searches.me_searches, name="me_searches"),
    path("me/searches/<int:pk>", searches.open_search, name="me_search"),
    path("me/searches/<int:pk>/change", searches.change_search, name="me_search_change"),
    path("me/searches/<int:pk>/hook", searches.search_hook, name="me_search_hook"),
    path("rescue", rescue.rescue, name="rescue"),
    path("rescue/plan", rescue.rescue_plan, name="rescue_plan"),
    path("me/pledges", rescue.me_pledges, name="me_pledges"),
    path("top", discover.top, name="top"),
    path("top/<slug:chart>/<slug:span>", discover.top, name="top_of"),
    path("random", discover.by_chance, name="random"),
    path("browse", discover.browse, name="browse"),
    path("layout", layouts.layout, name="layout"),
    path("moderation/picks", picks.picks, name="picks"),
    path("opensearch.xml", maps.opensearch, name="opensearch"),
    path("sitemap.xml", maps.sitemap, name="sitemap"),
    path("sitemap-shelves.xml", maps.shelves, name="sitemap_shelves"),
    path("sitemap-<int:part>.xml", maps.releases, name="sitemap_part"),
]
