"""Accounts, their API tokens and the history of their credentials."""

from typing import Any, ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bottin.accounts.fields import DigestField
from bottin.accounts.names import SkeletonField
from bottin.accounts.permissions import STAFF, Role

# How the password hash of an imported account begins, until its first sign-in.
FORMER_HASH: Final = "bcrypt$"


class RoleChoice(models.TextChoices):
    """Roles an account may hold; `visitor` is nobody's."""

    MEMBER = Role.MEMBER.value, _("Member")
    TRUSTED_PUBLISHER = Role.TRUSTED_PUBLISHER.value, _("Trusted publisher")
    MODERATOR = Role.MODERATOR.value, _("Moderator")
    SUPER_MODERATOR = Role.SUPER_MODERATOR.value, _("Super-moderator")
    ADMINISTRATOR = Role.ADMINISTRATOR.value, _("Administrator")


class AccountState(models.TextChoices):
    """Whether an account may act."""

    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


class Theme(models.TextChoices):
    """How pages look to a person."""

    AUTO = "auto", _("As my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by name whatever the case."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        """Return the account of that name; raises Account.DoesNotExist."""
        return self.get(name__iexact=username)

    def create_account(
        self,
        name: str,
        email: str,
        password: str | None,
        **fields: Any,  # noqa: ANN401 - model fields
    ) -> "Account":
        """Save an account with a usable password (or none)."""
        account = self.model(name=name, email=self.normalize_email(email).lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person's identity here."""

    name = models.CharField(_("name"), max_length=32)
    # Two names that look alike fold to one skeleton; set from `name` at each write.
    name_skeleton = SkeletonField(max_length=96, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(max_length=20, choices=RoleChoice.choices, default=RoleChoice.MEMBER)
    state = models.CharField(
        max_length=10, choices=AccountState.choices, default=AccountState.ACTIVE
    )
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=5, default="fr")
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.AUTO)
    joined_at = models.DateTimeField(default=timezone.now)
    # What the person agreed to when they registered (ACC-1); nothing where an operator did it.
    terms_version = models.CharField(max_length=20, blank=True)
    terms_accepted_at = models.DateTimeField(null=True, blank=True)
    # Announce keys are derived, never stored: a new version revokes the old one.
    # Two unsigned bytes in the key; PostgreSQL's own two-byte integer is signed.
    key_version = models.PositiveIntegerField(default=1)
    previous_key_version = models.PositiveIntegerField(default=0)
    key_grace_until = models.DateTimeField(null=True, blank=True)
    # Feed keys are derived too; a new version stops the old one at once.
    feed_key_version = models.PositiveIntegerField(default=1)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "name"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="account_name_once"),
            models.UniqueConstraint(Lower("email"), name="account_email_once"),
            # Django asks is_active, we write state: they never disagree.
            models.CheckConstraint(
                condition=models.Q(state="active", is_active=True)
                | (~models.Q(state="active") & models.Q(is_active=False)),
                name="account_active_is_state",
            ),
        ]
        indexes = [
            # Imported accounts that have not signed in here: each wrong password asks for one.
            models.Index(
                fields=["id"],
                condition=models.Q(password__startswith=FORMER_HASH),
                name="account_former_hash",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether the account is of the team."""
        return Role(self.role) in STAFF

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's permissions are not used: the table in permissions.py is."""
        del perm, obj
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Django's permissions are not used."""
        del app_label
        return False


class ApiToken(models.Model):
    """A program's way in: shown once, kept as its SHA-256."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=64)
    digest = DigestField(max_length=32, unique=True)
    last_four = models.CharField(max_length=4)
    scopes = ArrayField(models.CharField(max_length=16))
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} …{self.last_four}"


class SignIn(models.Model):
    """One browser signed in: what its owner may see of it, and whether it still counts.

    Holds no cookie value (its SHA-256) and no full address (PRIV-3).
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sign_ins")
    digest = DigestField(max_length=32, unique=True)
    device = models.CharField(max_length=64)
    network = models.CharField(max_length=50)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_seen_at", "-pk"]
        indexes = [models.Index(fields=["account", "network"], name="sign_in_by_network")]

    def __str__(self) -> str:
        return f"{self.device}, {self.network}"


class SignInAttempt(models.Model):
    """One line of an account's sign-in log, for its owner (ACC-13): kept 30 days.

    An attempt on a name that nobody has writes a line too, without account: it
    takes as long (SEC-13).
    """

    account = models.ForeignKey(
        Account, null=True, on_delete=models.CASCADE, related_name="sign_in_attempts"
    )
    is_success = models.BooleanField()
    device = models.CharField(max_length=64)
    network = models.CharField(max_length=50)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.network} {self.at}"


class SpentProof(models.Model):
    """A registration challenge that was used: it never counts twice."""

    digest = DigestField(max_length=32, primary_key=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.digest.hex()[:8])


class CredentialEvent(models.Model):
    """One line of a credential's history: issued, renewed, revoked, by whom and why."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="credential_events")
    kind = models.CharField(max_length=16)
    action = models.CharField(max_length=16)
    detail = models.CharField(max_length=200, blank=True)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.action}"


class Throttle(models.Model):
    """One GCRA bucket: the theoretical arrival time of the next allowed act, unix seconds."""

    key = models.CharField(max_length=120, primary_key=True)
    arrival_s = models.FloatField()

    def __str__(self) -> str:
        return self.key
