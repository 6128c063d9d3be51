"""docs/publish.md says every option, key and exit code that there is."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from bottin.config.commands import publish_exits
from bottin.config.commands.publish import app
from bottin.config.publishing import tables
from bottin.config.publishing.sidecar import parse

PAGE = (Path(__file__).parents[3] / "docs/publish.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_option_is_in_the_table() -> None:
    named = set(re.findall(r"--[a-z][a-z-]*", section("Options")))
    there = {name for one in get_command(app).params for name in (*one.opts, *one.secondary_opts)}
    unsaid = {"--found", "--no-private-flag", "--install-completion", "--show-completion"}

    assert {name for name in there if name.startswith("--")} - unsaid == named


def test_every_exit_code_is_in_the_table() -> None:
    told = [int(code) for code in re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)]
    there = [value for name, value in vars(publish_exits).items() if name.isupper()]

    assert told == sorted(value for value in there if isinstance(value, int))


def test_every_key_of_the_sidecar_is_in_the_table() -> None:
    keys = {*tables._READERS, *tables._WISHES, tables.DESCRIPTION_FILE, "torrent"}

    assert [key for key in sorted(keys) if f"`{key}`" not in PAGE and f"[{key}]" not in PAGE] == []


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_can_be_read(example: str) -> None:
    if "site =" in example:
        assert 'template = "concerts"' in example
    else:
        assert parse(example, "bottin.toml").releases["2019-06 Lyon"].fields["year"].value == "2019"
