"""Refusals of metainfo: one class per reason, each with the particulars in its context."""

from bottin.lib.errors import DomainError


class MetainfoRefusal(DomainError):
    """Base of all refusals here; catch it to catch them all."""

    code = "metainfo.refused"


# --- the file as bytes ------------------------------------------------------------------------


class MetainfoTooLarge(MetainfoRefusal):
    """META-2. Context: `size_bytes`, `limit_bytes`."""

    code = "metainfo.too_large"


class CompressedUpload(MetainfoRefusal):
    """META-2: a gzip or zip body. Context: `format`."""

    code = "metainfo.compressed"


class MalformedBencode(MetainfoRefusal):
    """The file is not bencoded as BEP 3 says. Context: `offset` in bytes, `reason`."""

    code = "metainfo.malformed_bencode"


class InfoNotCanonical(MetainfoRefusal):
    """META-1: `info` could be hashed in two ways. Context: `offset`, `reason`, `hint`."""

    code = "metainfo.info_not_canonical"


class NestedTooDeep(MetainfoRefusal):
    """META-3. Context: `offset`, `limit`."""

    code = "metainfo.nested_too_deep"


class TooManyTokens(MetainfoRefusal):
    """META-3. Context: `offset`, `limit`."""

    code = "metainfo.too_many_tokens"


class IntegerOutOfRange(MetainfoRefusal):
    """META-3: a negative or huge integer, or sum of lengths. Context: `offset` or `key`."""

    code = "metainfo.integer_out_of_range"


# --- the dictionary ---------------------------------------------------------------------------


class MissingKey(MetainfoRefusal):
    """A key that BEP 3, 47 or 52 requires is absent. Context: `key`."""

    code = "metainfo.missing_key"


class WrongType(MetainfoRefusal):
    """A known key holds another type. Context: `key`, `expected`."""

    code = "metainfo.wrong_type"


class UnsupportedVersion(MetainfoRefusal):
    """BEP 52: `meta version` is not 2. Context: `version`."""

    code = "metainfo.unsupported_version"


class AmbiguousLayout(MetainfoRefusal):
    """Two keys describe the content in two ways. Context: `keys`."""

    code = "metainfo.ambiguous_layout"


class BadPrivateFlag(MetainfoRefusal):
    """META-9: `private` is neither 0 nor 1. Context: `value`."""

    code = "metainfo.bad_private_flag"


# --- files ------------------------------------------------------------------------------------


class EmptyContent(MetainfoRefusal):
    """Nothing to share: no file, or files of zero bytes only."""

    code = "metainfo.empty_content"


class TooManyFiles(MetainfoRefusal):
    """META-5. Context: `limit`."""

    code = "metainfo.too_many_files"


class BadPath(MetainfoRefusal):
    """META-5, META-6. Context: `path` (names joined by `/`), `reason`."""

    code = "metainfo.bad_path"


class DuplicatePath(MetainfoRefusal):
    """META-5, META-6: two names are one on some disk. Context: `path`, `other`."""

    code = "metainfo.duplicate_path"


class BadAttr(MetainfoRefusal):
    """META-7: an `attr` outside BEP 47's. Context: `path`, `attr`."""

    code = "metainfo.bad_attr"


class BadSymlink(MetainfoRefusal):
    """META-7: a link that leaves the root or carries bytes. Context: `path`, `reason`."""

    code = "metainfo.bad_symlink"


# --- pieces -----------------------------------------------------------------------------------


class BadPieceLength(MetainfoRefusal):
    """META-4. Context: `piece_length`."""

    code = "metainfo.bad_piece_length"


class PieceCountMismatch(MetainfoRefusal):
    """META-4: `pieces` does not cover the content. Context: `expected`, `found` (bytes)."""

    code = "metainfo.piece_count_mismatch"


class TooManyPieces(MetainfoRefusal):
    """META-4. Context: `pieces`, `limit`."""

    code = "metainfo.too_many_pieces"


class BadPiecesRoot(MetainfoRefusal):
    """META-8: a `pieces root` missing, misplaced or not 32 bytes. Context: `path`."""

    code = "metainfo.bad_pieces_root"


class BadPieceLayers(MetainfoRefusal):
    """META-8: `piece layers` missing or not hashing to the root. Context: `path`, `reason`."""

    code = "metainfo.bad_piece_layers"


class HybridMismatch(MetainfoRefusal):
    """META-8: the v1 and v2 halves describe different files. Context: `path`, `reason`."""

    code = "metainfo.hybrid_mismatch"


# --- making and giving ------------------------------------------------------------------------


class ContentChanged(MetainfoRefusal):
    """A file changed while it was hashed. Context: `path`."""

    code = "metainfo.content_changed"


class ContentUnreadable(MetainfoRefusal):
    """A file or folder cannot be read. Context: `path`, `reason`."""

    code = "metainfo.content_unreadable"


class PrivateMagnet(MetainfoRefusal):
    """MAG-4: a private torrent has no magnet link."""

    code = "metainfo.private_magnet"


class NoSuchVariant(MetainfoRefusal):
    """MAG-5: a v1-only or v2-only link of a torrent without that hash. Context: `variant`."""

    code = "metainfo.no_such_variant"


class ParserCrashed(MetainfoRefusal):
    """META-11: the sandboxed parser died or ran out of time or memory. Context: `reason`."""

    code = "metainfo.parser_crashed"
