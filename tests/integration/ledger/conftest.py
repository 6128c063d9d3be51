"""Where the journal is, for tests of this process."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a folder of this test as that of the journal."""
    from bottin.tracker import site

    monkeypatch.setattr(site, "journal_folder", lambda: tmp_path / "journal")
    return tmp_path / "journal"


@pytest.fixture
def five_facts(folder: Path) -> None:
    """Write a journal of five facts, two a segment."""
    from tests.integration.ledger import few_facts

    few_facts.write(folder)
