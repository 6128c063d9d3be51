"""Fuzz the parser: `python -m tests.fuzz.metainfo.fuzz_parse [-max_total_time=60] [FOLDER]`.

Anything but a refusal is a finding, and so is a torrent that changes when it is handed out.
"""

import sys

import atheris

with atheris.instrument_imports(include=["bottin.metainfo"]):
    from bottin.metainfo.errors import MetainfoRefusal
    from bottin.metainfo.parser import parse
    from bottin.metainfo.rebuild import personal_torrent


def one_input(raw: bytes) -> None:
    """Parse, hand out, parse again."""
    try:
        metainfo = parse(raw)
    except MetainfoRefusal:
        return
    again = parse(personal_torrent(metainfo.info_bytes, metainfo.outside, metainfo.piece_layers))
    assert again.info_bytes == metainfo.info_bytes


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
