"""What people are told when a `.torrent` is refused: one sentence for each code."""

from typing import Final

from bottin.api.marks import marked as _

METAINFO: Final[dict[str, str]] = {
    "metainfo.refused": _("The torrent file was refused."),
    "metainfo.too_large": _(
        "The torrent file has %(size_bytes)s bytes; at most %(limit_bytes)s are taken."
    ),
    "metainfo.compressed": _("Send the torrent file itself, not a %(format)s archive."),
    "metainfo.malformed_bencode": _(
        "The file is not a torrent: its encoding is wrong at byte %(offset)s."
    ),
    "metainfo.info_not_canonical": _(
        "The info dictionary is not in canonical form at byte %(offset)s: make the torrent again."
    ),
    "metainfo.nested_too_deep": _(
        "The torrent file nests too deeply at byte %(offset)s; the limit is %(limit)s."
    ),
    "metainfo.too_many_tokens": _("The torrent file holds more than %(limit)s values."),
    "metainfo.integer_out_of_range": _("The torrent file holds a number that cannot be right."),
    "metainfo.missing_key": _("The key “%(key)s” is missing from the torrent file."),
    "metainfo.wrong_type": _("The key “%(key)s” of the torrent file should be: %(expected)s."),
    "metainfo.unsupported_version": _(
        "The torrent is of version %(version)s; versions 1 and 2 are known here."
    ),
    "metainfo.ambiguous_layout": _("The torrent describes its content in two ways: %(keys)s."),
    "metainfo.bad_private_flag": _("The key “private” must be 0 or 1, not %(value)s."),
    "metainfo.empty_content": _("The torrent holds nothing: no file, or empty files only."),
    "metainfo.too_many_files": _("The torrent holds more than %(limit)s files."),
    "metainfo.bad_path": _("The path “%(path)s” is not allowed (%(reason)s)."),
    "metainfo.duplicate_path": _(
        "The paths “%(path)s” and “%(other)s” would be the same file on some computers."
    ),
    "metainfo.bad_attr": _("The file “%(path)s” has unknown attributes: %(attr)s."),
    "metainfo.bad_symlink": _("The link “%(path)s” is not allowed (%(reason)s)."),
    "metainfo.bad_piece_length": _(
        "Pieces of %(piece_length)s bytes are not allowed: a power of two,"
        " from 16 KiB to 64 MiB, is needed."
    ),
    "metainfo.piece_count_mismatch": _("The pieces of the torrent do not cover its content."),
    "metainfo.too_many_pieces": _(
        "The torrent has %(pieces)s pieces, the limit is %(limit)s: use larger pieces."
    ),
    "metainfo.bad_pieces_root": _("The root of the file “%(path)s” is missing or wrong."),
    "metainfo.bad_piece_layers": _(
        "The piece layers of the file “%(path)s” do not match its root."
    ),
    "metainfo.hybrid_mismatch": _(
        "The two halves of this hybrid torrent describe different files: “%(path)s”."
    ),
    "metainfo.content_changed": _("The file “%(path)s” changed while it was read: start again."),
    "metainfo.content_unreadable": _("“%(path)s” cannot be read (%(reason)s)."),
    "metainfo.private_magnet": _("A private torrent has no magnet link."),
    "metainfo.no_such_variant": _("This torrent has no %(variant)s hash."),
    "metainfo.parser_crashed": _(
        "The torrent file took too much time or memory to read, and was given up."
    ),
}
