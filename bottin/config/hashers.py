"""How passwords are hashed: Argon2id, a bounded number at a time (SEC-9)."""

import threading
from typing import Final

import bcrypt
from django.contrib.auth.hashers import Argon2PasswordHasher, BCryptPasswordHasher
from django.utils.crypto import constant_time_compare

from bottin.config import env
from bottin.config.values import KIB

_options = env.load()
_BCRYPT_BYTES: Final = 72
# A flood of sign-ins queues here: at most this many times 46 MiB, however many threads.
_TURNS: Final = threading.BoundedSemaphore(_options.argon2_concurrent)


class BoundedArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with the site's costs; threads wait for their turn."""

    time_cost = _options.argon2_time
    memory_cost = _options.argon2_memory // KIB
    parallelism = _options.argon2_parallelism

    def encode(self, password: str, salt: str) -> str:
        """Hash a password."""
        with _TURNS:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether the password made this hash."""
        with _TURNS:
            return super().verify(password, encoded)


class FormerBcryptHasher(BCryptPasswordHasher):
    """Reads the bcrypt hashes of imported accounts; the first sign-in hashes the password anew.

    As bcrypt has always done elsewhere, what follows the 72nd byte of a password
    does not count; one that bcrypt cannot read at all is a wrong one.
    """

    def encode(self, password: str, salt: str | bytes) -> str:
        """Hash the part of a password that counts."""
        counted = password.encode()[:_BCRYPT_BYTES]
        known = salt.encode("ascii") if isinstance(salt, str) else salt
        with _TURNS:
            hashed = bcrypt.hashpw(counted, known)
        return f"{self.algorithm}${hashed.decode('ascii')}"

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether the password made this hash."""
        _algorithm, _dollar, former = encoded.partition("$")
        try:
            return constant_time_compare(encoded, self.encode(password, former))
        except ValueError:
            return False
