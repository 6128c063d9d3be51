"""A setting that nothing reads is a promise that nobody keeps."""

import re
from pathlib import Path
from typing import Final

from bottin.config.options import Options

ROOT: Final = Path(__file__).resolve().parents[2]
_DEFINED: Final = {"options.py", "limits.py"}


def test_every_setting_is_read_somewhere() -> None:
    sources = (ROOT / "bottin").rglob("*.py")
    code = "\n".join(path.read_text("utf-8") for path in sources if path.name not in _DEFINED)

    unread = [
        name
        for name in Options.model_fields
        if not re.search(rf"\b({name}|BOTTIN_{name.upper()})\b", code)
    ]

    assert unread == []
