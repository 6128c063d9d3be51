"""One secret, made once, readable by its owner; one key for each purpose."""

import threading
from pathlib import Path

import pytest

from bottin.config import env, keys
from bottin.config.errors import ConfigError
from bottin.config.options import Options


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Give the settings of a site that never started."""
    return env.read({"BOTTIN_DATA_DIR": str(tmp_path / "data")})


def test_the_secret_is_made_once(options: Options) -> None:
    first = keys.site_secret(options)

    assert keys.site_secret(options) == first
    assert len(first) >= 43


def test_only_its_owner_reads_it(options: Options) -> None:
    keys.site_secret(options)

    file = options.data_dir / keys.FILE_NAME
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="can be read by others"):
        keys.site_secret(options)


def test_many_first_starts_agree(options: Options) -> None:
    seen: list[str] = []
    threads = [
        threading.Thread(target=lambda: seen.append(keys.site_secret(options))) for _ in range(20)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 20
    assert len(set(seen)) == 1
    assert [path.name for path in options.data_dir.iterdir()] == [keys.FILE_NAME]


def test_a_cut_secret_is_refused(options: Options) -> None:
    keys.site_secret(options)
    (options.data_dir / keys.FILE_NAME).write_text("short")

    with pytest.raises(ConfigError, match="too short"):
        keys.site_secret(options)


def test_a_setting_wins_over_the_file(tmp_path: Path) -> None:
    options = env.read({"BOTTIN_DATA_DIR": str(tmp_path), "BOTTIN_SECRET": "s" * 40})

    assert keys.site_secret(options) == "s" * 40
    assert list(tmp_path.iterdir()) == []


def test_each_purpose_has_a_key_of_its_own() -> None:
    purposes = [keys.DJANGO, keys.SESSION, keys.ANNOUNCE, keys.CONNECTION]

    made = {keys.derive("s" * 40, purpose) for purpose in purposes}

    assert (len(made), {len(key) for key in made}) == (4, {32})


def test_a_key_never_changes() -> None:
    # Pinned: another value would break every `.torrent` handed out.
    assert keys.derive("0" * 43, keys.ANNOUNCE).hex() == (
        "d254fa9d33db94531ad28d06a38745626266119fbd970004c42365a0cacb4f6c"
    )
