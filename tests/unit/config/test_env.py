"""Settings are read from three places, and wrong ones stop the start with a sentence."""

from pathlib import Path

import pytest

from bottin.config import env
from bottin.config.errors import ConfigError
from bottin.config.values import Address, Rate


def refused(environ: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as error:
        env.read(environ)
    return str(error.value)


def test_nothing_has_to_be_set() -> None:
    options = env.read({})

    assert (options.origin, options.is_embedded) == ("http://127.0.0.1:8411", True)


def test_the_data_directory_is_absolute() -> None:
    assert env.read({"BOTTIN_DATA_DIR": "here"}).data_dir == Path.cwd() / "here"


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bottin.toml"
    file.write_text('site_name = "File"\nweb_threads = 7\ntracker_listen = ["127.0.0.1:1"]\n')

    options = env.read({"BOTTIN_CONFIG": str(file), "BOTTIN_SITE_NAME": "Variable"})

    assert (options.site_name, options.web_threads) == ("Variable", 7)
    assert options.tracker_listen == (Address("127.0.0.1", 1),)


def test_lists_are_split_at_commas() -> None:
    options = env.read({"BOTTIN_TRACKER_LISTEN": "0.0.0.0:6969, [::]:6969"})

    assert [str(address) for address in options.tracker_listen] == ["0.0.0.0:6969", "[::]:6969"]


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s" * 40 + "\n")

    options = env.read({"BOTTIN_SECRET_FILE": str(file)})

    assert options.secret is not None
    assert options.secret.reveal() == "s" * 40


def test_a_secret_never_shows_itself() -> None:
    options = env.read({"BOTTIN_SECRET": "s" * 40, "DATABASE_URL": "postgresql://u:hush@h/n"})

    shown = f"{options} {options!r} {options.secret} {options.model_dump()}"
    shown += options.model_dump_json()

    assert "s" * 40 not in shown
    assert "hush" not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"BOTTIN_WEB_LISTN": "x"}, "did you mean BOTTIN_WEB_LISTEN?"),
        ({"BOTTIN_XYZZY": "x"}, "BOTTIN_XYZZY is not a setting: docs/settings.md lists them."),
        ({"BOTTIN_WEB_LISTEN": "8411"}, "is not an address such as 127.0.0.1:8411"),
        ({"BOTTIN_WEB_LISTEN": "::1:8411"}, "an IPv6 address goes in brackets"),
        ({"BOTTIN_WEB_LISTEN": "127.0.0.1:99999"}, "is not an address"),
        ({"BOTTIN_WEB_THREADS": "many"}, "BOTTIN_WEB_THREADS: "),
        ({"BOTTIN_WEB_THREADS": "0"}, "greater than or equal to 1"),
        ({"BOTTIN_DEMO": "yes"}, "BOTTIN_DEMO: 'yes' is neither true nor false."),
        ({"BOTTIN_ACCESS": "open"}, "'public', 'semi-private' or 'private'"),
        ({"BOTTIN_TIME_ZONE": "Paris"}, "is not a time zone such as Europe/Paris"),
        ({"BOTTIN_SITE_URL": "bottin.example"}, "is not a site address"),
        ({"BOTTIN_SITE_URL": "https://bottin.example/path"}, "is not a site address"),
        ({"BOTTIN_TORRENT_MAX_SIZE": "4 potatoes"}, "is not a size such as 4MiB"),
        ({"BOTTIN_THROTTLE_LOGIN": "often"}, "is not a rate such as 10/5m"),
        ({"BOTTIN_THROTTLE_LOGIN": "0/5m"}, "allows nothing"),
        ({"BOTTIN_SECRET": "short"}, "must have at least 32 characters"),
        ({"DATABASE_URL": ""}, "DATABASE_URL: is empty."),
        ({"BOTTIN_TRACKER_LISTEN": ""}, "BOTTIN_TRACKER_LISTEN: names no address."),
        ({"BOTTIN_CONFIG": "/nowhere.toml"}, "BOTTIN_CONFIG: cannot read /nowhere.toml"),
        ({"BOTTIN_SECRET_FILE": "/nowhere"}, "BOTTIN_SECRET_FILE: cannot read /nowhere."),
        (
            {"BOTTIN_SECRET": "s" * 40, "BOTTIN_SECRET_FILE": "/x"},
            "BOTTIN_SECRET is set too; keep one of them.",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence(environ: dict[str, str], sentence: str) -> None:
    assert sentence in refused(environ)


@pytest.mark.parametrize(
    ("environ", "first"),
    [
        ({"BOTTIN_DEMO": "true", "BOTTIN_WEB_LISTEN": "0.0.0.0:80"}, "BOTTIN_DEMO"),
        ({"BOTTIN_METRICS_LISTEN": "127.0.0.1:8411"}, "BOTTIN_METRICS_LISTEN"),
        ({"BOTTIN_WEB_LISTEN": "127.0.0.1:6969"}, "BOTTIN_TRACKER_LISTEN"),
        ({"BOTTIN_ANNOUNCE_MIN_INTERVAL_S": "4000"}, "BOTTIN_ANNOUNCE_MIN_INTERVAL_S"),
        ({"BOTTIN_PEER_EXPIRY_S": "1800"}, "BOTTIN_PEER_EXPIRY_S"),
        ({"BOTTIN_EMAIL_USER": "u"}, "BOTTIN_EMAIL_USER"),
        (
            {
                "BOTTIN_EMAIL_USER": "u",
                "BOTTIN_EMAIL_PASSWORD": "p",
                "BOTTIN_EMAIL_SECURITY": "none",
            },
            "BOTTIN_EMAIL_SECURITY",
        ),
        ({"BOTTIN_ACCESS": "private", "BOTTIN_REGISTRATION": "open"}, "BOTTIN_REGISTRATION"),
        ({"BOTTIN_TORRENT_MAX_SIZE": "11MiB"}, "BOTTIN_TORRENT_MAX_SIZE"),
        ({"BOTTIN_PIECE_MIN_SIZE": "65MiB"}, "BOTTIN_PIECE_MIN_SIZE"),
    ],
)
def test_two_settings_that_contradict_each_other_are_refused(
    environ: dict[str, str], first: str
) -> None:
    assert refused(environ).startswith(f"{first}: ")


def test_a_wrong_secret_is_not_repeated_in_the_sentence() -> None:
    assert "hush" not in refused({"BOTTIN_SECRET": "hush"})


def test_every_wrong_value_is_told_at_once() -> None:
    sentences = refused({"BOTTIN_DEMO": "yes", "BOTTIN_WEB_THREADS": "0"}).splitlines()

    assert len(sentences) == 2


@pytest.mark.parametrize("text", ["web_listn = 1", "no toml", "[web]\nlisten = 1"])
def test_a_wrong_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bottin.toml"
    file.write_text(text)

    assert str(file) in refused({"BOTTIN_CONFIG": str(file)})


def test_a_rate_reads_as_it_is_written() -> None:
    assert [str(Rate.parse(text)) for text in ("10/5m", "2/d", "1500/300s", "5/1h")] == [
        "10/5m",
        "2/d",
        "1500/5m",
        "5/h",
    ]
