"""Writing with language models on this machine."""

FOLIO_API = 1
