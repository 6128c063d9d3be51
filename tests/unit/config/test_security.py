"""Production settings pass Django's own audit; passwords cost what they should (SEC-5 to SEC-9)."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

import pytest

from bottin.config.hashers import BoundedArgon2Hasher

ROOT: Final = Path(__file__).resolve().parents[3]
_ASK: Final = """
import json
from bottin.config import settings as s
print(json.dumps({name: getattr(s, name) for name in %r}))
"""


def settings_of_a_site(tmp_path: Path, names: list[str], **given: str) -> dict[str, object]:
    """Read Django settings as a site with these settings of ours would."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("BOTTIN_")}
    done = subprocess.run(
        [sys.executable, "-c", _ASK % names],
        cwd=ROOT,
        env={**environ, "BOTTIN_DATA_DIR": str(tmp_path), **given},
        capture_output=True,
        check=True,
        text=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_site_in_public_passes_djangos_audit(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    public = {"BOTTIN_DATA_DIR": str(tmp_path), "BOTTIN_SITE_URL": "https://bottin.example"}

    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **public}, capture_output=True, check=False, text=True
    )

    assert done.returncode == 0, done.stderr


def test_cookies_of_a_public_site_are_bound_to_its_host_and_tls(tmp_path: Path) -> None:
    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE"]

    found = settings_of_a_site(tmp_path, names, BOTTIN_SITE_URL="https://bottin.example")

    assert list(found.values()) == ["__Host-sessionid", "__Host-csrftoken", True]


def test_tls_is_promised_for_two_years_only_where_there_is_tls(tmp_path: Path) -> None:
    names = ["SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT"]

    assert settings_of_a_site(tmp_path, names) == {
        "SECURE_HSTS_SECONDS": 0,
        "SECURE_SSL_REDIRECT": False,
    }
    public = settings_of_a_site(tmp_path, names, BOTTIN_SITE_URL="https://bottin.example")
    assert public == {"SECURE_HSTS_SECONDS": 63_072_000, "SECURE_SSL_REDIRECT": True}


def test_passwords_cost_46_mib_by_default(tmp_path: Path) -> None:
    ask = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'bottin.config.settings'\n"
        "from django.contrib.auth.hashers import make_password\n"
        "print(make_password('a password'))"
    )
    environ = {name: text for name, text in os.environ.items() if name != "BOTTIN_ARGON2_MEMORY"}

    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=ROOT,
        env={**environ, "BOTTIN_DATA_DIR": str(tmp_path)},
        capture_output=True,
        check=True,
        text=True,
    )

    assert done.stdout.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")


def test_only_four_passwords_are_hashed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = [0], [0], threading.Lock()

    def slow(_self: object, _password: str, _salt: str) -> str:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= 1
        return "hash"

    monkeypatch.setattr("django.contrib.auth.hashers.Argon2PasswordHasher.encode", slow)
    threads = [
        threading.Thread(target=BoundedArgon2Hasher().encode, args=("p", "s")) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most[0] == 4
