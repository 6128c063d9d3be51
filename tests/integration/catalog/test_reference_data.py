"""What a new site starts with: the shelves and the licences."""

import pytest
from django.utils import translation

from bottin.catalog import actions, queries
from bottin.catalog.errors import CategoryNotFound
from bottin.catalog.models import Category, Licence, LicenceFamily

pytestmark = pytest.mark.django_db


def test_a_new_site_has_the_whole_tree_with_two_levels() -> None:
    families = Category.objects.filter(parent=None)

    assert [family.pk for family in families] == [10_000 * n for n in range(11, 19)]
    assert Category.objects.count() == 45
    assert not Category.objects.filter(parent__parent__isnull=False).exists()


def test_each_shelf_stands_under_the_family_its_id_says() -> None:
    for category in Category.objects.exclude(parent=None):
        assert category.parent_id == category.pk // 10_000 * 10_000


def test_a_shelf_has_a_name_in_each_language() -> None:
    category = Category.objects.get(pk=110100)

    with translation.override("fr"):
        assert str(category) == "Distributions Linux"
    with translation.override("en"):
        assert str(category) == "Linux distributions"


def test_the_alias_leads_to_the_shelf_it_stands_for_and_is_in_no_tree() -> None:
    found = queries.category_by_slug("jeux-libres-renvoi")

    assert found.pk == 170100
    assert all(shelf.pk != 110400 for family in _tree() for shelf in family)


def test_an_unknown_shelf_is_refused() -> None:
    with pytest.raises(CategoryNotFound):
        queries.category_by_slug("films-piratés")


def test_licences_cover_every_family_and_say_what_they_allow() -> None:
    assert set(Licence.objects.values_list("family", flat=True)) == set(LicenceFamily.values)
    for licence in Licence.objects.all():
        assert licence.summary_fr, licence.code
        assert licence.summary_en, licence.code


def test_grounds_of_the_public_domain_want_a_statement() -> None:
    grounds = Licence.objects.filter(family=LicenceFamily.PUBLIC_DOMAIN, code__startswith="PD-")

    assert grounds.count() > 8
    assert all(ground.needs_statement for ground in grounds)


def test_every_version_of_every_creative_commons_licence_is_there() -> None:
    kinds = ["BY", "BY-SA", "BY-NC", "BY-NC-SA", "BY-ND", "BY-NC-ND"]
    wanted = {f"CC-{kind}-{v}" for kind in kinds for v in ("1.0", "2.0", "2.5", "3.0", "4.0")}

    assert wanted <= set(Licence.objects.values_list("code", flat=True))


def test_syncing_again_keeps_what_the_team_edited() -> None:
    Category.objects.filter(pk=110100).update(name_fr="Linux")
    Licence.objects.filter(code="MIT").delete()

    actions.sync_reference_data()

    assert Category.objects.get(pk=110100).name_fr == "Linux"
    assert Licence.objects.filter(code="MIT").exists()


def _tree() -> list[list[Category]]:
    from bottin.accounts.viewer import ANONYMOUS

    return [[shelf.category for shelf in f.shelves] for f in queries.category_tree(ANONYMOUS)]
