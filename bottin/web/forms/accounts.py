"""Forms of accounts: what people type, checked by the accounts app."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bottin.accounts.errors import TooManyTries
from bottin.accounts.models import Account, Theme
from bottin.accounts.permissions import Scope
from bottin.accounts.proof import Attempt
from bottin.accounts.tokens import LONGEST_D, TokenRequest
from bottin.web.errors import sentence_of

_NAME_HELP: Final = _("3 to 32 letters or digits, with - _ . between them. Everyone sees it.")
_PASSWORD_HELP: Final = _(
    "At least 12 signs. Several words in a row are strong and easy to remember."
)
_EMAIL_HELP: Final = _("Only to confirm your account and to reset your password. Nobody sees it.")


def _password(label: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:  # noqa: ANN401 - lazy text
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, widget=widget, strip=False, help_text=help_text)


def _email(label: Any, help_text: Any = "") -> forms.EmailField:  # noqa: ANN401 - lazy text
    widget = forms.EmailInput(attrs={"autocomplete": "email"})
    return forms.EmailField(label=label, widget=widget, max_length=254, help_text=help_text)


@contextmanager
def _throttled(form: Any) -> Iterator[None]:  # noqa: ANN401 - allauth's forms
    """Make the form refuse what was tried too often; its view finds why in `refusal`."""
    try:
        yield
    except TooManyTries as refusal:
        form.refusal = refusal
        raise forms.ValidationError(sentence_of(refusal), code=refusal.code) from refusal


class SignInForm(allauth_forms.LoginForm):
    """A name or an address, and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("Name or e-mail address"),
            max_length=254,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        )
        self.fields["password"] = _password(_("Password"), "current-password")
        self.order_fields(["login", "password"])

    def user_credentials(self) -> dict[str, str]:
        """Give one way to look the account up: two would hash twice, and a stopwatch sees it."""
        login = self.cleaned_data["login"]
        kind = "email" if "@" in login else "username"
        return {kind: login, "password": self.cleaned_data["password"]}

    def clean(self) -> dict[str, Any]:
        """Try the password, unless this was tried too often."""
        with _throttled(self):
            cleaned: dict[str, Any] = super().clean()
            return cleaned


class SignUpForm(allauth_forms.SignupForm):
    """A new account: name, address, password; a trap for robots; a proof of work or of time."""

    accepts = forms.BooleanField(
        label=_("I will share only what the law lets me share"),
        help_text=_("Free works, works I made, works whose authors allow it."),
    )
    # People do not see it; whoever fills it is answered as if all were well.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    challenge = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2000)
    ticket = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2000)
    solution = forms.CharField(required=False, widget=forms.HiddenInput, max_length=4096)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, **kwargs)
        name = self.fields["username"]
        name.label, name.help_text = _("Name"), _NAME_HELP
        name.widget.attrs = {"autocomplete": "username", "maxlength": "32"}
        self.fields["email"] = _email(_("E-mail address"), _EMAIL_HELP)
        self.fields["password1"] = _password(_("Password"), "new-password", _PASSWORD_HELP)

    def attempt(self, address: str) -> Attempt:
        """Return the proof that came along, from `address`."""
        data = self.cleaned_data
        return Attempt(data.get("solution", ""), data.get("ticket", ""), address)

    def try_save(self, request: HttpRequest) -> tuple[Account | None, HttpResponse | None]:
        """Make the account; a robot, or an address that has one, gets the same answer."""
        if self.cleaned_data.get("website"):
            return None, get_adapter().respond_email_verification_sent(request, None)
        if self.account_already_exists:
            # As long as for an address nobody has: a stopwatch tells nothing.
            make_password(self.cleaned_data["password1"])
        saved: tuple[Account | None, HttpResponse | None] = super().try_save(request)
        return saved


class AskResetForm(allauth_forms.ResetPasswordForm):
    """The address to which a link is sent, if an account has it."""

    email = _email(_("E-mail address"))


class ResetPasswordForm(allauth_forms.ResetPasswordKeyForm):
    """A new password, after the link of the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, **kwargs)
        _label_new_password(self)


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The old password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"] = _password(_("Current password"), "current-password")
        _label_new_password(self)
        self.order_fields(["oldpassword", "password1"])


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    """The password once more, before a change that matters."""

    password = _password(_("Password"), "current-password")

    def clean_password(self) -> str:
        """Try the password, unless this was tried too often."""
        with _throttled(self):
            return str(super().clean_password())


class ChangeEmailForm(allauth_forms.AddEmailForm):
    """The new address; it counts once it is confirmed."""

    email = _email(_("New e-mail address"))


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        help_text=_("What it is for: “upload script at home”."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=(
            (Scope.READ.value, _("Read: search, releases, my account")),
            (Scope.DOWNLOAD.value, _("Download .torrent files in my name")),
            (Scope.PUBLISH.value, _("Publish in my name")),
        ),
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ.value],
    )
    lifetime_d = forms.TypedChoiceField(
        label=_("It lives"),
        choices=((30, _("30 days")), (90, _("90 days")), (LONGEST_D, _("1 year"))),
        coerce=int,
        initial=LONGEST_D,
    )

    def token_request(self) -> TokenRequest:
        """Return what is asked."""
        data = self.cleaned_data
        return TokenRequest(data["name"], frozenset(data["scopes"]), data["lifetime_d"])


def _reasons() -> list[tuple[str, str]]:
    days = settings.BOTTIN_KEY_GRACE_S // 86_400
    routine = ngettext(
        "As a precaution: the old key works %(n)d day more",
        "As a precaution: the old key works %(n)d days more",
        days,
    )
    return [
        ("routine", routine % {"n": days}),
        ("compromised", gettext("Someone else has it: the old key stops at once")),
    ]


class RenewKeyForm(forms.Form):
    """Why the announce key is renewed: that decides whether the old one gets a grace."""

    reason = forms.ChoiceField(
        label=_("Why do you renew it?"),
        choices=_reasons,
        widget=forms.RadioSelect,
        initial="routine",
    )


class SettingsForm(forms.Form):
    """How pages speak and look."""

    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
    theme = forms.ChoiceField(
        label=_("Appearance"), choices=Theme.choices, widget=forms.RadioSelect
    )


def _label_new_password(form: forms.Form) -> None:
    """Ask for the new password once: browsers show it, and a reset mends a slip."""
    field = form.fields["password1"]
    field.label, field.help_text = _("New password"), _PASSWORD_HELP
    field.widget.attrs = {"autocomplete": "new-password"}
    del form.fields["password2"]
