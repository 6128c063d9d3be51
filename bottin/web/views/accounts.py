"""Signing up, in and out; confirming, resetting: allauth's flows behind our limits."""

from typing import Any, Final

from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from bottin.accounts import proof, throttle
from bottin.accounts.errors import EmailTaken, NameTaken, ProofMissing, ProofRefused, TooManyTries
from bottin.accounts.models import Account
from bottin.accounts.permissions import Permission
from bottin.lib import clock
from bottin.lib.errors import DomainError
from bottin.web import signed_in
from bottin.web.account_adapter import name_taken
from bottin.web.errors import sentence_of, status_of
from bottin.web.forms.accounts import SignUpForm
from bottin.web.permissions import needs

_TROUBLED: Final = 422


class Refusing:
    """Answers 422 when a form comes back with errors, 429 when it came too often."""

    request: HttpRequest

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ANN401 - allauth's forms
        """Show the form again, values kept; `form.refusal` decides the status."""
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]  # a FormView
        refusal: DomainError | None = getattr(form, "refusal", None)
        response.status_code = _TROUBLED if refusal is None else status_of(refusal)
        if isinstance(refusal, TooManyTries):
            response["Retry-After"] = str(refusal.context["retry_after_s"])
        return response

    def refuse(self, form: Any, refusal: DomainError) -> HttpResponse:  # noqa: ANN401 - same
        """Show the form again, with the sentence of a refusal."""
        form.refusal = refusal
        form.add_error(None, ValidationError(sentence_of(refusal), code=refusal.code))
        return self.form_invalid(form)


class SignInView(Refusing, allauth_views.LoginView):
    """Sign in by name or address."""

    template_name = "account/sign_in.html"


class SignUpView(Refusing, allauth_views.SignupView):
    """Register: limits first, then the proof, then the account."""

    template_name = "account/sign_up.html"
    template_name_signup_closed = "account/sign_up_closed.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401
        """Take a form, so many times an hour."""
        key = throttle.by_address("sign-up-form", self._address())
        throttle.require(key, settings.BOTTIN_THROTTLE_SIGN_UP)
        response: HttpResponseBase = super().post(request, *args, **kwargs)
        return response

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        """Make the account, or show the form again with what is missing."""
        try:
            self._pay(form)
            response: HttpResponse = super().form_valid(form)
        except NameTaken as refusal:  # somebody was faster, between the check and the insert
            form.add_error("username", name_taken(str(refusal.context["name"])))
            return self.form_invalid(form)
        except EmailTaken:  # same, and nobody is told
            sent: HttpResponse = get_adapter().respond_email_verification_sent(self.request, None)
            return sent
        except (ProofMissing, ProofRefused, TooManyTries) as refusal:
            return self.refuse(form, refusal)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401
        """Add a fresh challenge and ticket, unless the form brings its own that still count."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        form = context["form"]
        kept = {name: str(form.data.get(name, "")) for name in ("challenge", "ticket", "solution")}
        if not kept["ticket"] or form.has_error(None, ProofRefused.code):
            door = self._door()
            kept = {"challenge": door.challenge, "ticket": door.ticket, "solution": ""}
        return context | {"proof": kept, "slow_wait_s": proof.SLOW_WAIT_S}

    def _pay(self, form: SignUpForm) -> None:
        """Take the proof, then a place in each limit that this way of registering has."""
        if form.cleaned_data.get("website"):
            return
        attempt = form.attempt(self._address())
        proof.spend(attempt, at=clock.now())
        limits = [
            (
                throttle.by_address("sign-up", attempt.address),
                settings.BOTTIN_THROTTLE_SIGN_UP_ADDRESS,
            ),
            (
                throttle.by_network("sign-up", attempt.address),
                settings.BOTTIN_THROTTLE_SIGN_UP_NETWORK,
            ),
        ]
        if not proof.is_worked(attempt):
            slow = throttle.by_address("sign-up-slow", attempt.address)
            limits.insert(0, (slow, settings.BOTTIN_THROTTLE_SIGN_UP_SLOW))
            limits.append(("sign-up-slow-site", settings.BOTTIN_THROTTLE_SIGN_UP_SLOW_SITE))
        for key, limit in limits:
            throttle.require(key, limit)

    def _door(self) -> proof.Door:
        address = self._address()
        limit = settings.BOTTIN_THROTTLE_SIGN_UP_NETWORK
        attempts = throttle.taken(throttle.by_network("sign-up", address), limit)
        return proof.open_door(address, attempts=attempts, at=clock.now())

    def _address(self) -> str:
        return signed_in.origin_of(self.request).address


class AskResetView(Refusing, allauth_views.PasswordResetView):
    """Ask for a link to a new password; the answer is the same for every address."""

    template_name = "account/ask_reset.html"

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401
        """Send the link, so many times a day from one address; to one mailbox, see send_mail."""
        key = throttle.by_address("reset", signed_in.origin_of(self.request).address)
        try:
            throttle.require(key, settings.BOTTIN_THROTTLE_PASSWORD_RESET)
        except TooManyTries as refusal:
            return self.refuse(form, refusal)
        if not form.users:
            _write_to_nobody(form.cleaned_data["email"])
        response: HttpResponse = super().form_valid(form)
        return response


class ResetView(Refusing, allauth_views.PasswordResetFromKeyView):
    """Choose a new password, after the link of the mail."""

    template_name = "account/reset.html"


class ConfirmView(allauth_views.ConfirmEmailView):
    """Confirm an address, by a button: mail scanners follow links."""

    template_name = "account/confirm.html"

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """Show the button, or that the link is out of date."""
        response: HttpResponse = super().get(*args, **kwargs)
        if self.object is None:
            response.status_code = 410
        return response


class SignOutView(allauth_views.LogoutView):
    """Sign this browser out."""

    template_name = "account/sign_out.html"


class ReauthenticateView(Refusing, allauth_views.ReauthenticateView):
    """Type the password once more."""

    template_name = "account/again.html"


class ChangePasswordView(Refusing, allauth_views.PasswordChangeView):
    """Replace the password; the other browsers are signed out."""

    template_name = "account/change_password.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401
        """Try, as often as signing in is allowed: the old password is asked here too."""
        key = throttle.key_of("change-password", str(request.user.pk))
        throttle.require(key, settings.BOTTIN_THROTTLE_LOGIN)
        response: HttpResponseBase = super().post(request, *args, **kwargs)
        return response


class ChangeEmailView(Refusing, allauth_views.EmailView):
    """Ask for another address; it counts once confirmed, and the old one is told."""

    template_name = "account/change_email.html"

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401
        """Send a link to the new address, so many times a day."""
        key = throttle.key_of("email", str(self.request.user.pk))
        try:
            throttle.require(key, settings.BOTTIN_THROTTLE_EMAIL_CHANGE)
        except TooManyTries as refusal:
            return self.refuse(form, refusal)
        response: HttpResponse = super().form_valid(form)
        return response


def _write_to_nobody(email: str) -> None:
    """Do the work of a reset mail and drop it: a stopwatch cannot tell who has an account."""
    nobody = Account(pk=0, name="nobody", email="", password=UNUSABLE_PASSWORD_PREFIX)
    token = default_token_generator.make_token(nobody)
    facts = {"user": nobody, "password_reset_url": token}
    get_adapter().compose("account/email/password_reset_key", email, facts)


@needs(Permission.SIGN_IN)
def confirmation_sent(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way; the same for every address."""
    return render(request, "account/confirmation_sent.html")


@needs(Permission.SIGN_IN)
def reset_sent(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way if the address has an account."""
    return render(request, "account/reset_sent.html")


@needs(Permission.SIGN_IN)
def reset_done(request: HttpRequest) -> HttpResponse:
    """Say that the password is new and every browser signed out."""
    return render(request, "account/reset_done.html")


@needs(Permission.SIGN_IN)
def inactive(request: HttpRequest) -> HttpResponse:
    """Say that the account is suspended."""
    return render(request, "account/inactive.html", status=403)


sign_in = needs(Permission.SIGN_IN)(SignInView.as_view())
sign_up = needs(Permission.SIGN_IN)(SignUpView.as_view())
sign_out = needs(Permission.SIGN_IN)(SignOutView.as_view())
confirm = needs(Permission.SIGN_IN)(ConfirmView.as_view())
ask_reset = needs(Permission.SIGN_IN)(AskResetView.as_view())
reset = needs(Permission.SIGN_IN)(ResetView.as_view())
reauthenticate = needs(Permission.OWN_ACCOUNT)(ReauthenticateView.as_view())
change_password = needs(Permission.OWN_ACCOUNT)(ChangePasswordView.as_view())
change_email = needs(Permission.OWN_ACCOUNT)(ChangeEmailView.as_view())
