"""The examples of docs/api.md, run in their order."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import catalog
from tests.factories.api import Caller

GUIDE: Final = Path(__file__).parents[3] / "docs" / "api.md"
_BLOCK: Final = re.compile(r"```(http|json)\n(.*?)```", re.DOTALL)

pytestmark = pytest.mark.django_db


def test_each_example_answers_what_it_says(trusted: Caller) -> None:
    import json

    catalog.published(title="Une image libre", category_id=catalog.LINUX)
    answers: list[Any] = []

    for kind, block in _BLOCK.findall(GUIDE.read_text()):
        if kind == "http":
            answers = _sent(trusted, block)
        else:
            _check(json.loads(block), answers[-1].json())

    assert len(_BLOCK.findall(GUIDE.read_text())) >= 8


def _sent(caller: Caller, block: str) -> list[Any]:
    """Send the requests of an example: several lines, or one with headers and a form."""
    head, _, body = block.strip().partition("\n\n")
    lines = head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    headers = {name: value.replace("$TOKEN", caller.token or "") for name, value in headers.items()}
    requests = [line.split(" ", 1) for line in lines if ": " not in line]
    answers = [_send(caller, method, address, headers, body) for method, address in requests]
    assert all(answer.status_code in {200, 201, 422} for answer in answers), block
    return answers


def _send(caller: Caller, method: str, address: str, headers: dict[str, str], body: str) -> Any:
    if method == "GET":
        return caller.client.get(address, headers=headers)
    return caller.client.post(address, _form(body), headers=headers)


def _form(body: str) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for line in body.splitlines():
        name, value = line.split("=", 1)
        if value.startswith("@"):
            form[name] = SimpleUploadedFile(value[1:], catalog.torrent())
        else:
            form.setdefault(name, []).append(value)
    return form


def _check(shown: Any, found: Any) -> None:
    """Hold what the guide shows against the answer: all it shows is there, nothing is implied."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            _check(value, found[name])
    elif isinstance(shown, list):
        assert len(shown) == len(found)
        for one, other in zip(shown, found, strict=True):
            _check(one, other)
    else:
        assert shown == found
