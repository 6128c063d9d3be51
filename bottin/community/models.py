"""What members keep, look for, promise and recommend; and the ranks worked out of facts."""

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bottin.accounts.fields import DigestField
from bottin.accounts.models import Account
from bottin.catalog.models import Category, Release


class Bookmark(models.Model):
    """A release that a member wants to find again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "release"], name="bookmark_once")]
        indexes = [models.Index(fields=["account", "-id"], name="bookmark_by_account")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.release_id}"


class Pace(models.TextChoices):
    """When a letter tells of new results; they are noted on the site in any case."""

    NEVER = "never", _("On the site only")
    AT_ONCE = "at_once", _("By e-mail, at once")
    DAILY = "daily", _("By e-mail, once a day")
    WEEKLY = "weekly", _("By e-mail, once a week")


class SavedSearch(models.Model):
    """A search that a member keeps; `parameters` is the query of its address, as it was typed."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    text = models.CharField(max_length=500, blank=True)
    category = models.ForeignKey(Category, null=True, on_delete=models.CASCADE, related_name="+")
    # All of the address after `?` that says what is looked for, so that it opens as it was.
    parameters = models.CharField(max_length=1000, blank=True)
    pace = models.CharField(max_length=10, choices=Pace.choices, default=Pace.NEVER)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "parameters"], name="saved_search_once")
        ]

    def __str__(self) -> str:
        return self.name


class Topic(models.TextChoices):
    """What a letter is about."""

    RESULTS = "results", _("New results")
    HOOK = "hook", _("A webhook that was switched off")
    KEEPERS = "keepers", _("Fewer seeds of what you keep")


class Letter(models.Model):
    """One mail, written once; sent until it is said to be sent."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=8, choices=Topic.choices, default=Topic.RESULTS)
    pace = models.CharField(max_length=10, choices=Pace.choices)
    written_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(sent_at__isnull=True), name="letter_unsent"
            )
        ]

    def __str__(self) -> str:
        return f"letter {self.pk}"


class Hook(models.Model):
    """An address that a program listens at: what a kept search finds is sent to it.

    Its secret is derived from `nonce`, not stored. `answer` is the last one: a status of
    HTTP, or why there was none. While `off_at` is set nothing is sent.
    """

    search = models.OneToOneField(
        SavedSearch, primary_key=True, on_delete=models.CASCADE, related_name="hook"
    )
    url = models.CharField(max_length=500)
    nonce = DigestField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=16, blank=True)
    off_at = models.DateTimeField(null=True)
    # The mail that says that it was switched off.
    letter = models.ForeignKey(Letter, null=True, on_delete=models.SET_NULL, related_name="hooks")

    def __str__(self) -> str:
        return f"hook of {self.search_id}"


class Delivery(models.Model):
    """One document for a hook, written once; sent until it is taken, or the hook is off.

    One without results is a check. `next_at` is also a lease: who sends moves it first.
    """

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries")
    is_check = models.BooleanField(default=False)
    written_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(sent_at__isnull=True),
                name="delivery_unsent",
            )
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class Match(models.Model):
    """A release published after a search was saved, and found by it: told of once each way."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="matches")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    letter = models.ForeignKey(Letter, null=True, on_delete=models.SET_NULL, related_name="matches")
    delivery = models.ForeignKey(
        Delivery, null=True, on_delete=models.SET_NULL, related_name="matches"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["search", "release"], name="match_once")]
        indexes = [models.Index(fields=["search", "-at"], name="match_by_search")]

    def __str__(self) -> str:
        return f"{self.search_id}: {self.release_id}"


class Position(models.Model):
    """How far something followed the changes of the catalogue; one row each."""

    name = models.CharField(max_length=32, primary_key=True)
    transaction_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} @ {self.transaction_id}"


class Need(models.Model):
    """How much a release needs seeds, as of the last round; only the neediest have a row.

    `score` is 0 to 100: see `bottin/community/rules.py`. `promised` counts the
    pledges that no client keeps yet.
    """

    release = models.OneToOneField(
        Release, primary_key=True, on_delete=models.CASCADE, related_name="need"
    )
    score = models.FloatField()
    seeders = models.PositiveIntegerField()
    leechers = models.PositiveIntegerField()
    completed = models.PositiveIntegerField()
    promised = models.PositiveIntegerField(default=0)
    size_bytes = models.BigIntegerField()
    is_unique = models.BooleanField(default=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["-score", "-release"], name="need_by_score"),
            models.Index(fields=["seeders", "-leechers"], name="need_by_seeders"),
            models.Index(fields=["size_bytes"], name="need_by_size"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id}: {self.score:.0f}"


class Offer(models.Model):
    """The disk space that a member gives to what needs seeds."""

    account = models.OneToOneField(
        Account, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    size_bytes = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.account_id}: {self.size_bytes}"


class Ending(models.TextChoices):
    """Why a pledge ended."""

    RELEASED = "released", _("Released")
    LAPSED = "lapsed", _("Not seeded for two weeks")


class Pledge(models.Model):
    """A member's promise to seed a release; what the clients really do is beside it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # The last time a client of the member was seen seeding it.
    kept_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "release"],
                condition=models.Q(ended_at__isnull=True),
                name="pledge_open_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["release"],
                condition=models.Q(ended_at__isnull=True),
                name="pledge_by_release",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.release_id}"


class Loss(models.TextChoices):
    """What a release lost, for one who keeps it."""

    PLEDGE = "pledge", _("Somebody's pledge ended")
    OTHERS = "others", _("You are the last seeder")
    ONE_LEFT = "one_left", _("One seeder is left")
    ALL = "all", _("Nobody seeds it")


class LostKeeper(models.Model):
    """What a release lost: told to each who keeps it; `left` pledges or seeders remain."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")
    loss = models.CharField(max_length=8, choices=Loss.choices, default=Loss.PLEDGE)
    left = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)
    letter = models.ForeignKey(Letter, null=True, on_delete=models.SET_NULL, related_name="losses")

    class Meta:
        indexes = [
            models.Index(fields=["account", "-id"], name="lost_keeper_by_account"),
            models.Index(
                fields=["account"],
                condition=models.Q(letter__isnull=True, seen_at__isnull=True),
                name="lost_keeper_untold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.release_id}"


class KeeperMail(models.Model):
    """When a member wants letters of what those releases lose; without a row: daily."""

    account = models.OneToOneField(
        Account, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    pace = models.CharField(max_length=10, choices=Pace.choices, default=Pace.DAILY)

    def __str__(self) -> str:
        return f"{self.account_id}: {self.pace}"


class Pick(models.Model):
    """A release that the team recommends, with a sentence in each language."""

    release = models.OneToOneField(
        Release, primary_key=True, on_delete=models.CASCADE, related_name="pick"
    )
    by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    sentence_fr = models.CharField(max_length=160)
    sentence_en = models.CharField(max_length=160)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.sentence_fr

    @property
    def sentence(self) -> str:
        """Why, in the reader's language."""
        is_english = (get_language() or "fr").startswith("en")
        return self.sentence_en if is_english else self.sentence_fr


class Chart(models.TextChoices):
    """What a list of the best is about."""

    RISING = "rising", _("Rising")
    COMPLETED = "completed", _("Most downloaded")
    SEEDERS = "seeders", _("Most seeded")
    NEW = "new", _("New and liked")


class Span(models.TextChoices):
    """How far back it looks."""

    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    YEAR = "year", _("Year")
    ALL = "all", _("Always")


class Rank(models.Model):
    """A place in a list of the best, worked out by the worker."""

    chart = models.CharField(max_length=10, choices=Chart.choices)
    span = models.CharField(max_length=6, choices=Span.choices)
    place = models.PositiveSmallIntegerField()
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")
    value = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chart", "span", "place"], name="rank_once")]

    def __str__(self) -> str:
        return f"{self.chart}/{self.span} {self.place}"


class Tally(models.Model):
    """How many published releases have a licence, a language or a publisher."""

    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=64)
    listed = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key} {self.listed}"
