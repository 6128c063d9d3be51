"""How passwords are hashed: Argon2id, a bounded number at a time (SEC-9)."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import bcrypt
from django.contrib.auth.hashers import Argon2PasswordHasher, BCryptPasswordHasher
from django.utils.crypto import constant_time_compare

from bottin.config import env
from bottin.config.values import KIB

_options = env.load()
ARGON2: Final = "argon2"
BCRYPT: Final = "bcrypt"
_BCRYPT_BYTES: Final = 72
# A flood of sign-ins queues here: at most this many times 46 MiB, however many threads.
_TURNS: Final = threading.BoundedSemaphore(_options.argon2_concurrent)
_work: Final[ContextVar[Counter[str] | None]] = ContextVar("hashes", default=None)


@contextmanager
def noted() -> Iterator[Counter[str]]:
    """Count the hashes made meanwhile, by algorithm; what encloses this counts them too."""
    outer, mine = _work.get(), Counter[str]()
    token = _work.set(mine)
    try:
        yield mine
    finally:
        _work.reset(token)
        if outer is not None:
            outer.update(mine)


def even_out(done: Counter[str], password: str, former: str) -> None:
    """Do the work that another kind of account would have cost (SEC-13).

    `former` is the hash of some imported account: while there is one, a wrong
    password costs a hash of each kind, whoever it was tried on.
    """
    if not done[ARGON2]:
        hasher = BoundedArgon2Hasher()
        hasher.encode(password, hasher.salt())
    if not done[BCRYPT]:
        FormerBcryptHasher().verify(password, former)


def _note(algorithm: str) -> None:
    work = _work.get()
    if work is not None:
        work[algorithm] += 1


class BoundedArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with the site's costs; threads wait for their turn."""

    time_cost = _options.argon2_time
    memory_cost = _options.argon2_memory // KIB
    parallelism = _options.argon2_parallelism

    def encode(self, password: str, salt: str) -> str:
        """Hash a password."""
        _note(ARGON2)
        with _TURNS:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether the password made this hash."""
        _note(ARGON2)
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
        _note(BCRYPT)
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
