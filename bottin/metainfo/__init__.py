"""`.torrent` and magnet values (BEP 3, 9, 12, 17, 19, 27, 47, 52), without Django.

Everything others call; the rest is internal. Every refusal is a `MetainfoRefusal`.

limits    Limits(upload_bytes=4 MiB, depth=32, tokens=500_000, piece_length_min, …)   frozen
          DEFAULT_LIMITS; TRUSTED_LIMITS (10 MiB)
errors    MetainfoRefusal(DomainError) and one subclass per reason: `code`, `context`
model     Metainfo: info_bytes, info_hash_v1, info_hash_v2, info_hash (20 bytes), announced_hashes,
            version, name, files, content_files, is_single_file, size_bytes, piece_length,
            piece_count, is_private, source, piece_layers (bencoded), outside, fingerprints,
            warnings; trackers, web_seeds, http_seeds, comment, created_by, creation_date
          File: path, size_bytes, root, attr, symlink, is_pad, display_path
          Fingerprints: content_v1, pieces_sha1, file_tree, size_set, v2_roots
          Outside: trackers, web_seeds, http_seeds, nodes, comment, created_by, creation_date
          Caution: code, subject
parser    parse(raw, limits=DEFAULT_LIMITS) -> Metainfo           in this process
sandbox   parse_in_worker(raw, limits=DEFAULT_LIMITS) -> Metainfo  in a child held to META-11
          ParserPool(spares=1).parse(raw, limits); .close()        the same, children started ahead
rebuild   personal_torrent(info_bytes, outside, piece_layers=b"") -> bytes   `info` untouched
          MagnetParts(name, info_hash_v1, info_hash_v2, …); MagnetParts.of(metainfo, trackers)
          magnet(parts, variant="all"|"v1"|"v2") -> str            never given a key
build     build(path, options=BuildOptions(), progress=None) -> Built(raw, …, warnings)
          BuildOptions(version="hybrid", piece_length=0, is_private, source, name, exclude, …)
          automatic_piece_length(size_bytes) -> int
tree      tree_of(files) -> Folder(name, folders, files, size_bytes, file_count, kinds)
          kind_of(name) -> Kind; natural_key(name)
fingerprints  file_tree_of([(path, size)]) -> bytes; size_set_of([size]) -> bytes   for look-ups
bencode   scan(raw, limits) -> Outline; decode(raw); encode(value) -> bytes
"""
