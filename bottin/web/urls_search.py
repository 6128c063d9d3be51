"""Paths beside the search."""

from django.urls import URLPattern, path

from bottin.web.views import search_more

urlpatterns: list[URLPattern] = [
    path("search/suggest", search_more.suggestions, name="suggest"),
    path("search/help", search_more.search_help, name="search_help"),
    path("moderation/synonyms", search_more.synonyms, name="synonyms"),
    path(
        "moderation/synonyms/<int:pk>/remove", search_more.remove_synonyms, name="synonyms_remove"
    ),
]
