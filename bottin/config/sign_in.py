"""Who signs in with a password: a wrong one takes as long for every name (SEC-13)."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from bottin.accounts import queries
from bottin.config import hashers


class EvenBackend(AuthenticationBackend):
    """Finds the account; does the same work when there is none, or an imported one."""

    def authenticate(
        self,
        request: HttpRequest | None,
        **credentials: Any,  # noqa: ANN401 - theirs
    ) -> AbstractBaseUser | None:
        """Return the account whose password this is, None for a wrong one."""
        with hashers.noted() as done:
            found: AbstractBaseUser | None = super().authenticate(request, **credentials)
        password = credentials.get("password")
        former = queries.former_password() if found is None and password else None
        if former and password:
            hashers.even_out(done, password, former)
        return found
