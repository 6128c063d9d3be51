"""Paths of what surrounds a release: versions, works, tags, citations, web seeds."""

from django.urls import URLPattern, path

from bottin.web.views import pictures, publish, releases, seeds, tags, versions, works

urlpatterns: list[URLPattern] = [
    path("torrents/<int:pk>/cite.<slug:written>", releases.cite, name="release_cite"),
    path("torrents/<int:pk>/versions", versions.versions, name="release_versions"),
    path("torrents/<int:pk>/versions/<int:number>", versions.version, name="release_version"),
    path(
        "torrents/<int:pk>/versions/<int:number>/restore",
        versions.restore,
        name="release_version_restore",
    ),
    path(
        "torrents/<int:pk>/versions/<int:number>/hide", versions.hide, name="release_version_hide"
    ),
    path("torrents/<int:pk>/work", works.place, name="release_place"),
    path("torrents/<int:pk>/seeds", seeds.seeds, name="release_seeds"),
    path("torrents/<int:pk>/pictures", pictures.of_release, name="release_pictures"),
    path("torrents/<int:pk>/texts/<int:number>", pictures.text, name="release_text"),
    path("works/<int:pk>/pictures", pictures.of_work, name="work_pictures"),
    path("pictures/<slug:digest>.<slug:end>", pictures.picture, name="picture"),
    path("pictures/<int:number>/remove", pictures.remove, name="picture_remove"),
    path("torrents/<int:pk>/tags", tags.vote, name="tag_vote"),
    path("publish/facts", publish.publish_facts, name="publish_facts"),
    path("works", works.all_works, name="works"),
    path("works/<int:pk>-<slug:slug>", works.work, name="work"),
    path("works/<int:pk>", works.work_permalink, name="work_permalink"),
    path("works/<int:pk>/curate", works.curate, name="work_curate"),
    path("works/<int:pk>/undo", works.undo, name="work_undo"),
    path("tags", tags.tags, name="tags"),
    path("tags/<str:slug>", tags.tag, name="tag"),
    path("moderation/tags", tags.moderation_tags, name="moderation_tags"),
]
