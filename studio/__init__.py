"""Folio: a creative studio that runs wholly on the creator's machine."""

__version__ = "0.1.0"
