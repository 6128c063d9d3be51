"""How passwords are hashed: Argon2id, a bounded number at a time (SEC-9)."""

import threading
from typing import Final

from django.contrib.auth.hashers import Argon2PasswordHasher

from bottin.config import env
from bottin.config.values import KIB

_options = env.load()
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
