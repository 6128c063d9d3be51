"""Where django-allauth asks this site: names, passwords, throttles, mails, sign-ins."""

from typing import Any, ClassVar, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from bottin.accounts import actions, queries, sign_ins, throttle
from bottin.accounts.actions import NewAccount
from bottin.accounts.addresses import undo_token
from bottin.accounts.errors import BadName, BadPassword, NameTaken
from bottin.accounts.models import Account
from bottin.accounts.names import check_name
from bottin.accounts.network import wide
from bottin.accounts.passwords import check_password
from bottin.accounts.viewer import viewer_for
from bottin.lib import clock
from bottin.web import outgoing, signed_in
from bottin.web.errors import sentence_of
from bottin.web.viewer import viewer_of

# Mails that a stranger can make us send to an address; the others tell owners of what they did.
_ASKED_BY_STRANGERS: Final = frozenset(
    {
        "account/email/email_confirmation_signup",
        "account/email/email_confirmation",
        "account/email/password_reset_key",
        "account/email/account_already_exists",
    }
)

# One sentence, whether or not the account exists (SEC-13).
_WRONG: Final = _("Either this account does not exist, or this is not its password.")

_MESSAGES: Final = {
    "account/messages/email_confirmed.txt": _("Your address is confirmed."),
    "account/messages/email_confirmation_failed.txt": _("This address cannot be confirmed."),
    "account/messages/password_changed.txt": _(
        "Your password is changed, and every other browser signed out."
    ),
}


class AccountAdapter(DefaultAccountAdapter):
    """Hands each question to the accounts app, which holds the rules."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
        "invalid_login": _WRONG,
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your current password."),
        "invalid_password_reset": _("This link is out of date, or was used already."),
        "duplicate_email": _("This is your address already."),
        "max_email_addresses": _("Another change of address is waiting for its confirmation."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether a stranger may register now."""
        del request
        return bool(settings.BOTTIN_REGISTRATION == "open")

    def clean_username(self, username: str, shallow: bool = False) -> str:  # noqa: FBT001, FBT002 - theirs
        """Return the name as it is kept, or refuse it with a sentence."""
        try:
            username = check_name(username)
        except BadName as error:
            raise ValidationError(sentence_of(error), code=error.code) from error
        if not shallow and not actions.is_name_free(username):
            raise name_taken(username)
        return username

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        """Return the password, or refuse a weak one with the sentences of its checks."""
        name, email = (user.name, user.email) if isinstance(user, Account) else ("", "")
        try:
            check_password(password, name=name, email=email)
        except BadPassword as error:
            problems: Any = error.context["problems"]
            raise ValidationError(problems, code=error.code) from error
        return password

    def save_user(
        self,
        request: HttpRequest,
        user: AbstractBaseUser,
        form: BaseForm,
        commit: bool = True,  # noqa: FBT001, FBT002 - theirs
    ) -> AbstractBaseUser:
        """Create the account. Raises NameTaken and EmailTaken when a race was lost."""
        del user, commit
        data = form.cleaned_data
        language = (translation.get_language() or settings.LANGUAGE_CODE)[:2]
        new = NewAccount(
            data["username"],
            data["email"],
            data["password1"],
            language=language,
            terms_version=settings.BOTTIN_TERMS_VERSION,
        )
        return actions.create_account(new, by=viewer_of(request), at=clock.now())

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Replace a password; all browsers are signed out, and this one in again, as a new row."""
        changed = actions.set_password(
            user.pk, password, by=viewer_of(self.request), at=clock.now()
        )
        user.password = changed.password
        self.request.session.pop(signed_in.SIGN_IN, None)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign a browser in, and note it for its owner."""
        super().login(request, user)
        signed_in.begin(request, user.pk)

    def logout(self, request: HttpRequest) -> None:
        """Sign a browser out."""
        signed_in.close(request)
        super().logout(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401
        """Count an attempt, by account, by address and for the site (SEC-10).

        From a network where the account signed in before, it has a bucket of its
        own: whoever guesses elsewhere cannot lock its owner out (ACC-13).
        """
        login = _login_of(credentials)
        address = signed_in.origin_of(request).address
        network = wide(address)
        who = f"{login}@{network}" if queries.is_known_network(login, network) else login
        limit = settings.BOTTIN_THROTTLE_LOGIN
        throttle.require(throttle.by_address("login", address), limit)
        throttle.require(throttle.key_of("login-account", who), limit)
        throttle.require("login-site", settings.BOTTIN_THROTTLE_LOGIN_SITE)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:  # noqa: ANN401
        """Check a name (or address) and a password; note the outcome for the owner."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        sign_ins.note_attempt(
            _login_of(credentials),
            signed_in.origin_of(request),
            is_success=user is not None,
            at=clock.now(),
        )
        return user

    def _rollback_login_failed_rl_usage(self) -> None:
        """Attempts count whether or not they succeed: nothing to give back."""

    def add_message(  # noqa: PLR0913, PLR0917 - theirs
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say what a page does not show by itself, and nothing else."""
        del message_context
        sentence = message or _MESSAGES.get(message_template or "")
        if sentence:
            messages.add_message(request, level, str(sentence), extra_tags=extra_tags)

    def is_ajax(self, request: HttpRequest) -> bool:
        """Whether to answer in JSON: never, pages are pages."""
        del request
        return False

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Mark an address as proved; when it replaces another, note that it changed."""
        owner_id = email_address.user_id
        had_other = EmailAddress.objects.filter(user_id=owner_id, verified=True).exists()
        try:
            with transaction.atomic():
                is_confirmed = bool(super().confirm_email(request, email_address))
                if is_confirmed and had_other:
                    owner = viewer_for(email_address.user)
                    actions.note_email_changed(owner_id, by=owner, at=clock.now())
        except IntegrityError:  # meanwhile somebody else took this address
            return False
        return is_confirmed

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that TrustedProxies vouches for."""
        return str(request.META.get("REMOTE_ADDR", ""))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail in its reader's language, unless strangers asked for too many."""
        message = self.compose(template_prefix, email, context)
        if message is not None:
            outgoing.deliver(message)

    def compose(
        self, template_prefix: str, email: str, context: dict[str, Any]
    ) -> EmailMessage | None:
        """Write a mail; None when strangers had too many sent to this address."""
        if template_prefix in _ASKED_BY_STRANGERS:
            kind = template_prefix.rsplit("/", 1)[1]
            bucket = throttle.key_of(f"mail-{kind}"[:40], email.lower())
            if not throttle.allow(bucket, settings.BOTTIN_THROTTLE_MAIL):
                return None
        account = Account.objects.filter(email__iexact=email).first()
        language = account.language if account else translation.get_language()
        facts = {"site_name": settings.BOTTIN_SITE_NAME, "account": account, "email": email}
        prefix = template_prefix.replace("account/email/", "account/mail/")
        with translation.override(language):
            message: EmailMessage = self.render_mail(prefix, email, context | facts)
            return message

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell an owner what changed, with the network cut short and the device named."""
        origin = signed_in.origin_of(self.request)
        facts = {"network": wide(origin.address), "device": origin.device}
        former = (context or {}).get("from_email")
        if former:
            way_back = reverse("web:email_undo", args=[undo_token(user.pk, former)])
            facts["undo_url"] = f"{settings.BOTTIN.origin}{way_back}"
        super().send_notification_mail(template_prefix, user, (context or {}) | facts, email)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:  # noqa: ANN401
        """Whether the password was last typed too long ago; signing in counts as typing it."""
        del app, kwargs
        records = get_authentication_records(self.request, self.request.user)
        last_s = max((record.get("at", 0) for record in records), default=0)
        return bool(clock.now().timestamp() - last_s > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go on to the sessions, where the others are now ended."""
        del request
        return reverse("web:me_sessions")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Tell a suspended account so; its password was right, nobody else gets here."""
        del request, user
        return HttpResponseRedirect(reverse("account_inactive"))


def name_taken(name: str) -> ValidationError:
    """Return the refusal of a name that is taken, as a form shows it."""
    refusal = NameTaken(name=name)
    return ValidationError(sentence_of(refusal), code=refusal.code)


def _login_of(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "").strip().lower()
