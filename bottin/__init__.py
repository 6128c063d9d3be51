"""Bottin: a semi-private BitTorrent tracker and directory, made for lawful sharing."""

__version__ = "0.1.0"
